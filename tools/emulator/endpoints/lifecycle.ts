/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { demand, demandOnVm, may, splitAuthId } from '../auth/permissions';
import { ApiError, failure, parameterError, taskErrorText } from '../errors';
import type { Vm } from '../state/types';
import { free } from '../storage/allocate';
import { activate, isOnNode, pathOf } from '../storage/storages';
import { isDisk, parseVolumeId, parseVolumeName } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { checkLock, checkWritable, vmOf } from '../vm/config';
import { volumeOf } from '../vm/createDisks';
import { isDriveName } from '../vm/drives';
import { dropState, saveState, stateStorageOf } from '../vm/savedState';
import { existingVm, halt, requestStart, runningVm, startVm, withVmLock } from '../vm/start';
import { subOptionsOf } from '../contract/facts';
import { parsePropertyString } from '../contract/propertyString';
import type { World } from '../world';
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

/** Ends the shutdowns of a guest that still wait for it, as far as one may stop those tasks. */
export async function overruleShutdowns(
	{ world, authId, parameters }: Call,
	worker: Worker,
	type: 'qmshutdown' | 'vzshutdown' = 'qmshutdown',
): Promise<void> {
	const { state, tasks } = world;
	const mayStopAll = may(state, authId, `/nodes/${state.localNode}`, ['Sys.Modify']);
	const overruled = tasks.all().filter((task) => {
		const isMeant = task.type === type && task.id === String(vmidOf(parameters));
		const isOwn = task.authId === authId || splitAuthId(task.authId).user === authId;
		return (
			isMeant && task.state === 'running' && task.node === state.localNode && (mayStopAll || isOwn)
		);
	});
	for (const { upid } of overruled) await tasks.stop(upid);
	if (overruled.length === 0) return;
	worker.log(`overruled ${type} tasks: ${overruled.map(({ upid }) => upid).join(', ')}`);
}

