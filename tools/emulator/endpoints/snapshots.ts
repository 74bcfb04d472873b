import { failure } from '../errors';
import type { ClusterState, Snapshot, Vm, VmConfig } from '../state/types';
import { free } from '../storage/allocate';
import { storageOf } from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import { addUnused, checkLock, checkWritable, digestOf, vmOf } from '../vm/config';
import { drivesOf, isCdrom } from '../vm/drives';
import { freezeReport } from '../vm/report';
import {
	RUNNING_KEYS,
	logHostMtu,
	saveState,
	savedMegabytes,
	stateStorageOf,
} from '../vm/savedState';
import { halt, requestStart, run, withVmLock } from '../vm/start';
import { flagOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

function list({ world, parameters }: Call): unknown {
	const vm = vmOf(world.state, vmidOf(parameters));
	const rows = vm.snapshots.map(({ name, description, snaptime, vmstate, parent }) => ({
		name,
		description: description ?? '',
		snaptime,
		vmstate: vmstate ? 1 : 0,
		...(parent === undefined ? {} : { parent }),
	}));
	const current = {
		name: 'current',
		description: 'You are here!',
		digest: digestOf(vm),
		running: vm.status === 'running' ? 1 : 0,
		...(vm.config.parent === undefined ? {} : { parent: vm.config.parent }),
	};
	return [...rows, current];
}

/** A VM's snapshot; throws the API's text where it has none of that name. */
export function snapshotOf(vm: Vm, name: string): Snapshot {
	const found = vm.snapshots.find((snapshot) => snapshot.name === name);
	if (!found) throw failure(`snapshot '${name}' does not exist`);
	return found;
}

/** The configuration that a snapshot keeps, with its own description and time. */
export function snapshotConfig({ config, description, snaptime, parent }: Snapshot): VmConfig {
	return {
		...config,
		snaptime,
		...(description === undefined ? {} : { description }),
		...(parent === undefined ? {} : { parent }),
	};
}

/** Whether a disk can be frozen as it is: by its format, or by its storage. */
export function canSnapshot(state: ClusterState, volid: string): boolean {
	const volume = state.volumes.get(volid);
	return (
		volume !== undefined &&
		(volume.format === 'qcow2' || storageOf(state, volume.storage).type === 'btrfs')
	);
}

/** The disks that a snapshot freezes. */
function disksOf(state: ClusterState, config: VmConfig): Array<[key: string, volid: string]> {
	return drivesOf(config).flatMap(([key, drive]): Array<[string, string]> => {
		return isCdrom(drive) || !parseVolumeId(drive.file) || !state.volumes.has(drive.file)
			? []
			: [[key, drive.file]];
	});
}

function runTask(
	call: Call,
	type: string,
	work: (vm: Vm, worker: Worker) => Promise<void>,
): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	vmOf(world.state, vmid);
	return world.tasks.start({
		type,
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(world, vmid, worker, async (vm) => await work(vm, worker)),
	});
}

/** Works with a lock in the configuration, which is there for others to see. */
async function lockedAs(vm: Vm, lock: string, worker: Worker, ms: number): Promise<void> {
	vm.config.lock = lock;
	try {
		await worker.work(ms);
	} finally {
		// A killed process leaves its lock.
		if (!wasKilled(worker.signal)) delete vm.config.lock;
	}
}

function checkName(name: string): void {
	if (name === 'current') throw failure("unable to use snapshot name 'current' (reserved name)");
	if (name.toLowerCase() === 'pending')
		throw failure("unable to use snapshot name 'pending' (reserved name)");
}

function create(call: Call): string {
	const { world, parameters } = call;
	const { state } = world;
	const name = textOf(parameters, 'snapname') ?? '';
	checkName(name);
	return runTask(call, 'qmsnapshot', async (vm, worker) => {
		if (vm.config.template) throw failure("you can't take a snapshot if it's a template");
		checkLock(vm);
		if (vm.snapshots.some((snapshot) => snapshot.name === name))
			throw failure(`snapshot name '${name}' already used`);
		const disks = disksOf(state, vm.config);
		if (!disks.every(([, volid]) => canSnapshot(state, volid)))
			throw failure('snapshot feature is not available');
		checkWritable(state, vm.vmid);
		const isRunning = vm.status === 'running';
		const isSaved = flagOf(parameters, 'vmstate') && isRunning;
		const snaptime = seconds(world);
		const memory = isSaved ? saveState(world, vm, stateStorageOf(state, vm), name, worker.log) : {};
		await lockedAs(vm, 'snapshot', worker, durations.snapshot);
		if (isSaved) {
			worker.log(`saving VM state and RAM using storage '${stateStorageOf(state, vm)}'`);
			worker.log('1.00 MiB in 0s');
			worker.log(`completed saving the VM state in 0s, saved ${savedMegabytes(vm)} MiB`);
		}
		for (const [key, volid] of disks) {
			worker.log(`snapshotting 'drive-${key}' (${volid})`);
			if (isRunning && state.volumes.get(volid)?.format === 'qcow2')
				worker.log('internal qemu snapshot');
		}
		const config = Object.fromEntries(
			Object.entries({ ...vm.config, ...memory }).filter(
				([key]) => !/^(?:unused\d+|description|lock|parent)$/.test(key),
			),
		);
		const description = textOf(parameters, 'description');
		vm.snapshots.push({
			name,
			description: description === '' ? undefined : description,
			snaptime,
			vmstate: isSaved,
			parent: vm.config.parent === undefined ? undefined : String(vm.config.parent),
			config,
		});
		vm.config.parent = name;
	});
}

