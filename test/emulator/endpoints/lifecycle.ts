import { failure, parameterError } from '../errors';
import type { Vm } from '../state/types';
import { free } from '../storage/allocate';
import { activate, isOnNode } from '../storage/storages';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import { checkLock, checkWritable, vmOf } from '../vm/config';
import { volumeOf } from '../vm/createDisks';
import { isDriveName } from '../vm/drives';
import { requestStart, runningVm, withVmLock } from '../vm/start';
import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import { flagOf, numberOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

type Work = (vm: Vm, worker: Worker, call: Call) => Promise<void>;

function rootOnly({ authId, parameters }: Call, name: string): void {
	if (flagOf(parameters, name) && authId !== 'root@pam') throw parameterError({ [name]: 'Only root may use this option.' });
}

function runTask(call: Call, type: string, work: Work): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	return world.tasks.start({
		type,
		id: String(vmid),
		authId,
		run: async (worker) => await withVmLock(world, vmid, worker, async (vm) => await work(vm, worker, call)),
	});
}

function halt(vm: Vm): void {
	vm.status = 'stopped';
	vm.paused = false;
	delete vm.pid;
	delete vm.startedAt;
	for (const key of vm.pendingDelete) delete vm.config[key];
	vm.config = { ...vm.config, ...vm.pending };
	vm.pending = {};
	vm.pendingDelete.clear();
}

const stopVm: Work = async (vm, worker, { parameters }) => {
	if (!flagOf(parameters, 'skiplock')) checkLock(vm);
	if (vm.status !== 'running') return;
	await worker.work(durations.stop);
	halt(vm);
};

function hasAgent({ config }: Vm): boolean {
	return parsePropertyString(subOptionsOf('agent'), String(config.agent ?? '')).values?.enabled === 1;
}

const shutdownVm: Work = async (vm, worker, { parameters }) => {
	if (!flagOf(parameters, 'skiplock')) checkLock(vm);
	if (vm.status !== 'running') return;
	if (hasAgent(vm) && !vm.agentRuns) {
		await worker.work(durations.agentTimeout);
		worker.log(`QEMU Guest Agent is not running - VM ${vm.vmid} qga command 'guest-ping' failed - got timeout`);
	}
	if (vm.ignoresShutdown && !vm.agentRuns) {
		await worker.work((numberOf(parameters, 'timeout') ?? 60) * 1000);
		if (!flagOf(parameters, 'forceStop')) throw failure('VM quit/powerdown failed - got timeout');
		worker.log('VM still running - terminating now with SIGTERM');
		halt(vm);
		return;
	}
	await worker.work(durations.shutdown);
	halt(vm);
};

/** What HA manages is stopped by the HA manager, which is asked for it. */
function requestHaltByHa(call: Call, by: 'qmstop' | 'qmshutdown'): string | undefined {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	const managed = world.state.vms.get(vmid);
	if (managed?.haManaged === undefined) return undefined;
	return world.tasks.start({
		type: 'hastop',
		id: String(vmid),
		authId,
		run: async (worker) => {
			worker.log(`Requesting HA stop for VM ${vmid}`);
			await worker.work(durations.highAvailability);
			managed.haManaged = 'stopped';
			runTask({ ...call, authId: 'root@pam', parameters: { vmid } }, by, stopVm);
		},
	});
}

function reboot(call: Call): string {
	runningVm(call.world.state, vmidOf(call.parameters));
	return runTask(call, 'qmreboot', async (vm, worker) => {
		await shutdownVm(vm, worker, call);
		await worker.work(durations.start);
		vm.status = 'running';
		vm.startedAt = Math.floor(call.world.clock.now() / 1000);
		vm.pid = worker.pid + 9;
	});
}

function reset(call: Call): string {
	rootOnly(call, 'skiplock');
	runningVm(call.world.state, vmidOf(call.parameters));
	return runTask(call, 'qmreset', async (vm, worker) => {
		checkLock(vm);
		await worker.work(durations.reset);
		vm.paused = false;
	});
}

function suspend(call: Call): string {
	const { world, parameters } = call;
	rootOnly(call, 'skiplock');
	const vm = runningVm(world.state, vmidOf(parameters));
	if (flagOf(parameters, 'todisk')) {
		return runTask(call, 'qmsuspend', async (target, worker) => {
			checkLock(target);
			await worker.work(durations.snapshot);
			halt(target);
			target.config.lock = 'suspended';
		});
	}
	checkLock(vm);
	return runTask(call, 'qmpause', async (target, worker) => {
		await worker.work(durations.pause);
		target.paused = true;
	});
}

