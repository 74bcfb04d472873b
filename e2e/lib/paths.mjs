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

/** An n8n and the Node that it runs on, both from npm. */
const installedIn = (folder) => ({
	node: join(folder, 'node_modules', 'node', 'bin', 'node'),
	n8n: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
});
export const current = installedIn(e2e);
export const oldest = installedIn(join(e2e, 'oldest'));

/** Resolves from this folder's own packages. */
export const requireHere = createRequire(join(e2e, 'package.json'));

/** A new folder that is gone with the machine's temporary files. */
export const newFolder = (name) => mkdtempSync(join(tmpdir(), `proxmox-ve-e2e-${name}-`));
