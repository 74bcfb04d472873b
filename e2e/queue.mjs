// Queue mode: a main process, two workers, Redis and Postgres; and a worker killed in the middle of a wait.
import assert from 'node:assert/strict';
import { check } from './lib/check.mjs';
import { credentialData, startEmulator, vmsNamed } from './lib/emulator.mjs';
import { callAtOnce } from './lib/atOnce.mjs';
import { createCredential, startN8n, startWorker } from './lib/n8n.mjs';
import { userFolder } from './lib/package.mjs';
import { until } from './lib/processes.mjs';
import { startPostgres, startRedis } from './lib/services.mjs';
import { startSink } from './lib/sink.mjs';
import { activate, call, executionsOf, inARow, proxmox, respond, smallVm, webhook, webhookIsThere } from './lib/workflows.mjs';

/** Long enough for a worker to be killed while it waits for its task. */
const SLOW = { type: 'qmcreate', extraMs: 20_000 };

await check('queue', async (later) => {
	const emulator = await startEmulator();
	const sink = await startSink();
	later(() => emulator.close());
	later(() => sink.close());
	const env = { EXECUTIONS_MODE: 'queue', ...(await startRedis()), ...(await startPostgres()) };
	const { rest, url } = await startN8n({ name: 'queue-main', userFolder: userFolder(), env });
	// Of their own: a worker that starts calls executions in a shared user folder crashed.
	const workers = [];
	for (const name of ['queue-worker-1', 'queue-worker-2']) workers.push(await startWorker({ name, userFolder: userFolder(), env }));
	const credential = await createCredential(rest, credentialData(emulator));

	const seconds = await callAtOnce(50, { rest, url, emulator, sink, credential, path: 'queued' });
	for (const worker of workers) assert.match(worker.log(), /UPID:pve1:[^\n]*:qmcreate:/, `${worker.name} made VMs too`);

	const keyed = smallVm('={{ $json.body.name }}', { idempotencyKey: '={{ $json.body.order }}', ifExists: 'return' });
	const id = await activate(rest, inARow('Keyed', [webhook('keyed'), proxmox(credential, keyed), respond('={{ JSON.stringify($json) }}')]));
	await webhookIsThere(url, 'keyed');
	emulator.faults.onTask(SLOW);
	const order = { name: 'keyed-1', order: 'order-4711' };
	// n8n tells this caller only minutes later that its worker is gone; what it says is not waited for.
	void call(url, 'keyed', order).catch(() => undefined);
	const upidIn = (worker) => /UPID:pve1:\S*:qmcreate:\d+:[^\s"]*/.exec(worker.log().slice(marks.get(worker)))?.[0];
	const marks = new Map(workers.map((worker) => [worker, worker.log().length]));
	const holder = await until('the UPID in a worker’s log', () => workers.find(upidIn));
	const upid = upidIn(holder);
	holder.kill('SIGKILL');
	await holder.ended;
	const [vmBefore] = vmsNamed(emulator, 'keyed-1');

	const again = await call(url, 'keyed', order);
	assert.equal(again.status, 200, again.text);
	assert.equal(again.json.existing, true);
	assert.equal(again.json.upid, upid, 'the first task is found again');
	assert.deepEqual(vmsNamed(emulator, 'keyed-1').map(({ vmid }) => vmid), [again.json.vmid]);
	if (vmBefore) assert.equal(vmBefore.vmid, again.json.vmid);
	const [first] = (await executionsOf(rest, id)).sort((a, b) => Number(a.id) - Number(b.id));
	return [`50 calls at once on two workers: each VM once, in ${seconds} s`, `worker killed: the second call found ${upid}, one VM; n8n calls the first execution "${first.status}"`];
});
