import { may } from '../auth/permissions';
import { createCt } from '../ct/create';
import { checkCtLock, checkProtection, ctOf } from '../ct/config';
import { haltCt, isCtRunning, requestCtStart, startCt, withCtLock } from '../ct/start';
import { ctStatus } from '../ct/status';
import { freeOwn, volumesOf } from '../ct/volumes';
import { failure, parameterError } from '../errors';
import type { Vm } from '../state/types';
import { free } from '../storage/allocate';
import { activate, isOnNode } from '../storage/storages';
import { isDisk } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import { checkWritable } from '../vm/config';
import { overruleShutdowns } from './lifecycle';
import { flagOf, numberOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

function list({ world, authId }: Call): unknown {
	const { state } = world;
	return [...state.vms.values()]
		.filter(({ type, node }) => type === 'lxc' && node === state.localNode)
		.filter(({ vmid }) => may(state, authId, `/vms/${vmid}`, ['VM.Audit']))
		.map((ct) => ctStatus(world, ct));
}

function current({ world, parameters }: Call): unknown {
	const ct = ctOf(world.state, vmidOf(parameters));
	return {
		...ctStatus(world, ct),
		ha: ct.haManaged === undefined ? { managed: 0 } : { managed: 1, state: ct.haManaged },
	};
}

/** Throws where no container of the ID runs: whether there is one is not looked. */
function checkRunning({ world: { state }, parameters }: Call, kind = 'CT'): void {
	const vmid = vmidOf(parameters);
	if (!isCtRunning(state, vmid)) throw failure(`${kind} ${vmid} not running`);
}

function checkSkipsLock({ authId, parameters }: Call): void {
	if (flagOf(parameters, 'skiplock') && authId !== 'root@pam')
		throw parameterError({ skiplock: 'Only root may use this option.' });
}

function runTask(
	{ world, authId, parameters }: Call,
	type: string,
	work: (ct: Vm, worker: Worker) => Promise<void>,
): string {
	const vmid = vmidOf(parameters);
	return world.tasks.start({
		type,
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withCtLock(
				world,
				vmid,
				worker,
				async () => await work(ctOf(world.state, vmid), worker),
			),
	});
}

/** What high availability looks after is stopped by its manager, which is asked for it. */
function haltByHa(call: Call, halt: () => string): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	const managed = world.state.vms.get(vmid);
	if (managed?.haManaged === undefined) return halt();
	return world.tasks.start({
		type: 'hastop',
		id: String(vmid),
		authId,
		run: async (worker) => {
			worker.log(`Requesting HA stop for CT ${vmid}`);
			await worker.work(durations.highAvailability);
			managed.haManaged = 'stopped';
			const asRoot = { ...call, authId: 'root@pam', parameters: { vmid } };
			runTask(asRoot, 'vzstop', async (ct, ownWorker) => await stopCt(call, ct, ownWorker));
		},
	});
}

async function stopCt({ world, parameters }: Call, ct: Vm, worker: Worker): Promise<void> {
	if (!flagOf(parameters, 'skiplock') && ct.config.lock !== 'mounted') checkCtLock(ct);
	if (ct.status !== 'running') return;
	await worker.work(durations.stop);
	await haltCt(world, ct, worker);
}

function stop(call: Call): string {
	checkSkipsLock(call);
	checkRunning(call);
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	const isOverruling = flagOf(parameters, 'overrule-shutdown');
	if (isOverruling && world.state.vms.get(vmid)?.haManaged !== undefined)
		throw parameterError({ 'overrule-shutdown': 'Not applicable for HA resources.' });
	const run = async (worker: Worker) => {
		if (isOverruling) await overruleShutdowns(call, worker, 'vzshutdown');
		const halt = async () => await stopCt(call, ctOf(world.state, vmid), worker);
		await withCtLock(world, vmid, worker, halt);
	};
	return haltByHa(call, () => world.tasks.start({ type: 'vzstop', id: String(vmid), authId, run }));
}

/** Seconds that a container has to shut down, unless a request says otherwise. */
const SHUTDOWN_TIMEOUT = 60;

/** Asks what runs in the container to end; one that does not listen runs on, or is killed. */
async function powerDown(call: Call, ct: Vm, worker: Worker, isKilled: boolean): Promise<void> {
	checkCtLock(ct);
	if (ct.status !== 'running') return;
	const timeout = numberOf(call.parameters, 'timeout') ?? SHUTDOWN_TIMEOUT;
	// The first process of a container gets no signal that it does not wait for.
	const isDeaf = ct.ignoresShutdown || ct.config.entrypoint !== undefined;
	await worker.work(isDeaf ? timeout * 1000 : durations.shutdown);
	if (isDeaf && !isKilled) {
		worker.log(
			`command 'lxc-stop -n ${ct.vmid} --nokill --timeout ${timeout}' failed: exit code 1`,
		);
		throw failure('container did not stop');
	}
	await haltCt(call.world, ct, worker);
}

