/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { randomUUID } from 'node:crypto';
import { demand } from '../auth/permissions';
import { failure, parameterError, permissionError, taskErrorText, unsupported } from '../errors';
import { newVm } from '../state/load';
import type { ClusterState, Vm, VmConfig, Volume } from '../state/types';
import { memberNodes } from '../state/view';
import { allocate, free, makeBase, preallocationOf } from '../storage/allocate';
import {
	activate,
	checkEnabled,
	formatOn,
	isOnNode,
	isThin,
	pathOf,
	resizeLog,
	storageOf,
	usedOn,
	volumeName,
} from '../storage/storages';
import { isDisk, parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { holdInTask } from '../tasks/locks';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { addUnused, checkLock, checkWritable, digestOf, toStored, vmOf } from '../vm/config';
import { checkQuorum } from '../vm/create';
import { logTransfer } from '../vm/createDisks';
import {
	drivesOf,
	isCdrom,
	isCloudInit,
	isDriveName,
	parseDrive,
	parseSize,
	printDrive,
} from '../vm/drives';
import type { Drive } from '../vm/drives';
import { withMac } from '../vm/network';
import { RUNNING_KEYS } from '../vm/savedState';
import { existingVm, withVmLock } from '../vm/start';
import { checkTargetStorage, targetOf } from './cloneTarget';
import { canSnapshot, snapshotConfig, snapshotOf } from './snapshots';
import { flagOf, numberOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

interface Clone {
	call: Call;
	/** What is copied: the VM as it is, or as it was at a snapshot. */
	config: VmConfig;
	vmid: number;
	newid: number;
	isFull: boolean;
	/** The node that is to have the clone. */
	target: string;
}

function volumeOf({ world: { state } }: Call, drive: Drive): Volume | undefined {
	return state.volumes.get(drive.file);
}

function isBase(state: ClusterState, drive: Drive): boolean {
	const id = parseVolumeId(drive.file);
	return id !== undefined && volumeName(state, id).isBase;
}

/** Whether a disk can be copied as it was at a snapshot. */
const canCopySnapshot = (state: ClusterState, { format, storage }: Volume): boolean =>
	format === 'qcow2' || isThin(state, storage);

/** Everything that is checked before a clone, and once more by its task: in between the ID may be taken. */
function checkClone(call: Call): Clone {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const newid = numberOf(parameters, 'newid') ?? 0;
	const pool = textOf(parameters, 'pool');
	if (pool !== undefined && !state.pools.has(pool))
		throw permissionError(`pool '${pool}' does not exist`);
	const target = targetOf(call);
	const storage = textOf(parameters, 'storage');
	checkTargetStorage(call, storage, target);
	checkQuorum(state);
	const source = existingVm(state, vmid);
	checkLock(source);
	const snapname = textOf(parameters, 'snapname');
	const snapshot = source.snapshots.find(({ name }) => name === snapname);
	if (snapname !== undefined && !snapshot) throw failure(`snapshot '${snapname}' does not exist`);
	const isFull =
		parameters.full === undefined ? !source.config.template : flagOf(parameters, 'full');
	for (const name of ['storage', 'format']) {
		if (!isFull && parameters[name] !== undefined)
			throw failure(`parameter '${name}' not allowed for linked clones`);
	}
	const config = snapshot ? snapshotConfig(snapshot) : source.config;
	const drives = drivesOf(config).flatMap(([key, drive]) => {
		const volume = volumeOf(call, drive);
		return volume ? [{ key, drive, volume }] : [];
	});
	const disks = drives.filter(({ drive }) => !isCdrom(drive));
	for (const { volume } of disks) {
		const name = storage ?? volume.storage;
		demand(state, authId, `/storage/${name}`, ['Datastore.AllocateSpace']);
		if (!storageOf(state, name).content.includes('images')) {
			throw parameterError({ storage: `storage '${name}' does not support vm images` });
		}
	}
	const isShared = drives.every(({ volume }) => storageOf(state, volume.storage).shared);
	if (target !== state.localNode && !isShared)
		throw failure(`can't clone VM to node '${target}' (VM uses local storage)`);
	const taken = state.vms.get(newid);
	if (taken?.type === 'qemu' && taken.node === state.localNode)
		throw failure(`unable to create VM ${newid}: config file already exists`);
	for (const { key, drive, volume } of disks) {
		const refusal = `clone feature is not supported for${snapshot ? ' a snapshot of' : ''} '${drive.file}' (${key})`;
		if (isFull ? snapshot && !canCopySnapshot(state, volume) : !isBase(state, drive))
			throw failure(`${isFull ? 'Full' : 'Linked'} ${refusal}`);
	}
	return { call, config, vmid, newid, isFull, target };
}

/** Seconds that a clone waits for the lock file of the original (where it runs) and of the clone. */
const CLONE_LOCK_TIMEOUT = 1;

function clone(call: Call): string {
	const { world, authId, parameters } = call;
	const { vmid, newid } = checkClone(call);
	const isRunning = world.state.vms.get(vmid)?.status === 'running';
	return world.tasks.start({
		type: 'qmclone',
		id: String(vmid),
		authId,
		run: async (worker) => {
			const timeout = CLONE_LOCK_TIMEOUT;
			const make = async () => await makeClone(call, worker);
			const copy = async () => await holdInTask(world.locks, newid, worker, make, { timeout });
			await (isRunning ? holdInTask(world.locks, vmid, worker, copy, { timeout }) : copy());
			const pool = textOf(parameters, 'pool');
			if (pool !== undefined) world.state.pools.get(pool)?.vms.add(newid);
		},
	});
}

async function makeClone(call: Call, worker: Worker): Promise<void> {
	const { state } = call.world;
	const checked = checkClone(call);
	const { vmid, newid } = checked;
	worker.log(`creating a clone of VM ${vmid} with ID ${newid}`);
	if (state.vms.has(newid)) {
		const file = `/etc/pve/nodes/${state.localNode}/qemu-server/${newid}.conf`;
		throw failure(`close (rename) atomic file '${file}' failed: File exists`);
	}
	// The cluster hears of it when its node next sends word.
	const made: Vm = { ...newVm(newid, state.localNode, { lock: 'clone' }), lastReport: null };
	state.vms.set(newid, made);
	const copies: string[] = [];
	try {
		await worker.work(durations.clone);
		made.config = cloneConfig(checked, worker, copies);
		made.node = checked.target;
	} catch (error) {
		// A killed process leaves all as it is.
		if (wasKilled(worker.signal)) throw error;
		for (const volid of copies) free(state, volid);
		state.vms.delete(newid);
		throw failure(`clone failed: ${taskErrorText(error)}`);
	}
}

function cloneConfig(clone: Clone, worker: Worker, copies: string[]): VmConfig {
	const { call, config: original, vmid } = clone;
	const { world, parameters } = call;
	const config: VmConfig = {};
	for (const [key, value] of Object.entries(original)) {
		if (/^unused\d+$/.test(key) || LEFT_BEHIND.has(key)) continue;
		config[key] = value;
		if (/^net\d+$/.test(key)) config[key] = withMac(world.state, String(value), true);
		if (isDriveName(key)) config[key] = cloneDrive(clone, key, String(value), worker, copies);
	}
	config.smbios1 = String(config.smbios1 ?? '').replace(
		/uuid=[0-9a-fA-F-]+/,
		`uuid=${randomUUID()}`,
	);
	if (config.vmgenid !== undefined) config.vmgenid = randomUUID();
	config.name = textOf(parameters, 'name') ?? `Copy-of-VM-${String(original.name ?? vmid)}`;
	const description = textOf(parameters, 'description');
	return toStored(description === undefined ? config : { ...config, description });
}

/** What a clone does not take from its original. */
const LEFT_BEHIND: ReadonlySet<string> = new Set([
	'lock',
	'template',
	'parent',
	'vmstate',
	'snaptime',
	'digest',
	...RUNNING_KEYS,
]);

function cloneDrive(
	{ call, newid, isFull }: Clone,
	key: string,
	value: string,
	worker: Worker,
	copies: string[],
): string {
	const { world, parameters } = call;
	const drive = parseDrive(key, value);
	const volume = drive && volumeOf(call, drive);
	if (!drive || !volume || (isCdrom(drive) && !isCloudInit(drive))) return value;
	const id = parseVolumeId(drive.file);
	if (!isFull && isBase(world.state, drive)) {
		worker.log(`create linked clone of drive ${key} (${drive.file})`);
		if (isThin(world.state, volume.storage)) {
			const linked = allocate(
				world,
				{
					storage: volume.storage,
					vmid: newid,
					format: 'raw',
					kilobytes: volume.size / 1024,
					boots: volume.boots,
				},
				worker.log,
			);
			copies.push(linked.volid);
			return printDrive(key, { ...drive, file: linked.volid });
		}
		const name = id?.name ?? '';
		const target = `vm-${newid}-disk-${drivesBefore(world.state.volumes, newid)}.qcow2`;
		worker.log(`clone ${name}: images, ${target}, ${newid} to ${target} (base=../${name})`);
		const linked = allocate(
			world,
			{
				storage: volume.storage,
				vmid: newid,
				format: 'qcow2',
				name: target,
				kilobytes: volume.size / 1024,
				backing: name,
				boots: volume.boots,
			},
			worker.log,
		);
		copies.push(linked.volid);
		return printDrive(key, { ...drive, file: linked.volid });
	}
	worker.log(`create full clone of drive ${key} (${drive.file})`);
	const storage = textOf(parameters, 'storage') ?? volume.storage;
	const format = formatOn(world.state, storage, textOf(parameters, 'format') ?? volume.format);
	const name = isCloudInit(drive) ? `vm-${newid}-cloudinit.${format}` : undefined;
	const copy = allocate(
		world,
		{ storage, vmid: newid, format, name, kilobytes: volume.size / 1024, boots: volume.boots },
		worker.log,
	);
	copies.push(copy.volid);
	worker.log(`allocated target volume '${copy.volid}'`);
	logTransfer(worker, copy.size);
	return printDrive(key, { ...drive, file: copy.volid });
}

function drivesBefore(volumes: ReadonlyMap<string, Volume>, vmid: number): number {
	return [...volumes.values()].filter((volume) => volume.vmid === vmid && isDisk(volume)).length;
}

function template(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const disk = textOf(parameters, 'disk');
	const check = () => {
		const vm = vmOf(state, vmid);
		checkLock(vm);
		if (vm.snapshots.length > 0)
			throw failure('unable to create template, because VM contains snapshots');
		if (vm.config.template && disk === undefined)
			throw failure("you can't convert a template to a template");
		if (vm.status === 'running')
			throw failure("you can't convert a VM to template if VM is running");
		return vm;
	};
	check();
	return world.tasks.start({
		type: 'qmtemplate',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(world, vmid, worker, async () => {
				const vm = check();
				checkWritable(state, vmid);
				await worker.work(durations.template);
				vm.config.template = 1;
				for (const [key, drive] of drivesOf(vm.config)) {
					if (isCdrom(drive) || !state.volumes.has(drive.file) || isBase(state, drive)) continue;
					if (disk !== undefined && disk !== key) continue;
					vm.config[key] = printDrive(key, { ...drive, file: makeBase(state, drive.file) });
				}
			}),
	});
}

function resize(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const disk = textOf(parameters, 'disk') ?? '';
	const [, sign, amount = ''] = /^(\+)?(.+)$/.exec(textOf(parameters, 'size') ?? '') ?? [];
	return world.tasks.start({
		type: 'resize',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(world, vmid, worker, async (vm) => {
				const digest = textOf(parameters, 'digest');
				if (digest !== undefined && digest !== digestOf(vm))
					throw failure('checksum mismatch (file change by other user?)');
				checkLock(vm);
				const drive =
					vm.config[disk] === undefined ? undefined : parseDrive(disk, String(vm.config[disk]));
				if (!drive) throw failure(`disk '${disk}' does not exist`);
				const volume = state.volumes.get(drive.file);
				if (!volume || isCdrom(drive)) throw failure("you can't resize a cdrom");
				demand(state, authId, `/storage/${volume.storage}`, ['Datastore.AllocateSpace']);
				const size = (parseSize(amount) ?? 0) + (sign === undefined ? 0 : volume.size);
				if (size < volume.size) throw failure('shrinking disks is not supported');
				if (size === volume.size) return;
				checkWritable(state, vmid);
				await worker.work(durations.resize);
				const storage = activate(state, volume.storage);
				if (isBase(state, drive)) {
					// The file of a base is immutable.
					const path = pathOf(state, volume);
					worker.log(
						`qemu-img: Could not open '${path}': Could not open '${path}': Operation not permitted`,
					);
					const how = `'--preallocation=${preallocationOf(storage, volume.format)}' -f ${volume.format}`;
					throw failure(
						`command '/usr/bin/qemu-img resize ${how} ${path} ${size}' failed: exit code 1`,
					);
				}
				const more = storage.preallocation === 'full' ? size - volume.size : 0;
				if (more > storage.total - usedOn(state, storage)) {
					throw failure('command qemu-img resize failed: No space left on device');
				}
				volume.size = size;
				volume.used += more;
				for (const line of resizeLog(state, volume)) worker.log(line);
				vm.config[disk] = printDrive(disk, { ...drive, size });
			}),
	});
}

function moveDisk(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const disk = textOf(parameters, 'disk') ?? '';
	const storage = textOf(parameters, 'storage');
	const targetVm = textOf(parameters, 'target-vmid');
	if (targetVm !== undefined && storage === undefined)
		throw unsupported('a disk that changes its VM');
	if (storage === undefined || targetVm !== undefined) {
		const either =
			targetVm === undefined ? 'missing, either needs to be set' : 'set, only one is allowed';
		const text = `both 'storage' and 'target-vmid' ${either}`;
		throw parameterError({ storage: text, 'target-vmid': text });
	}
	demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	const check = () => {
		const vm = vmOf(state, vmid);
		checkLock(vm);
		const drive =
			vm.config[disk] === undefined ? undefined : parseDrive(disk, String(vm.config[disk]));
		if (!drive) throw failure(`disk '${disk}' does not exist`);
		const volume = state.volumes.get(drive.file);
		if (!volume || (isCdrom(drive) && !isCloudInit(drive))) throw failure("you can't move a cdrom");
		const format = formatOn(state, storage, textOf(parameters, 'format') ?? volume.format);
		if (volume.storage === storage && format === volume.format) {
			throw failure("you can't move to the same storage with same format");
		}
		const isFrozen = vm.snapshots.some(({ config }) =>
			drivesOf(config).some(([, other]) => other.file === drive.file),
		);
		if (isFrozen && flagOf(parameters, 'delete'))
			throw failure("you can't move a disk with snapshots and delete the source");
		if (!checkEnabled(state, storage).content.includes('images')) {
			throw parameterError({ storage: `storage '${storage}' does not support vm images` });
		}
		return { vm, drive, volume, format };
	};
	check();
	return world.tasks.start({
		type: 'qmmove',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withVmLock(world, vmid, worker, async () => {
				const { vm, drive, volume, format } = check();
				worker.log(
					`copying volume '${drive.file}' from current storage '${volume.storage}' to target storage '${storage}'`,
				);
				worker.log(`create full clone of drive ${disk} (${drive.file})`);
				await worker.work(durations.clone);
				const copy = allocate(
					world,
					{ storage, vmid, format, kilobytes: volume.size / 1024, boots: volume.boots },
					worker.log,
				);
				worker.log(`allocated target volume '${copy.volid}'`);
				logTransfer(worker, copy.size);
				vm.config[disk] = printDrive(disk, { ...drive, file: copy.volid });
				if (flagOf(parameters, 'delete')) {
					worker.log(`removing source volume '${volume.volid}' after successful copy`);
					free(state, volume.volid);
				} else {
					const key = addUnused(vm, volume.volid);
					worker.log(`adding source volume '${volume.volid}' as '${key}' to config`);
				}
			}),
	});
}

/** The nodes that have all storages of a VM. */
function nodesWithDisks(state: ClusterState, config: VmConfig): string[] {
	const storages = drivesOf(config).flatMap(
		([, { file }]) => state.storages.get(parseVolumeId(file)?.storage ?? '') ?? [],
	);
	return memberNodes(state)
		.map(({ name }) => name)
		.filter((node) =>
			storages.every((storage) =>
				storage.shared ? isOnNode(storage, node) : node === state.localNode,
			),
		);
}

function feature({ world, parameters }: Call): unknown {
	const { state } = world;
	const vm = vmOf(state, vmidOf(parameters));
	const asked = textOf(parameters, 'feature');
	const snapname = textOf(parameters, 'snapname');
	const config = snapname === undefined ? vm.config : snapshotOf(vm, snapname).config;
	const disks = drivesOf(config).filter(
		([, drive]) => !isCdrom(drive) && state.volumes.has(drive.file),
	);
	const canCopy = disks.every(([, drive]) => {
		const volume = state.volumes.get(drive.file);
		return volume !== undefined && canCopySnapshot(state, volume);
	});
	const has: Record<string, boolean> = {
		clone: snapname === undefined && disks.every(([, drive]) => isBase(state, drive)),
		snapshot: disks.every(([, drive]) => canSnapshot(state, drive.file)),
		copy: snapname === undefined || canCopy,
	};
	return { hasFeature: has[asked ?? ''] ? 1 : 0, nodes: nodesWithDisks(state, config) };
}

const VM = '/nodes/{node}/qemu/{vmid}';

export const qemuCopyEndpoints: Endpoint[] = [
	{ method: 'POST', path: `${VM}/clone`, handle: clone },
	{ method: 'POST', path: `${VM}/template`, handle: template },
	{ method: 'PUT', path: `${VM}/resize`, handle: resize },
	{ method: 'POST', path: `${VM}/move_disk`, handle: moveDisk },
	{ method: 'GET', path: `${VM}/feature`, handle: feature },
];
