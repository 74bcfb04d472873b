// What must never break, and what .ci/run runs: n8n loads the packed package, tells good credentials from bad ones,
// and takes a webhook to a VM, a notification and an answer.
import assert from 'node:assert/strict';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, ticketData, wrongData } from './lib/emulator.mjs';
import { callAtOnce } from './lib/atOnce.mjs';
import { createCredential, ourTypes, REFUSED, startN8n, UNTRUSTED, verdictOn } from './lib/n8n.mjs';
import { PACKAGE, userFolder } from './lib/package.mjs';
import { startSink } from './lib/sink.mjs';

await check('core', async (later) => {
	const emulator = await startEmulator();
	const sink = await startSink();
	later(() => emulator.close());
	later(() => sink.close());
	const n8n = await startN8n({ name: 'core', userFolder: userFolder() });
	const { rest } = n8n;
	const types = await ourTypes(rest, `${PACKAGE}.`);

	const verdict = async (data, type) => await verdictOn(rest, data, type);
	const good = credentialData(emulator);
	const untrusted = credentialData(emulator, { ca: '' });
	assert.equal((await verdict(good)).status, 'OK');
	assert.equal((await verdict({ ...good, ca: good.ca.trim().replace(/\n/g, ' ') })).status, 'OK', 'the CA on one line');
	assert.equal((await verdict({ ...untrusted, ignoreSslIssues: true })).status, 'OK');
	assert.match((await verdict(wrongData(emulator))).message, REFUSED);
	assert.match((await verdict(untrusted)).message, UNTRUSTED);
	assert.equal((await verdict(ticketData(emulator), 'proxmoxVeTicketApi')).status, 'OK');
	assert.notEqual((await verdict(ticketData(emulator, { password: 'another' }), 'proxmoxVeTicketApi')).status, 'OK');

	const credential = await createCredential(rest, good);
	const seconds = await callAtOnce(1, { ...n8n, emulator, sink, credential, path: 'core' });
	return [
		`loaded: ${types.join(', ')}`,
		'credentials: green (token, ticket, CA on one line, unchecked), wrong secret, wrong password and untrusted certificate told',
		`webhook → create → notify → answer in ${seconds} s`,
	];
});
