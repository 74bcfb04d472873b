// Production executions: a webhook called 50 times at once, an error workflow, the restore test on a schedule.
import assert from 'node:assert/strict';
import { check } from './lib/check.mjs';
import { backUpNewVm, credentialData, startEmulator, vmsNamed } from './lib/emulator.mjs';
import { callAtOnce } from './lib/atOnce.mjs';
import { createCredential, startN8n } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { until } from './lib/processes.mjs';
import { startSink } from './lib/sink.mjs';
import {
	activate,
	brokenVm,
	call,
	deactivate,
	inARow,
	notificationTrigger,
	notify,
	onError,
	proxmox,
	readExample,
	respond,
	smallVm,
	webhook,
	webhookIsThere,
} from './lib/workflows.mjs';

const ORIGINAL = '4711';
const COPY = 9000;

/**
 * examples/restore-test.json on a schedule of seconds: the newest backup of a VM restored, started, asked for its
 * address by its guest agent, reported and deleted.
 * @returns the reports
 */
async function restoreTest({ rest, emulator, sink, credential }) {
	await backUpNewVm(emulator, ORIGINAL);
	const workflow = readExample('restore-test.json', credential);
	const nodeNamed = (name) => workflow.nodes.find((node) => node.name === name);
	nodeNamed('Every Sunday at 4').parameters.rule = {
		interval: [{ field: 'seconds', secondsInterval: 2 }],
	};
	nodeNamed('Restore').parameters.backupVm.value = ORIGINAL;
	nodeNamed('Restore').parameters.node.value = 'pve1';
	const tell = notify(`${sink.url}/restored`, '={{ JSON.stringify($json) }}');
	workflow.nodes.push(tell);
	for (const report of ['Passed', 'Failed', 'Not Restored']) {
		const { main } = (workflow.connections[report] ??= { main: [[]] });
		main[0].push({ node: tell.name, type: 'main', index: 0 });
	}

	const scheduled = await activate(rest, workflow);
	const copy = await until('the schedule', () => emulator.state.vms.get(COPY));
	await deactivate(rest, scheduled);
	copy.agentRuns = true;
	await until('the report', () => sink.at('/restored').length > 0);
	await until('the copy to be gone', () => !emulator.state.vms.has(COPY));
	assert.ok(emulator.state.vms.has(Number(ORIGINAL)));
	return sink.at('/restored');
}

/**
 * Proxmox calls n8n when a backup has finished, as long as the workflow is active, and n8n has removed what it made
 * in Proxmox when it is not.
 * @returns what the trigger emitted
 */
async function notification({ rest, emulator, sink, credential }) {
	const { targets, matchers } = emulator.state.notifications;
	const id = await activate(
		rest,
		inARow('Notified', [
			notificationTrigger(credential, { types: ['vzdump'] }),
			notify(`${sink.url}/notified`, '={{ JSON.stringify($json) }}'),
		]),
	);
	await until('the matcher', () => matchers.size === 1);
	await backUpNewVm(emulator, '4712');
	await until('the notification', () => sink.at('/notified').length > 0);
	const [target] = targets.values();
	const forged = await fetch(target.url, { method: 'POST', body: '{}' });
	assert.equal(forged.status, 403);
	await deactivate(rest, id);
	await until('the target to be gone', () => targets.size + matchers.size === 0);
	return sink.at('/notified');
}

await check('production', async (later) => {
	const emulator = await startEmulator();
	const sink = await startSink();
	later(() => emulator.close());
	later(() => sink.close());
	const { rest, url } = await startN8n({ name: 'production', userFolder: userFolder() });
	const credential = await createCredential(rest, credentialData(emulator));

	const seconds = await callAtOnce(50, { rest, url, emulator, sink, credential, path: 'fifty' });

	// The error workflow receives the node's own message.
	const watcher = await activate(
		rest,
		inARow('Watcher', [
			onError(),
			notify(`${sink.url}/errors`, '={{ JSON.stringify($json.execution) }}'),
		]),
	);
	await activate(
		rest,
		inARow(
			'Broken',
			[webhook('broken'), proxmox(credential, brokenVm()), respond('={{ JSON.stringify($json) }}')],
			{ errorWorkflow: watcher },
		),
	);
	await webhookIsThere(url, 'broken');
	assert.equal((await call(url, 'broken', {})).status, 500);
	const [{ error, lastNodeExecuted }] = await until(
		'the error workflow',
		() => sink.at('/errors').length > 0 && sink.at('/errors'),
	);
	assert.equal(lastNodeExecuted, 'Proxmox VE');
	assert.match(error.message, /storage 'nowhere' does not exist/);

	const [{ passed, text }] = await restoreTest({ rest, emulator, sink, credential });
	assert.equal(passed, true, text);

	const notified = await notification({ rest, emulator, sink, credential });
	assert.equal(notified.length, 1);
	assert.equal(notified[0].type, 'vzdump');

	return [
		`50 calls at once: 50 VMs, 50 notifications, 50 answers in ${seconds} s`,
		`error workflow: "${error.message}"`,
		`schedule fired: "${text}"`,
		`notified: "${notified[0].title}"`,
	];
});