function remove(call: Call): string {
	const { state } = call.world;
	const name = textOf(call.parameters, 'snapname') ?? '';
	return runTask(call, 'qmdelsnapshot', async (vm, worker) => {
		const { config } = snapshotOf(vm, name);
		checkLock(vm);
		if (vm.config.template) throw failure("you can't delete a snapshot if vm is a template");
		checkWritable(state, vm.vmid);
		await lockedAs(vm, 'snapshot-delete', worker, durations.snapshot);
		const { parent } = snapshotOf(vm, name);
		if (config.vmstate !== undefined) free(state, String(config.vmstate));
		vm.snapshots = vm.snapshots.filter((snapshot) => snapshot.name !== name);
		for (const child of vm.snapshots) if (child.parent === name) child.parent = parent;
		if (vm.config.parent !== name) return;
		if (parent === undefined) delete vm.config.parent;
		else vm.config.parent = parent;
	});
}

/** A VM's configuration after a rollback: that of the snapshot, but for what the VM keeps as its own. */
function rolledBack(vm: Vm, { name, config }: Snapshot): VmConfig {
	const kept = Object.entries(vm.config).filter(
		([key]) => key === 'description' || /^unused\d+$/.test(key),
	);
	const restored = Object.entries(config).filter(
		([key]) => key !== 'vmstate' && !RUNNING_KEYS.some((other) => other === key),
	);
	return { ...Object.fromEntries(kept), ...Object.fromEntries(restored), parent: name };
}

function rollback(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const name = textOf(parameters, 'snapname') ?? '';
	return runTask(call, 'qmrollback', async (vm, worker) => {
		if (vm.config.template) throw failure("you can't rollback if vm is a template");
		const snapshot = snapshotOf(vm, name);
		checkLock(vm);
		checkWritable(state, vm.vmid);
		if (vm.status === 'running') halt(world, vm);
		await lockedAs(vm, 'rollback', worker, durations.rollback);
		freezeReport(world, vm);
		const before = disksOf(state, vm.config);
		vm.config = rolledBack(vm, snapshot);
		const after = new Set(disksOf(state, vm.config).map(([, volid]) => volid));
		for (const [, volid] of before)
			if (!after.has(volid) && state.volumes.get(volid)?.vmid === vm.vmid) addUnused(vm, volid);
		if (snapshot.vmstate) {
			logHostMtu(snapshot.config, worker.log);
			await worker.work(durations.start);
			run(world, vm, worker.pid + 9);
		} else if (flagOf(parameters, 'start')) {
			requestStart(world, authId, vm.vmid);
		}
	});
}

function readConfig({ world, parameters }: Call): VmConfig {
	return snapshotConfig(
		snapshotOf(vmOf(world.state, vmidOf(parameters)), textOf(parameters, 'snapname') ?? ''),
	);
}

async function changeConfig({ world, parameters }: Call): Promise<null> {
	const vm = vmOf(world.state, vmidOf(parameters));
	const description = textOf(parameters, 'description');
	if (description === undefined) return null;
	await world.locks.hold(vm.vmid, 10, async () => {
		checkLock(vm);
		snapshotOf(vm, textOf(parameters, 'snapname') ?? '').description = description;
		await Promise.resolve();
	});
	return null;
}

const SNAPSHOTS = '/nodes/{node}/qemu/{vmid}/snapshot';

export const snapshotEndpoints: Endpoint[] = [
	{ method: 'GET', path: SNAPSHOTS, handle: list },
	{ method: 'POST', path: SNAPSHOTS, handle: create },
	{
		method: 'GET',
		path: `${SNAPSHOTS}/{snapname}`,
		handle: () => [{ cmd: 'rollback' }, { cmd: 'config' }],
	},
	{ method: 'DELETE', path: `${SNAPSHOTS}/{snapname}`, handle: remove },
	{ method: 'GET', path: `${SNAPSHOTS}/{snapname}/config`, handle: readConfig },
	{ method: 'PUT', path: `${SNAPSHOTS}/{snapname}/config`, handle: changeConfig },
	{ method: 'POST', path: `${SNAPSHOTS}/{snapname}/rollback`, handle: rollback },
];
