// What runs by itself: a webhook called 50 times at once, an error workflow, a schedule.
import assert from 'node:assert/strict';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, vmsNamed } from './lib/emulator.mjs';
import { callAtOnce } from './lib/atOnce.mjs';
import { createCredential, startN8n } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { until } from './lib/processes.mjs';
import { startSink } from './lib/sink.mjs';
import { activate, call, deactivate, everySecond, inARow, notify, onError, proxmox, respond, smallVm, webhook, webhookIsThere } from './lib/workflows.mjs';

await check('production', async (later) => {
	const emulator = await startEmulator();
	const sink = await startSink();
	later(() => emulator.close());
	later(() => sink.close());
	const { rest, url } = await startN8n({ name: 'production', userFolder: userFolder() });
	const credential = await createCredential(rest, credentialData(emulator));

	const seconds = await callAtOnce(50, { rest, url, emulator, sink, credential, path: 'fifty' });

	// The error workflow is told by the node's own words.
	const watcher = await activate(rest, inARow('Watcher', [onError(), notify(`${sink.url}/errors`, '={{ JSON.stringify($json.execution) }}')]));
	const broken = { ...smallVm('broken'), diskList: { values: [{ storage: { __rl: true, mode: 'name', value: 'nowhere' }, size: 1, options: {} }] } };
	await activate(rest, inARow('Broken', [webhook('broken'), proxmox(credential, broken), respond('={{ JSON.stringify($json) }}')], { errorWorkflow: watcher }));
	await webhookIsThere(url, 'broken');
	assert.equal((await call(url, 'broken', {})).status, 500);
	const [{ error, lastNodeExecuted }] = await until('the error workflow', () => sink.at('/errors').length > 0 && sink.at('/errors'));
	assert.equal(lastNodeExecuted, 'Proxmox VE');
	assert.match(error.message, /storage 'nowhere' does not exist/);

	const scheduled = await activate(rest, inARow('Nightly', [everySecond(), proxmox(credential, smallVm('nightly-1')), notify(`${sink.url}/nightly`, '={{ JSON.stringify($json) }}')]));
	await until('the schedule', () => sink.at('/nightly').length > 0);
	await deactivate(rest, scheduled);
	assert.ok(vmsNamed(emulator, 'nightly-1').length > 0);
	assert.equal(sink.at('/nightly')[0].status, 'ok');

	return [`50 calls at once: 50 VMs, 50 notifications, 50 answers in ${seconds} s`, `error workflow: "${error.message}"`, 'schedule fired'];
});
