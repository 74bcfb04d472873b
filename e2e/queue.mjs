// Queue mode: a main process, workers, Redis and Postgres; workers that are killed and asked to end in the middle of a wait.
// What docs/queue-mode.md says of n8n is what this file shows.
import assert from 'node:assert/strict';
import { callAtOnce } from './lib/atOnce.mjs';
import { check } from './lib/check.mjs';
import { backUpNewVm, credentialData, startEmulator, vmsNamed } from './lib/emulator.mjs';
import { createCredential, startN8n, startWorker } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { until } from './lib/processes.mjs';
import { startPostgres, startRedis } from './lib/services.mjs';
import { startSink } from './lib/sink.mjs';
import {
	activate,
	call,
	executionsOf,
	inARow,
	notify,
	proxmox,
	readExample,
	respond,
	smallVm,
	webhook,
	webhookIsThere,
} from './lib/workflows.mjs';

const ORIGINAL = '4711';
const UPID = /UPID:pve1:\S*:qmcreate:\d+:[^\s"]*/;

/** @returns the worker that logs the next UPID, and that UPID */
function nextUpid(workers) {
	const marks = workers.map((worker) => [worker, worker.log().length]);
	return async () =>
		await until('the UPID in a worker’s log', () => {
			for (const [worker, mark] of marks) {
				const [upid] = UPID.exec(worker.log().slice(mark)) ?? [];
				if (upid !== undefined) return { worker, upid };
			}
			return undefined;
		});
}

/** examples/restore-large.json, started by a webhook, with the shortest pause that n8n spends in its database. */
function largeRestore(credential, sink) {
	const workflow = readExample('restore-large.json', credential);
	const nodeNamed = (name) => workflow.nodes.find((node) => node.name === name);
	const trigger = webhook('large', 'onReceived');
	const tell = notify(`${sink.url}/restored`, '={{ JSON.stringify($json) }}');
	workflow.connections[trigger.name] = workflow.connections['When clicking ‘Execute workflow’'];
	nodeNamed('Restore').parameters.backupVm.value = ORIGINAL;
	nodeNamed('Restore').parameters.node.value = 'pve1';
	nodeNamed('Five Minutes').parameters = { amount: 66, unit: 'seconds' };
	nodeNamed('Wait for Task').parameters.options.waitAtMost = 1;
	for (const report of ['Restored', 'Failed'])
		workflow.connections[report] = { main: [[{ node: tell.name, type: 'main', index: 0 }]] };
	workflow.nodes.push(trigger, tell);
	return workflow;
}

await check('queue', async (later) => {
	const emulator = await startEmulator();
	const sink = await startSink();
	later(() => emulator.close());
	later(() => sink.close());
	const env = { EXECUTIONS_MODE: 'queue', ...(await startRedis()), ...(await startPostgres()) };
	const { rest, url } = await startN8n({ name: 'queue-main', userFolder: userFolder(), env });
	// Of their own: a worker that starts calls executions in a shared user folder crashed.
	const worker = (name, folder = userFolder()) => startWorker({ name, userFolder: folder, env });
	const workers = [await worker('queue-worker-1'), await worker('queue-worker-2')];
	const credential = await createCredential(rest, credentialData(emulator));
	await backUpNewVm(emulator, ORIGINAL);

	const seconds = await callAtOnce(50, { rest, url, emulator, sink, credential, path: 'queued' });
	for (const { log, name } of workers) assert.match(log(), UPID, `${name} made VMs too`);

	const keyed = smallVm('={{ $json.body.name }}', {
		idempotencyKey: '={{ $json.body.order }}',
		ifExists: 'return',
	});
	const id = await activate(
		rest,
		inARow('Keyed', [
			webhook('keyed'),
			proxmox(credential, keyed),
			respond('={{ JSON.stringify($json) }}'),
		]),
	);
	await webhookIsThere(url, 'keyed');
	const largeId = await activate(rest, largeRestore(credential, sink));
	await webhookIsThere(url, 'large');
	/** Calls for a VM whose task takes a while; resolves when a worker waits for it. */
	const begin = async (name, among) => {
		emulator.faults.onTask({ type: 'qmcreate', extraMs: 8_000 });
		const found = nextUpid(among);
		const answer = call(url, 'keyed', { name, order: `order of ${name}` });
		// n8n tells the caller only minutes later that its worker is gone; that is not always waited for.
		answer.catch(() => undefined);
		return { answer, ...(await found()) };
	};
	/** The status of the n-th execution for a VM. */
	const statusOf = async (n) =>
		(await executionsOf(rest, id)).sort((a, b) => Number(a.id) - Number(b.id))[n]?.status;

	// A worker is killed. Another call finds what it began.
	const killed = await begin('keyed-1', workers);
	killed.worker.kill('SIGKILL');
	await killed.worker.ended;
	const killedAt = Date.now();
	const again = await call(url, 'keyed', { name: 'keyed-1', order: 'order of keyed-1' });
	assert.equal(again.status, 200, again.text);
	assert.equal(again.json.reused, true);
	assert.equal(again.json.upid, killed.upid, 'the first task is found again');
	assert.deepEqual(
		vmsNamed(emulator, 'keyed-1').map(({ vmid }) => vmid),
		[again.json.vmid],
	);
	assert.equal(await statusOf(0), 'running');

	// A worker is stopped: it finishes its executions. Meanwhile the restore's execution waits in the database.
	emulator.faults.onTask({ type: 'qmrestore', extraMs: 30_000 });
	await call(url, 'large', {});
	await until(
		'the restore to sleep',
		async () => (await executionsOf(rest, largeId))[0]?.status === 'waiting',
	);
	const [left] = workers.filter((one) => one !== killed.worker);
	const ended = await begin('keyed-2', [left]);
	left.kill('SIGTERM');
	assert.equal((await ended.answer).status, 200, 'a worker that is asked to end answers first');
	await left.ended;
	assert.equal(await statusOf(2), 'success');

	// A worker is killed and comes back with its user folder: n8n notices at once.
	const folder = userFolder();
	const third = await worker('queue-worker-3', folder);
	await begin('keyed-3', [third]);
	third.kill('SIGKILL');
	await third.ended;
	const last = await worker('queue-worker-4', folder);
	await until('the crash to be noticed', async () => (await statusOf(3)) === 'crashed', 30);

	// The one whose worker stayed away, and the restore, which none of these workers began.
	await until('n8n to give the first one up', async () => (await statusOf(0)) === 'error', 240);
	const gaveUp = Math.round((Date.now() - killedAt) / 1000);
	const [{ text }] = await until(
		'the restore',
		() => sink.at('/restored').length > 0 && sink.at('/restored'),
		240,
	);
	assert.match(text, /^VM \d+ on pve1 is restored \(OK\)$/);
	assert.equal((await executionsOf(rest, largeId))[0].status, 'success');
	assert.ok(last.isRunning());

	return [
		`50 calls at once on two workers: each VM once, in ${seconds} s`,
		`worker killed: the second call found ${killed.upid}, one VM; n8n gave the first execution up after ${gaveUp} s`,
		'worker asked to end: it answered first; killed and back with its user folder: crashed',
		`restore by the Still Running loop, begun on a worker that was gone by the end: "${text}"`,
	];
});
