/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { failure } from '../errors';
import type { ClusterState, Snapshot, Vm, VmConfig } from '../state/types';
import { free } from '../storage/allocate';
import { storageOf } from '../storage/storages';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import { addUnused, checkWritable } from '../vm/config';
import { freezeReport } from '../vm/report';
import {
	RUNNING_KEYS,
	logHostMtu,
	saveState,
	savedMegabytes,
	stateStorageOf,
} from '../vm/savedState';
import { run } from '../vm/start';
import { shownCt } from '../ct/config';
import { silentWorker } from '../tasks/silentWorker';
import { containers, virtualMachines } from './guestKinds';
import type { GuestKind } from './guestKinds';
import { flagOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

function list(kind: GuestKind, { world, parameters }: Call): unknown {
	const vm = kind.of(world.state, vmidOf(parameters));
	const rows = vm.snapshots.map(({ name, description, snaptime, vmstate, parent, snapstate }) => ({
		name,
		description: description ?? '',
		snaptime,
		...(kind.type === 'qemu' ? { vmstate: vmstate ? 1 : 0 } : {}),
		...(parent === undefined ? {} : { parent }),
		...(snapstate === undefined ? {} : { snapstate }),
	}));
	const current = {
		name: 'current',
		description: 'You are here!',
		digest: kind.digest(vm),
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
		(volume.format === 'qcow2' || /^(?:btrfs|lvmthin)$/.test(storageOf(state, volume.storage).type))
	);
}

/** Runs something with a VM's lock file. */
type WithLock = <Result>(work: (vm: Vm) => Result | Promise<Result>) => Promise<Result>;

/**
 * A task that works on a VM's snapshots. It has the VM's lock file only while it changes the configuration: in between
 * the lock in the configuration keeps others out, who are refused at once.
 */
function runTask(
	kind: GuestKind,
	call: Call,
	type: string,
	work: (worker: Worker, locked: WithLock) => Promise<void>,
): string {
	const { world, authId, parameters } = call;
	const vmid = vmidOf(parameters);
	if (kind.isLookedForFirst) kind.of(world.state, vmid);
	return world.tasks.start({
		type: `${kind.prefix}${type}`,
		id: String(vmid),
		authId,
		run: async (worker) => {
			const locked: WithLock = async (change) =>
				await kind.withLock(world, vmid, worker, async (vm) => await Promise.resolve(change(vm)));
			await work(worker, locked);
		},
	});
}

function checkName({ reserved }: GuestKind, name: string): void {
	const taken = reserved.find(
		(each) => each === name || (each === 'pending' && each === name.toLowerCase()),
	);
	if (taken !== undefined) throw failure(`unable to use snapshot name '${taken}' (reserved name)`);
}

/** What a snapshot keeps, as it is listed until it is complete. */
function prepare(kind: GuestKind, call: Call, vm: Vm, worker: Worker): Snapshot {
	const { world, parameters } = call;
	const { state } = world;
	const name = textOf(parameters, 'snapname') ?? '';
	if (vm.config.template) throw failure("you can't take a snapshot if it's a template");
	kind.checkLock(vm);
	if (vm.snapshots.some((snapshot) => snapshot.name === name))
		throw failure(`snapshot name '${name}' already used`);
	const canAll = kind.disks(state, vm.config).every(([, volid]) => canSnapshot(state, volid));
	if (!canAll) throw failure('snapshot feature is not available');
	checkWritable(state, vm.vmid);
	const isSaved = flagOf(parameters, 'vmstate') && vm.status === 'running';
	const snaptime = seconds(world);
	const memory = isSaved ? saveState(world, vm, stateStorageOf(state, vm), name, worker.log) : {};
	const config = Object.fromEntries(
		Object.entries({ ...vm.config, ...memory }).filter(
			([key]) => !/^(?:unused\d+|description|lock|parent)$/.test(key),
		),
	);
	const description = textOf(parameters, 'description');
	const snapshot: Snapshot = {
		name,
		description: description ? kind.describe(description) : undefined,
		snaptime,
		vmstate: isSaved,
		parent: vm.config.parent === undefined ? undefined : String(vm.config.parent),
		snapstate: 'prepare',
		config,
	};
	vm.snapshots.push(snapshot);
	vm.config.lock = 'snapshot';
	return snapshot;
}

/** Takes a snapshot away, whose children come under its parent. */
function forget(
	state: ClusterState,
	vm: Vm,
	{ name, parent, config: { vmstate } }: Snapshot,
): void {
	if (vmstate !== undefined) free(state, String(vmstate));
	vm.snapshots = vm.snapshots.filter((snapshot) => snapshot.name !== name);
	for (const child of vm.snapshots) if (child.parent === name) child.parent = parent;
	delete vm.config.lock;
	if (vm.config.parent !== name) return;
	if (parent === undefined) delete vm.config.parent;
	else vm.config.parent = parent;
}

function create(kind: GuestKind, call: Call): string {
	const { state } = call.world;
	checkName(kind, textOf(call.parameters, 'snapname') ?? '');
	return runTask(kind, call, 'snapshot', async (worker, locked) => {
		const [vm, snapshot] = await locked(
			(target) => [target, prepare(kind, call, target, worker)] as const,
		);
		try {
			await worker.work(durations.snapshot);
		} catch (error) {
			// A killed process cleans nothing up.
			if (wasKilled(worker.signal)) throw error;
			worker.log('snapshot create failed: starting cleanup');
			forget(state, vm, snapshot);
			throw error;
		}
		if (snapshot.vmstate) {
			worker.log(`saving VM state and RAM using storage '${stateStorageOf(state, vm)}'`);
			worker.log('1.00 MiB in 0s');
			worker.log(`completed saving the VM state in 0s, saved ${savedMegabytes(vm)} MiB`);
		}
		for (const [key, volid] of kind.disks(state, vm.config)) {
			if (kind.type === 'lxc') continue;
			worker.log(`snapshotting 'drive-${key}' (${volid})`);
			const isInternal = vm.status === 'running' && state.volumes.get(volid)?.format === 'qcow2';
			if (isInternal) worker.log('internal qemu snapshot');
		}
		await locked(() => {
			delete snapshot.snapstate;
			delete vm.config.lock;
			vm.config.parent = snapshot.name;
		});
	});
}

function remove(kind: GuestKind, call: Call): string {
	const { state } = call.world;
	const name = textOf(call.parameters, 'snapname') ?? '';
	return runTask(kind, call, 'delsnapshot', async (worker, locked) => {
		const vm = await locked((target) => {
			const snapshot = snapshotOf(target, name);
			kind.checkLock(target);
			if (target.config.template) throw failure("you can't delete a snapshot if vm is a template");
			checkWritable(state, target.vmid);
			target.config.lock = 'snapshot-delete';
			snapshot.snapstate = 'delete';
			return target;
		});
		// One that is stopped here leaves the lock, and a snapshot that is half deleted.
		await worker.work(durations.snapshot);
		await locked(() => forget(state, vm, snapshotOf(vm, name)));
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

function rollback(kind: GuestKind, call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const name = textOf(parameters, 'snapname') ?? '';
	return runTask(kind, call, 'rollback', async (worker, locked) => {
		const vm = await locked(async (target) => {
			if (target.config.template) throw failure("you can't rollback if vm is a template");
			const { snapstate } = snapshotOf(target, name);
			if (snapstate)
				throw failure(`unable to rollback to incomplete snapshot (snapstate = ${snapstate})`);
			kind.checkLock(target);
			checkWritable(state, target.vmid);
			if (target.status === 'running') await kind.halt(world, target, worker);
			target.config.lock = 'rollback';
			return target;
		});
		// One that is stopped here leaves the lock.
		await worker.work(durations.rollback);
		const snapshot = await locked(() => {
			const found = snapshotOf(vm, name);
			freezeReport(world, vm);
			const before = kind.disks(state, vm.config);
			vm.config = rolledBack(vm, found);
			vm.pending = {};
			vm.pendingDelete.clear();
			delete vm.imageDrift;
			const after = new Set(kind.disks(state, vm.config).map(([, volid]) => volid));
			for (const [, volid] of before) {
				if (!after.has(volid) && state.volumes.get(volid)?.vmid === vm.vmid) addUnused(vm, volid);
			}
			return found;
		});
		if (snapshot.vmstate) {
			logHostMtu(snapshot.config, worker.log);
			await worker.work(durations.start);
			run(world, vm, worker.pid + 9);
		} else if (flagOf(parameters, 'start')) {
			kind.requestStart(world, authId, vm.vmid);
		}
	});
}

function readConfig(kind: GuestKind, { world, parameters }: Call): unknown {
	const guest = kind.of(world.state, vmidOf(parameters));
	const config = snapshotConfig(snapshotOf(guest, textOf(parameters, 'snapname') ?? ''));
	return kind.type === 'lxc' ? shownCt(config) : config;
}

async function changeConfig(kind: GuestKind, { world, parameters }: Call): Promise<null> {
	const vm = kind.of(world.state, vmidOf(parameters));
	const description = textOf(parameters, 'description');
	if (description === undefined) return null;
	await kind.withLock(world, vm.vmid, silentWorker, async () => {
		kind.checkLock(vm);
		const snapshot = snapshotOf(vm, textOf(parameters, 'snapname') ?? '');
		snapshot.description = kind.describe(description);
		await Promise.resolve();
	});
	return null;
}

function endpointsOf(kind: GuestKind): Endpoint[] {
	const path = `/nodes/{node}/${kind.type}/{vmid}/snapshot`;
	const one = `${path}/{snapname}`;
	const about =
		<Result>(handle: (guests: GuestKind, call: Call) => Result) =>
		(call: Call): Result =>
			handle(kind, call);
	return [
		{ method: 'GET', path, handle: about(list) },
		{ method: 'POST', path, handle: about(create) },
		{ method: 'GET', path: one, handle: () => [{ cmd: 'rollback' }, { cmd: 'config' }] },
		{ method: 'DELETE', path: one, handle: about(remove) },
		{ method: 'GET', path: `${one}/config`, handle: about(readConfig) },
		{ method: 'PUT', path: `${one}/config`, handle: about(changeConfig) },
		{ method: 'POST', path: `${one}/rollback`, handle: about(rollback) },
	];
}

export const snapshotEndpoints: Endpoint[] = [
	...endpointsOf(virtualMachines),
	...endpointsOf(containers),
];
