// The oldest n8n that the node works in, on the oldest Node: what core.mjs shows, and what is done for old versions alone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callAtOnce } from './lib/atOnce.mjs';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, ticketData, wrongData } from './lib/emulator.mjs';
import { createCredential, ourTypes, REFUSED, startN8n, verdictOn } from './lib/n8n.mjs';
import { PACKAGE, userFolder } from './lib/package.mjs';
import { newFolder, oldest } from './lib/paths.mjs';
import { startSink } from './lib/sink.mjs';
import {
	activateIn1,
	brokenVm,
	call,
	inARow,
	proxmox,
	respond,
	smallVm,
	webhook,
	webhookIsThere,
} from './lib/workflows.mjs';

/** What the editor shows below a field that is chosen from a list. */
const listed = async (rest, credential, methodName) => {
	const { results } = await rest('POST', '/dynamic-node-parameters/resource-locator-results', {
		path: 'parameters.node',
		methodName,
		nodeTypeAndVersion: { name: `${PACKAGE}.proxmoxVe`, version: 1 },
		currentNodeParameters: {
			authentication: 'apiToken',
			resource: 'virtualMachine',
			operation: 'create',
		},
		credentials: { proxmoxVeApi: credential },
	});
	return results.map(({ value }) => value);
};

await check('oldest', async (later) => {
	const emulator = await startEmulator();
	const sink = await startSink();
	later(() => emulator.close());
	later(() => sink.close());
	// Before 2.20 n8n takes no CA from a credential.
	const trusted = join(newFolder('ca'), 'ca.pem');
	writeFileSync(trusted, emulator.ca);
	const n8n = await startN8n({
		name: 'oldest',
		installed: oldest,
		userFolder: userFolder(),
		// This version knows none of the modules.
		env: { NODE_EXTRA_CA_CERTS: trusted, N8N_DISABLED_MODULES: '' },
	});
	const { rest, url } = n8n;
	const { versionCli } = await rest('GET', '/settings');
	const types = await ourTypes(rest, `${PACKAGE}.`);

	const good = credentialData(emulator, { ca: '' });
	const ticket = ticketData(emulator, { ca: '' });
	assert.equal((await verdictOn(rest, good)).status, 'OK');
	assert.equal((await verdictOn(rest, ticket, 'proxmoxVePasswordApi')).status, 'OK');
	assert.match((await verdictOn(rest, { ...wrongData(emulator), ca: '' })).message, REFUSED);

	const credential = await createCredential(rest, good);
	assert.ok((await listed(rest, credential, 'searchNodes')).includes('pve1'));
	const seconds = await callAtOnce(5, {
		...n8n,
		emulator,
		sink,
		credential,
		path: 'oldest',
		activate: activateIn1,
	});

	// A ticket that Proxmox no longer takes, in the middle of an execution.
	const byTicket = proxmox(
		undefined,
		{ ...smallVm('by-ticket'), authentication: 'password' },
		{
			credentials: {
				proxmoxVePasswordApi: await createCredential(rest, ticket, {
					type: 'proxmoxVePasswordApi',
				}),
			},
		},
	);
	await activateIn1(
		rest,
		inARow('Ticket', [webhook('ticket'), byTicket, respond('={{ JSON.stringify($json) }}')]),
	);
	await webhookIsThere(url, 'ticket');
	emulator.faults.onRequest({
		method: 'GET',
		path: '/cluster/nextid',
		effect: { status: 401, phrase: 'permission denied - invalid PVE ticket' },
	});
	assert.equal((await call(url, 'ticket', {})).json?.taskStatus, 'ok');

	const failing = inARow('Failing', [
		webhook('failing'),
		proxmox(credential, brokenVm(), { onError: 'continueErrorOutput' }),
		respond('={{ JSON.stringify($json) }}'),
	]);
	// From the error output, the second one, instead of the first.
	failing.connections['Proxmox VE'].main.unshift([]);
	await activateIn1(rest, failing);
	await webhookIsThere(url, 'failing');
	const { error } = (await call(url, 'failing', {})).json;
	assert.match(error.message, /storage 'nowhere' does not exist/);

	return [
		`n8n ${versionCli} loaded ${types.join(', ')}`,
		'credentials: green (token, ticket), wrong secret told',
		'list loaded',
		`5 calls at once: webhook → create → notify → answer in ${seconds} s`,
		'ticket renewed in an execution',
		`error output: "${error.message}"`,
	];
});