function shutdown(call: Call): string {
	checkRunning(call);
	const isKilled = flagOf(call.parameters, 'forceStop');
	return haltByHa(call, () =>
		runTask(call, 'vzshutdown', async (ct, worker) => await powerDown(call, ct, worker, isKilled)),
	);
}

/** A reboot kills what does not end in time; the container starts again within the same task. */
function reboot(call: Call): string {
	checkRunning(call, 'VM');
	return runTask(call, 'vzreboot', async (ct, worker) => {
		await powerDown(call, ct, worker, true);
		await startCt(call.world, ct, worker);
	});
}

/** What a host without CRIU says: it is not installed by default. */
function checkpoint(type: string, options: string): (call: Call) => string {
	return (call) => {
		const id = vmidOf(call.parameters);
		const isResume = type === 'vzresume';
		const isRunning = isCtRunning(call.world.state, id);
		if (isResume && isRunning) throw failure(`CT ${id} already running`);
		if (!isResume) checkRunning(call);
		return runTask(call, type, async ({ vmid }, worker) => {
			await worker.work(durations.pause);
			worker.log(
				isResume
					? `lxc-checkpoint: ${vmid}: ${vmid} is not defined`
					: `lxc-checkpoint: ${vmid}: execing criu failed, is it installed?`,
			);
			throw failure(
				`command 'lxc-checkpoint -n ${vmid} ${options} -D /var/lib/vz/dump' failed: exit code 1`,
			);
		});
	};
}

function destroy(call: Call): string {
	const { world, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const force = flagOf(parameters, 'force');
	const checkEarly = (ct: Vm) => {
		checkProtection(ct, `can't remove CT ${vmid}`);
		checkCtLock(ct);
		if (ct.haManaged !== undefined && !flagOf(parameters, 'purge'))
			throw failure(
				`unable to remove CT ${vmid} - used in HA resources and purge parameter not set.`,
			);
		if (ct.status === 'running' && !force)
			throw failure(`unable to destroy CT ${vmid} - container is running`);
	};
	checkEarly(ctOf(state, vmid));
	return runTask(call, 'vzdestroy', async (ct, worker) => {
		checkEarly(ct);
		checkWritable(state, vmid);
		if (ct.status === 'running') {
			worker.log(`forced to stop CT ${vmid} before destroying!`);
			await worker.work(durations.stop);
			await haltCt(world, ct, worker);
		}
		await worker.work(durations.destroy);
		freeOwn(state, vmid, volumesOf(ct), worker);
		if (flagOf(parameters, 'destroy-unreferenced-disks')) removeOthers(call);
		for (const pool of state.pools.values()) pool.vms.delete(vmid);
		state.acl = state.acl.filter(({ path }) => path !== `/vms/${vmid}`);
		if (flagOf(parameters, 'purge')) worker.log(`purging CT ${vmid} from related configurations..`);
		state.vms.delete(vmid);
	});
}

/** Removes disks of a container that its configuration does not name: all storages are searched, also those that cannot be used. */
function removeOthers({ world: { state }, parameters }: Call): void {
	const storages = [...state.storages.values()].sort((a, b) => (a.storage < b.storage ? -1 : 1));
	for (const storage of storages)
		if (!storage.disabled && isOnNode(storage, state.localNode)) activate(state, storage.storage);
	for (const volume of [...state.volumes.values()])
		if (volume.vmid === vmidOf(parameters) && isDisk(volume)) free(state, volume.volid);
}

const LXC = '/nodes/{node}/lxc';
const STATUS = `${LXC}/{vmid}/status`;

export const lxcEndpoints: Endpoint[] = [
	{ method: 'POST', path: LXC, handle: createCt },
	{ method: 'GET', path: LXC, handle: list },
	{ method: 'DELETE', path: `${LXC}/{vmid}`, handle: destroy },
	{ method: 'GET', path: `${STATUS}/current`, handle: current },
	{
		method: 'POST',
		path: `${STATUS}/start`,
		handle: (call) => {
			checkSkipsLock(call);
			const skipsLock = flagOf(call.parameters, 'skiplock');
			return requestCtStart(call.world, call.authId, vmidOf(call.parameters), skipsLock);
		},
	},
	{ method: 'POST', path: `${STATUS}/stop`, handle: stop },
	{ method: 'POST', path: `${STATUS}/shutdown`, handle: shutdown },
	{ method: 'POST', path: `${STATUS}/reboot`, handle: reboot },
	{ method: 'POST', path: `${STATUS}/suspend`, handle: checkpoint('vzsuspend', '-s') },
	{ method: 'POST', path: `${STATUS}/resume`, handle: checkpoint('vzresume', '-r --foreground') },
];
