import { mkdirSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const e2e = dirname(dirname(fileURLToPath(import.meta.url)));
export const root = dirname(e2e);

/** Logs and screenshots of the last run. */
export const out = join(e2e, '.out');
mkdirSync(out, { recursive: true });

/** Node 24, which n8n needs, from the npm package `node`. */
export const node24 = join(e2e, 'node_modules', 'node', 'bin', 'node');
export const n8nBin = join(e2e, 'node_modules', 'n8n', 'bin', 'n8n');

/** Resolves from this folder's own packages. */
export const requireHere = createRequire(join(e2e, 'package.json'));

/** A new folder that is gone with the machine's temporary files. */
export const newFolder = (name) => mkdtempSync(join(tmpdir(), `proxmox-ve-e2e-${name}-`));
