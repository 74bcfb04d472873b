/**
 * The packed node in a real n8n: sets everything up on a bare machine (see e2e/README.md), then runs the
 * files of e2e/ one after the other, each on an n8n and an emulator of its own, and fails if one of them does.
 * `npm run e2e -- install production` runs only those.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fail, install, root } from './setup.mjs';

const FILES = ['install', 'credential', 'editor', 'production', 'queue'];

const named = process.argv.slice(2);
const unknown = named.filter((name) => !FILES.includes(name));
if (unknown.length > 0) fail(`No such test: ${unknown.join(', ')}. There are ${FILES.join(', ')}.`);

try {
	await install();
	const { installN8n, installSystem, packTarball } = await import('../e2e/prepare.mjs');
	installSystem();
	installN8n();
	const tarball = process.env.E2E_TARBALL ?? (await packTarball());
	const failed = (named.length > 0 ? named : FILES).filter((name) => {
		const { status } = spawnSync(process.execPath, [join(root, 'e2e', `${name}.mjs`)], { stdio: 'inherit', env: { ...process.env, E2E_TARBALL: tarball } });
		return status !== 0;
	});
	if (failed.length > 0) fail(`failed: ${failed.join(', ')}. Logs and pictures are in e2e/.out.`);
} catch (error) {
	fail(error);
}
