import { demand, demandOnVm } from '../auth/permissions';
import { ApiError, failure, parameterError } from '../errors';
import type { Vm } from '../state/types';
import { free } from '../storage/allocate';
import { activate, isOnNode, pathOf, storageOf } from '../storage/storages';
import { parseVolumeId, parseVolumeName } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import { checkLock, checkWritable, vmOf } from '../vm/config';
import { volumeOf } from '../vm/createDisks';
import { isDriveName } from '../vm/drives';
import { saveState, stateStorageOf } from '../vm/savedState';
import { existingVm, halt, requestStart, run, runningVm, startVm, withVmLock } from '../vm/start';
import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import { flagOf, numberOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

type Work = (vm: Vm, worker: Worker, call: Call) => Promise<void>;

function rootOnly({ authId, parameters }: Call, name: string): void {
	if (flagOf(parameters, name) && authId !== 'root@pam')
		throw parameterError({ [name]: 'Only root may use this option.' });
}

function runTask(call: Call, type: string, work: Work): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	return world.tasks.start({
		type,
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(world, vmid, worker, async (vm) => await work(vm, worker, call), existingVm),
	});
}

const stopVm: Work = async (vm, worker, { world, parameters }) => {
	if (vm.status !== 'running') return;
	if (!flagOf(parameters, 'skiplock')) checkLock(vm);
	await worker.work(durations.stop);
	halt(world, vm);
};

function hasAgent({ config }: Vm): boolean {
	return (
		parsePropertyString(subOptionsOf('agent'), String(config.agent ?? '')).values?.enabled === 1
	);
}