function resume(call: Call): string {
	rootOnly(call, 'skiplock');
	const { state } = call.world;
	const vmid = vmidOf(call.parameters);
	const suspended = state.vms.get(vmid)?.config.lock === 'suspended';
	if (!suspended) runningVm(state, vmid);
	return runTask(call, 'qmresume', async (vm, worker) => {
		await worker.work(durations.pause);
		if (suspended) {
			delete vm.config.lock;
			vm.status = 'running';
			vm.startedAt = Math.floor(call.world.clock.now() / 1000);
			vm.pid = worker.pid + 9;
		}
		vm.paused = false;
	});
}

/** The volumes that a VM owns: those of its drives, unused ones, and of its snapshots. */
function ownVolumes(call: Call, vm: Vm): string[] {
	const configs = [vm.config, ...vm.snapshots.map(({ config }) => config)];
	const named = configs.flatMap((config) =>
		Object.entries(config).flatMap(([key, value]) => {
			if (/^unused\d+$/.test(key)) return [String(value)];
			const volid = isDriveName(key) ? volumeOf(key, String(value)) : undefined;
			return volid === undefined ? [] : [volid];
		}),
	);
	return named.filter((volid) => call.world.state.volumes.get(volid)?.vmid === vm.vmid);
}

function destroy(call: Call): string {
	const { world, parameters } = call;
	const { state } = world;
	rootOnly(call, 'skiplock');
	const vmid = vmidOf(parameters);
	const checkEarly = () => {
		const vm = vmOf(state, vmid);
		if (vm.config.protection) throw failure(`can't remove VM ${vmid} - protection mode enabled`);
		if (!flagOf(parameters, 'purge') && vm.haManaged !== undefined) {
			throw failure(`unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`);
		}
		if (vm.status === 'running') throw failure(`VM ${vmid} is running - destroy failed`);
	};
	checkEarly();
	return runTask(call, 'qmdestroy', async (vm, worker) => {
		checkEarly();
		if (!flagOf(parameters, 'skiplock')) checkLock(vm);
		for (const volume of state.volumes.values()) {
			if (volume.parent !== undefined && volume.volid.includes(`/base-${vmid}-`)) {
				throw failure(`base volume '${volume.parent.slice(3)}' is still in use by linked cloned`);
			}
		}
		checkWritable(state, vmid);
		await worker.work(durations.destroy);
		for (const volid of ownVolumes(call, vm)) free(state, volid);
		if (flagOf(parameters, 'destroy-unreferenced-disks')) {
			// All storages are searched, and the VM's own disks are gone by then.
			for (const storage of state.storages.values()) {
				if (!storage.disabled && isOnNode(storage, state.localNode)) activate(state, storage.storage);
			}
			for (const volume of [...state.volumes.values()]) {
				if (volume.vmid === vmid && volume.content === 'images') free(state, volume.volid);
			}
		}
		for (const pool of state.pools.values()) pool.vms.delete(vmid);
		state.acl = state.acl.filter(({ path }) => path !== `/vms/${vmid}`);
		if (flagOf(parameters, 'purge')) worker.log(`purging VM ${vmid} from related configurations..`);
		state.vms.delete(vmid);
	});
}

const STATUS = '/nodes/{node}/qemu/{vmid}/status';

export const lifecycleEndpoints: Endpoint[] = [
	{
		method: 'POST',
		path: `${STATUS}/start`,
		handle: (call) => {
			rootOnly(call, 'skiplock');
			return requestStart(call.world, call.authId, vmidOf(call.parameters));
		},
	},
	{
		method: 'POST',
		path: `${STATUS}/stop`,
		handle: (call) => {
			rootOnly(call, 'skiplock');
			return requestHaltByHa(call, 'qmstop') ?? runTask(call, 'qmstop', stopVm);
		},
	},
	{
		method: 'POST',
		path: `${STATUS}/shutdown`,
		handle: (call) => {
			rootOnly(call, 'skiplock');
			return requestHaltByHa(call, 'qmshutdown') ?? runTask(call, 'qmshutdown', shutdownVm);
		},
	},
	{ method: 'POST', path: `${STATUS}/reboot`, handle: reboot },
	{ method: 'POST', path: `${STATUS}/reset`, handle: reset },
	{ method: 'POST', path: `${STATUS}/suspend`, handle: suspend },
	{ method: 'POST', path: `${STATUS}/resume`, handle: resume },
	{ method: 'DELETE', path: '/nodes/{node}/qemu/{vmid}', handle: destroy },
];
