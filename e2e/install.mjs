// The packed tarball loads in a real n8n: as a community package, and from N8N_CUSTOM_EXTENSIONS.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { check } from './lib/check.mjs';
import { PACKAGE, pack, startN8n, typesOf, unpack, userFolderWith } from './lib/n8n.mjs';
import { newFolder } from './lib/paths.mjs';
import { stop } from './lib/processes.mjs';

/** Names of our types, under the name that n8n gives the package. */
async function ours({ rest }, prefix) {
	return (await typesOf(rest, 'nodes')).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)).sort();
}

async function credentialTypes({ rest }) {
	return (await typesOf(rest, 'credentials')).filter((name) => name.startsWith('proxmoxVe')).sort();
}

const NODES = ['proxmoxVe', 'proxmoxVeTrigger'];
const CREDENTIALS = ['proxmoxVeApi', 'proxmoxVeTicketApi'];

await check('install', async () => {
	const tarball = process.env.E2E_TARBALL ?? pack();
	const installed = await startN8n({ name: 'install-package', userFolder: userFolderWith(tarball) });
	const offered = await ours(installed, `${PACKAGE}.`);
	for (const name of NODES) assert.ok(offered.includes(name), `${name} is not among ${offered}`);
	assert.deepEqual(await credentialTypes(installed), CREDENTIALS);
	await stop(installed.program);

	const extensions = newFolder('extensions');
	const folder = unpack(tarball, join(extensions, 'node_modules'));
	const custom = await startN8n({ name: 'install-custom', userFolder: newFolder('user'), env: { N8N_CUSTOM_EXTENSIONS: folder } });
	const found = await ours(custom, 'CUSTOM.');
	for (const name of NODES) assert.ok(found.includes(name), `${name} is not among ${found}`);
	assert.deepEqual(await credentialTypes(custom), CREDENTIALS);
	return [`package: ${offered.length} types, n8n ready in ${installed.seconds.toFixed(1)} s`, `N8N_CUSTOM_EXTENSIONS: ${found.length} types`];
});
