// The package in a real n8n, installed in each way that the README describes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './lib/check.mjs';
import { ourTypes, startN8n } from './lib/n8n.mjs';
import { PACKAGE, pack, unpack, userFolder } from './lib/package.mjs';
import { newFolder } from './lib/paths.mjs';
import { stop } from './lib/processes.mjs';

/** Installed by hand: what the README says, with the tarball instead of the name. */
function npmInstall() {
	const user = newFolder('user');
	const nodes = join(user, '.n8n', 'nodes');
	mkdirSync(nodes, { recursive: true });
	execFileSync('npm', ['install', '--omit=peer', pack()], { cwd: nodes, stdio: 'pipe' });
	// A second n8n-workflow would create errors that n8n does not recognize.
	assert.ok(
		!existsSync(join(nodes, 'node_modules', 'n8n-workflow')),
		'npm installed an n8n-workflow',
	);
	return user;
}

const WAYS = [
	['Settings → Community Nodes', `${PACKAGE}.`, () => ({ userFolder: userFolder() })],
	['npm install', `${PACKAGE}.`, () => ({ userFolder: npmInstall() })],
	[
		'N8N_CUSTOM_EXTENSIONS',
		'CUSTOM.',
		() => ({
			userFolder: newFolder('user'),
			env: { N8N_CUSTOM_EXTENSIONS: unpack(join(newFolder('extensions'), 'node_modules')) },
		}),
	],
];

await check('install', async () => {
	const told = [];
	for (const [way, prefix, prepare] of WAYS) {
		const n8n = await startN8n({ name: `install-${told.length + 1}`, ...prepare() });
		const types = await ourTypes(n8n.rest, prefix);
		told.push(`${way}: ${types.length} types, n8n ready in ${n8n.seconds.toFixed(1)} s`);
		await stop(n8n.program);
	}
	return told;
});