const shutdownVm: Work = async (vm, worker, { world, parameters }) => {
	if (vm.status !== 'running') return;
	if (!flagOf(parameters, 'skiplock')) checkLock(vm);
	if (hasAgent(vm) && !vm.agentRuns) {
		await worker.work(durations.agentTimeout);
		worker.log(
			`QEMU Guest Agent is not running - VM ${vm.vmid} qga command 'guest-ping' failed - got timeout`,
		);
	}
	if (vm.ignoresShutdown && !vm.agentRuns) {
		await worker.work((numberOf(parameters, 'timeout') ?? 60) * 1000);
		if (!flagOf(parameters, 'forceStop')) throw failure('VM quit/powerdown failed - got timeout');
		worker.log('VM still running - terminating now with SIGTERM');
		halt(world, vm);
		return;
	}
	await worker.work(durations.shutdown);
	halt(world, vm);
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

/** A guest that is paused does not hear that it is to shut down. */
function checkHears({ world: { state }, parameters }: Call): void {
	const vm = state.vms.get(vmidOf(parameters));
	if (vm?.status === 'running' && vm.paused && !flagOf(parameters, 'forceStop'))
		throw failure('VM is paused - cannot shutdown');
}

function reboot(call: Call): string {
	runningVm(call.world.state, vmidOf(call.parameters));
	checkHears(call);
	return runTask(call, 'qmreboot', async (vm, worker) => {
		await shutdownVm(vm, worker, call);
		await worker.work(durations.start);
		run(call.world, vm, worker.pid + 9);
	});
}

function reset(call: Call): string {
	rootOnly(call, 'skiplock');
	runningVm(call.world.state, vmidOf(call.parameters));
	return runTask(call, 'qmreset', async (vm, worker) => {
		checkLock(vm);
		await worker.work(durations.reset);
		if (vm.paused) vm.wasReset = true;
	});
}

function suspend(call: Call): string {
	const { world, authId, parameters } = call;
	rootOnly(call, 'skiplock');
	const vm = runningVm(world.state, vmidOf(parameters));
	if (!flagOf(parameters, 'todisk')) {
		return runTask(call, 'qmpause', async (target, worker) => {
			checkLock(target);
			await worker.work(durations.pause);
			target.paused = true;
		});
	}
	const { state } = world;
	demandOnVm(state, authId, vm.vmid, undefined, ['VM.Config.Disk']);
	const storage = textOf(parameters, 'statestorage') ?? stateStorageOf(state, vm);
	demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	return runTask(call, 'qmsuspend', async (target, worker) => {
		checkLock(target);
		const date = new Date(world.clock.now()).toISOString().slice(0, 10);
		const saved = saveState(world, target, storage, `suspend-${date}`, worker.log);
		target.config = { ...target.config, ...saved, lock: 'suspending' };
		await worker.work(durations.snapshot);
		worker.log('State saved, quitting');
		halt(world, target);
		target.config.lock = 'suspended';
	});
}

function resume(call: Call): string {
	rootOnly(call, 'skiplock');
	const { world, parameters } = call;
	const vmid = vmidOf(parameters);
	const isSuspended = world.state.vms.get(vmid)?.config.lock === 'suspended';
	if (!isSuspended) runningVm(world.state, vmid);
	return runTask(call, 'qmresume', async (vm, worker) => {
		if (isSuspended) return await startVm(world, vm, worker);
		await worker.work(durations.pause);
		vm.paused = false;
		delete vm.wasReset;
	});
}

/** The names of keys that QEMU knows, besides single letters and digits. */
const KEYS = new Set(
	(
		'shift shift_r alt alt_r ctrl ctrl_r menu esc minus equal backspace tab bracket_left bracket_right ret semicolon ' +
		'apostrophe grave_accent backslash comma dot slash asterisk spc caps_lock num_lock scroll_lock kp_divide kp_multiply ' +
		'kp_subtract kp_add kp_enter kp_decimal sysrq less print home pgup pgdn end left up down right insert delete stop again ' +
		'props undo front copy open paste find cut lf help meta_l meta_r compose pause power sleep wake'
	).split(' '),
);

const isKey = (name: string): boolean =>
	/^(?:[a-z0-9]|f(?:[1-9]|1[0-2])|kp_[0-9])$/.test(name) || KEYS.has(name);

function sendKey(call: Call): null {
	const { world, parameters } = call;
	rootOnly(call, 'skiplock');
	const vm = vmOf(world.state, vmidOf(parameters));
	if (vm.status !== 'running') throw failure(`VM ${vm.vmid} not running`);
	const keys = (textOf(parameters, 'key') ?? '').split('-');
	if (!keys.every(isKey)) throw new ApiError(400, '');
	return null;
}

/** The volumes that a VM owns: those of its drives, unused ones, and of its snapshots. */
function ownVolumes(vm: Vm): string[] {
	const configs = [vm.config, ...vm.snapshots.map(({ config }) => config)];
	const named = configs.flatMap((config) =>
		Object.entries(config).flatMap(([key, value]) => {
			if (/^unused\d+$/.test(key) || key === 'vmstate') return [String(value)];
			const volid = isDriveName(key) ? volumeOf(key, String(value)) : undefined;
			return volid === undefined ? [] : [volid];
		}),
	);
	return [...new Set(named)];
}

/** Removes a volume of a VM; what is not there is passed over, what is another's is kept. */
function removeVolume({ world: { state }, parameters }: Call, volid: string, worker: Worker): void {
	const id = parseVolumeId(volid);
	if (!id) return;
	const { type, vmid } = parseVolumeName(id.name, storageOf(state, id.storage).type);
	if (type !== 'images' || vmid !== vmidOf(parameters)) return;
	const volume = state.volumes.get(volid);
	if (!volume)
		worker.log(
			`disk image '${pathOf(state, { storage: id.storage, content: type, volid })}' does not exist`,
		);
	free(state, volid);
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
			throw failure(
				`unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`,
			);
		}
		if (vm.status === 'running') throw failure(`VM ${vmid} is running - destroy failed`);
	};
	checkEarly();
	return runTask(call, 'qmdestroy', async (vm, worker) => {
		checkEarly();
		if (!flagOf(parameters, 'skiplock')) checkLock(vm);
		for (const volume of state.volumes.values()) {
			if (volume.parent !== undefined && volume.volid.includes(`/base-${vmid}-`)) {
				throw failure(
					`base volume '${volume.storage}:${volume.parent.slice(3)}' is still in use by linked cloned`,
				);
			}
		}
		checkWritable(state, vmid);
		await worker.work(durations.destroy);
		for (const volid of ownVolumes(vm)) removeVolume(call, volid, worker);
		if (flagOf(parameters, 'destroy-unreferenced-disks')) {
			// All storages are searched, also those that cannot be used; the disks above are gone by then.
			for (const storage of [...state.storages.values()].sort((a, b) =>
				a.storage < b.storage ? -1 : 1,
			)) {
				if (!storage.disabled && isOnNode(storage, state.localNode))
					activate(state, storage.storage);
			}
			for (const volume of [...state.volumes.values()]) {
				if (volume.vmid === vmid && volume.content === 'images') free(state, volume.volid);
			}
		}
		for (const pool of state.pools.values()) pool.vms.delete(vmid);
		state.acl = state.acl.filter(({ path }) => path !== `/vms/${vmid}`);
		if (flagOf(parameters, 'purge')) {
			worker.log(`purging VM ${vmid} from related configurations..`);
			if (vm.haManaged !== undefined)
				worker.log(`NOTE: removed VM ${vmid} from HA resource configuration.`);
		}
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
			checkHears(call);
			return requestHaltByHa(call, 'qmshutdown') ?? runTask(call, 'qmshutdown', shutdownVm);
		},
	},
	{ method: 'POST', path: `${STATUS}/reboot`, handle: reboot },
	{ method: 'POST', path: `${STATUS}/reset`, handle: reset },
	{ method: 'POST', path: `${STATUS}/suspend`, handle: suspend },
	{ method: 'POST', path: `${STATUS}/resume`, handle: resume },
	{ method: 'PUT', path: '/nodes/{node}/qemu/{vmid}/sendkey', handle: sendKey },
	{ method: 'DELETE', path: '/nodes/{node}/qemu/{vmid}', handle: destroy },
];