function stop(call: Call): string {
	const { world, authId, parameters } = call;
	rootOnly(call, 'skiplock');
	const vmid = vmidOf(parameters);
	const isOverruling = flagOf(parameters, 'overrule-shutdown');
	if (isOverruling && world.state.vms.get(vmid)?.haManaged !== undefined) {
		throw parameterError({ 'overrule-shutdown': 'Not applicable for HA resources.' });
	}
	return (
		requestHaltByHa(call, 'qmstop') ??
		world.tasks.start({
			type: 'qmstop',
			id: String(vmid),
			authId,
			run: async (worker) => {
				if (isOverruling) await overruleShutdowns(call, worker);
				const work = async (vm: Vm) => await stopVm(vm, worker, call);
				await withVmLock(world, vmid, worker, work, existingVm);
			},
		})
	);
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

/** Seconds that a guest has to shut down: as asked, else as its startup order says, else a minute. */
function shutdownSeconds({ config }: Vm, parameters: Call['parameters']): number {
	const asked = numberOf(parameters, 'timeout');
	if (asked !== undefined) return asked;
	const { down } =
		parsePropertyString(subOptionsOf('startup'), String(config.startup ?? '')).values ?? {};
	return Number(down ?? 0) || 60;
}

/** Asks the guest to shut down, and waits; throws where it does not. */
async function powerDown(vm: Vm, worker: Worker, call: Call): Promise<void> {
	if (hasAgent(vm) && !vm.agentRuns) {
		await worker.work(durations.agentTimeout);
		worker.log(
			`QEMU Guest Agent is not running - VM ${vm.vmid} qga command 'guest-ping' failed - got timeout`,
		);
	}
	if (vm.ignoresShutdown && !vm.agentRuns) {
		await worker.work(shutdownSeconds(vm, call.parameters) * 1000);
		if (!flagOf(call.parameters, 'forceStop')) {
			throw failure('VM quit/powerdown failed - got timeout');
		}
		worker.log('VM still running - terminating now with SIGTERM');
	} else {
		await worker.work(durations.shutdown);
	}
	halt(call.world, vm);
}

const shutdownVm: Work = async (vm, worker, call) => {
	// A guest that is paused would not notice; that it may be stopped was checked before.
	if (vm.paused) return await stopVm(vm, worker, call);
	if (vm.status !== 'running') return;
	if (!flagOf(call.parameters, 'skiplock')) checkLock(vm);
	await powerDown(vm, worker, call);
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

/** A reboot is a shutdown: once the guest is off, the host starts it again, as root and with a task of its own. */
function reboot(call: Call): string {
	const vmid = vmidOf(call.parameters);
	checkHears(call);
	runningVm(call.world.state, vmid);
	return runTask(call, 'qmreboot', async (vm, worker) => {
		if (vm.status !== 'running') return;
		checkLock(vm);
		await powerDown(vm, worker, call);
		requestStart(call.world, 'root@pam', vmid);
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
	const { state } = world;
	rootOnly(call, 'skiplock');
	const vm = runningVm(state, vmidOf(parameters));
	if (!flagOf(parameters, 'todisk')) {
		return runTask(call, 'qmpause', async (target, worker) => {
			if (target.config.lock !== 'backup') checkLock(target);
			await worker.work(durations.pause);
			target.paused = true;
		});
	}
	if (vm.haManaged !== undefined) throw failure('Cannot suspend HA managed VM to disk');
	demandOnVm(state, authId, vm.vmid, undefined, ['VM.Config.Disk']);
	if (Object.keys(vm.config).some((key) => /^hostpci\d+$/.test(key))) {
		throw failure(
			'cannot suspend VM to disk due to passed-through PCI device(s), which lack the possibility to save/restore their internal state',
		);
	}
	const storage = textOf(parameters, 'statestorage') ?? stateStorageOf(state, vm);
	demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	return world.tasks.start({
		type: 'qmsuspend',
		id: String(vm.vmid),
		authId,
		run: async (worker) => await saveToDisk(world, vm.vmid, storage, worker),
	});
}

/** Saves a VM's memory and ends it. Its lock file is free while the memory is written. */
async function saveToDisk(
	world: World,
	vmid: number,
	storage: string,
	worker: Worker,
): Promise<void> {
	await withVmLock(world, vmid, worker, async (vm) => {
		if (vm.config.lock === 'backup') throw failure('cannot suspend to disk during backup');
		checkLock(vm);
		checkWritable(world.state, vmid);
		const date = new Date(world.clock.now()).toISOString().slice(0, 10);
		const saved = saveState(world, vm, storage, `suspend-${date}`, worker.log);
		vm.config = { ...vm.config, ...saved, lock: 'suspending' };
		await Promise.resolve();
	});
	try {
		await worker.work(durations.snapshot);
	} catch (error) {
		// The lock stays, to show that something went wrong.
		const vm = world.state.vms.get(vmid);
		if (vm && !wasKilled(worker.signal)) dropState(world.state, vm);
		throw error;
	}
	worker.log('State saved, quitting');
	await withVmLock(world, vmid, worker, async (vm) => {
		halt(world, vm, { isSaved: true });
		vm.config.lock = 'suspended';
		await Promise.resolve();
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
		if (vm.status === 'running' && !vm.paused) return;
		if (vm.config.lock !== 'backup' && !flagOf(parameters, 'skiplock')) checkLock(vm);
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

/** The volumes that go with a VM: those of its drives and of changes that wait, unused ones, and saved states. */
function ownVolumes(vm: Vm): string[] {
	const named = [vm.config, vm.pending].flatMap((config) =>
		Object.entries(config).flatMap(([key, value]) => {
			if (/^unused\d+$/.test(key) || key === 'vmstate') return [String(value)];
			const volid = isDriveName(key) ? volumeOf(key, String(value)) : undefined;
			return volid === undefined ? [] : [volid];
		}),
	);
	const states = vm.snapshots.flatMap(({ config: { vmstate } }) =>
		vmstate === undefined ? [] : [String(vmstate)],
	);
	return [...new Set([...named, ...states])];
}

/** Removes a volume of a VM. What is not its own is kept; one that cannot be removed is a warning, and the VM goes all the same. */
function removeVolume({ world: { state }, parameters }: Call, volid: string, worker: Worker): void {
	const id = parseVolumeId(volid);
	if (!id) return;
	const storage = state.storages.get(id.storage);
	if (!storage) {
		return worker.warn(
			`failed to get path and owner of volume '${volid}': storage '${id.storage}' does not exist`,
		);
	}
	const { type, vmid } = parseVolumeName(id.name, storage.type);
	if (type !== 'images' || vmid !== vmidOf(parameters)) return;
	try {
		activate(state, id.storage);
	} catch (error) {
		return worker.warn(`Could not remove disk '${volid}', check manually: ${taskErrorText(error)}`);
	}
	const path = pathOf(state, { storage: id.storage, content: type, volid });
	if (!state.volumes.has(volid)) worker.log(`disk image '${path}' does not exist`);
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
		// A saved state goes with its VM.
		if (!flagOf(parameters, 'skiplock') && vm.config.lock !== 'suspended') checkLock(vm);
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
				if (volume.vmid === vmid && isDisk(volume)) free(state, volume.volid);
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
	{ method: 'POST', path: `${STATUS}/stop`, handle: stop },
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
