/**
 * The packed node in a real n8n: sets everything up on a bare machine (see e2e/README.md), then runs the
 * files of e2e/ one after the other, each with its own n8n and emulator, and fails if one of them fails.
 * `npm run e2e -- install production` runs only those.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fail, install, root } from './setup.mjs';

/** What runs, in order, and the programs of the system that each of them needs. */
const FILES = {
	core: [],
	scan: [],
	install: [],
	credential: ['chromium'],
	editor: ['chromium'],
	production: [],
	queue: ['redis-server', 'postgresql'],
	oldest: [],
};

const given = process.argv.slice(2);
const unknown = given.filter((name) => !(name in FILES));
if (unknown.length > 0)
	fail(`No such test: ${unknown.join(', ')}. There are ${Object.keys(FILES).join(', ')}.`);
const names = given.length > 0 ? given : Object.keys(FILES);

try {
	await install();
	const { installN8n, installOldest, installSystem } = await import('../e2e/prepare.mjs');
	await installSystem(new Set(names.flatMap((name) => FILES[name])));
	if (names.some((name) => name !== 'oldest')) await installN8n();
	if (names.includes('oldest')) await installOldest();
	// Only now: it needs what was just installed.
	const { pack } = await import('../e2e/lib/package.mjs');
	const env = { ...process.env, E2E_TARBALL: pack() };
	const failed = names.filter((name) => {
		const { status } = spawnSync(process.execPath, [join(root, 'e2e', `${name}.mjs`)], {
			stdio: 'inherit',
			env,
		});
		return status !== 0;
	});
	if (failed.length > 0) fail(`failed: ${failed.join(', ')}. Logs and pictures are in e2e/.out.`);
} catch (error) {
	fail(error);
}
