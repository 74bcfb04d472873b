// What must never break, and what .ci/run runs: n8n loads the packed package, tells good credentials from bad ones,
// and takes a webhook to a VM, a notification and an answer.
import assert from 'node:assert/strict';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator } from './lib/emulator.mjs';
import { callAtOnce } from './lib/atOnce.mjs';
import { createCredential, ourTypes, startN8n, testCredential } from './lib/n8n.mjs';
import { PACKAGE, userFolder } from './lib/package.mjs';
import { startSink } from './lib/sink.mjs';

const OTHER_SECRET = '99999999-9999-4999-8999-999999999999';

await check('core', async (later) => {
	const emulator = await startEmulator();
	const sink = await startSink();
	later(() => emulator.close());
	later(() => sink.close());
	const n8n = await startN8n({ name: 'core', userFolder: userFolder() });
	const { rest } = n8n;
	const types = await ourTypes(rest, `${PACKAGE}.`);

	const verdict = async (data, type) => await testCredential(rest, await createCredential(rest, data, { type }), data, type);
	const good = credentialData(emulator);
	const untrusted = credentialData(emulator, { ca: '' });
	assert.equal((await verdict(good)).status, 'OK');
	assert.equal((await verdict({ ...good, ca: good.ca.trim().replace(/\n/g, ' ') })).status, 'OK', 'the CA on one line');
	assert.equal((await verdict({ ...untrusted, ignoreSslIssues: true })).status, 'OK');
	assert.match((await verdict({ ...good, tokenSecret: OTHER_SECRET })).message, /^Proxmox VE refused the token\./);
	// n8n shows the bare code of a failed handshake; nothing that the credential type says can stand in for it.
	assert.match((await verdict(untrusted)).message, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/);
	const [username] = Object.keys(emulator.passwords);
	const ticket = { url: good.url, ca: good.ca, ignoreSslIssues: false, username, password: emulator.passwords[username] };
	assert.equal((await verdict(ticket, 'proxmoxVeTicketApi')).status, 'OK');
	assert.notEqual((await verdict({ ...ticket, password: 'another' }, 'proxmoxVeTicketApi')).status, 'OK');

	const credential = await createCredential(rest, good);
	const seconds = await callAtOnce(1, { ...n8n, emulator, sink, credential, path: 'core' });
	return [
		`loaded: ${types.join(', ')}`,
		'credentials: green (token, ticket, CA on one line, unchecked), wrong secret, wrong password and untrusted certificate told',
		`webhook → create → notify → answer in ${seconds} s`,
	];
});
