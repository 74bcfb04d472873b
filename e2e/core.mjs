// The most important check, which .ci/run runs: n8n loads the packed package, distinguishes valid from invalid credentials,
// and takes a webhook to a VM, a notification and an answer.
import assert from 'node:assert/strict';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, ticketData, wrongData } from './lib/emulator.mjs';
import { callAtOnce } from './lib/atOnce.mjs';
import {
	createCredential,
	ourTypes,
	REFUSED,
	startN8n,
	testCredential,
	UNTRUSTED,
	verdictOn,
} from './lib/n8n.mjs';
import { PACKAGE, userFolder } from './lib/package.mjs';
import { startSink } from './lib/sink.mjs';
import {
	activate,
	apiCall,
	call,
	inARow,
	respond,
	webhook,
	webhookIsThere,
} from './lib/workflows.mjs';

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
	assert.equal(
		(await verdict({ ...good, ca: good.ca.trim().replace(/\n/g, ' ') })).status,
		'OK',
		'the CA on one line',
	);
	assert.equal((await verdict({ ...untrusted, ignoreSslIssues: true })).status, 'OK');
	assert.match((await verdict(wrongData(emulator))).message, REFUSED);
	assert.match((await verdict(untrusted)).message, UNTRUSTED);
	const down = 'https://127.0.0.1:9';
	const twice = { url: `${down}, ${emulator.url}` };
	assert.match(
		(await verdict({ ...good, url: down })).message,
		/^127\.0\.0\.1:9 could not be reached: connection refused\. Check host and port/,
	);
	assert.equal((await verdict({ ...good, ...twice })).status, 'OK', 'the first host is down');
	const byPassword = async (changes) =>
		await verdict(ticketData(emulator, changes), 'proxmoxVePasswordApi');
	assert.equal((await byPassword({})).status, 'OK');
	assert.equal((await byPassword(twice)).status, 'OK', 'the first host is down');
	assert.match(
		(await byPassword({ password: 'another' })).message,
		/^Proxmox VE rejected the login\. Check User/,
	);
	const stored = await createCredential(rest, ticketData(emulator), {
		type: 'proxmoxVePasswordApi',
	});
	const edited = async (changes) =>
		await testCredential(rest, stored, ticketData(emulator, changes), 'proxmoxVePasswordApi');
	assert.equal((await edited({})).status, 'OK');
	assert.match(
		(await edited({ password: 'another' })).message,
		/^Proxmox VE rejected the login/,
		'a stored ticket is no test of the password',
	);
	assert.match((await byPassword({ ca: '' })).message, UNTRUSTED);
	assert.match((await byPassword({ url: down })).message, /connection refused/);
	const powerless = 'creator@pve!tk';
	emulator.state.acl = emulator.state.acl.filter(({ ugid }) => !ugid.startsWith('creator@pve'));
	assert.match(
		(await verdict({ ...good, tokenId: powerless, tokenSecret: emulator.tokens[powerless] }))
			.message,
		/^Proxmox VE accepted the token, but it has no privileges\. With Privilege Separation/,
	);

	const credential = await createCredential(rest, good);
	const nodeTypes = await rest('GET', '//types/nodes.json');
	const { properties } = nodeTypes.find(({ name }) => name === `${PACKAGE}.proxmoxVe`);
	const lists = properties.filter(({ name }) => name === 'resource' || name === 'operation');
	assert.ok(
		lists.every(({ options }) => options.some(({ name }) => name === 'Custom API Call')),
		'n8n offers Custom API Call',
	);
	const asked = async (path, url) => {
		await activate(
			rest,
			inARow(path, [webhook(path), apiCall(credential, url), respond('={{ $json }}')]),
		);
		await webhookIsThere(n8n.url, path);
		return (await call(n8n.url, path, {})).text;
	};
	assert.match(await asked('own-api', `${emulator.url}/api2/json/version`), /"release"/);
	assert.match(
		await asked('elsewhere', `${sink.url}/elsewhere`),
		/only for the API of its Proxmox VE cluster/,
	);
	assert.deepEqual(sink.at('/elsewhere'), [], 'nothing was sent elsewhere');

	const seconds = await callAtOnce(1, { ...n8n, emulator, sink, credential, path: 'core' });
	return [
		`loaded: ${types.join(', ')}`,
		'credentials: green (token, password, CA on one line, unchecked, first host down); wrong secret, wrong password, untrusted certificate, refused connection and a token without privileges are named',
		'HTTP Request with the credential: the API of the cluster, nothing else',
		`webhook → create → notify → answer in ${seconds} s`,
	];
});
