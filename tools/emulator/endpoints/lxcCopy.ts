/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { demand } from '../auth/permissions';
import { addUnusedVolume, checkCtLock, ctDigest, ctOf } from '../ct/config';
import { checkUnused } from '../ct/create';
import { kindOf, mountOf, mountsOf, printMount } from '../ct/mountPoints';
import type { MountPoint } from '../ct/mountPoints';
import { isNetKey, parseCtNet, storeNet } from '../ct/network';
import { withCtLock } from '../ct/start';
import { makeVolume } from '../ct/volumes';
import { printSize } from '../contract/propertyString';
import { failure, parameterError, permissionError, taskErrorText } from '../errors';
import { newVm } from '../state/load';
import type { ClusterState, Vm, VmConfig, Volume } from '../state/types';
import { free, makeBase, nextName, preallocationOf } from '../storage/allocate';
import {
	activate,
	checkEnabled,
	pathOf,
	resizeLog,
	storageOf,
	volumeName,
} from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { checkWritable } from '../vm/config';
import { checkBridgeRights } from '../vm/configRights';
import { checkQuorum } from '../vm/create';
import { parseSize } from '../vm/drives';
import { checkTargetStorage, targetOf } from './cloneTarget';
import { canSnapshot, snapshotConfig, snapshotOf } from './snapshots';
import { flagOf, numberOf, textOf, vmidOf } from './types';
import type { Call, Endpoint } from './types';

function isBase(state: ClusterState, { volume }: MountPoint): boolean {
	const id = parseVolumeId(volume);
	return id !== undefined && volumeName(state, id).isBase;
}

/** Whether a base can have clones that share its data. */
const canLink = (state: ClusterState, mount: MountPoint): boolean =>
	isBase(state, mount) &&
	/^(?:btrfs|lvmthin)$/.test(
		state.storages.get(parseVolumeId(mount.volume)?.storage ?? '')?.type ?? '',
	);

interface CtClone {
	call: Call;
	/** What is copied: the container as it is, or as it was at a snapshot. */
	config: VmConfig;
	snapname?: string;
	vmid: number;
	newid: number;
	isFull: boolean;
	/** The node that is to have the clone. */
	target: string;
}

/** Everything that is refused before a clone. */
function checkClone(call: Call): CtClone {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const newid = numberOf(parameters, 'newid') ?? 0;
	const pool = textOf(parameters, 'pool');
	const storage = textOf(parameters, 'storage');
	const snapname = textOf(parameters, 'snapname');
	if (pool !== undefined && !state.pools.has(pool))
		throw permissionError(`pool '${pool}' does not exist`);
	checkQuorum(state);
	const target = targetOf(call);
	checkTargetStorage(call, storage, target);
	const source = ctOf(state, vmid);
	checkCtLock(source);
	checkUnused(state, newid);
	const isFull =
		parameters.full === undefined ? !source.config.template : flagOf(parameters, 'full');
	if (isFull && source.status === 'running' && snapname === undefined)
		throw failure('Full clone of a running container is only possible from a snapshot');
	if (!isFull && storage !== undefined)
		throw failure("parameter 'storage' not allowed for linked clones");
	const config =
		snapname === undefined ? source.config : snapshotConfig(snapshotOf(source, snapname));
	for (const [key, mount] of mountsOf(config)) {
		if (kindOf(mount) !== 'volume')
			throw failure(`unable to clone mountpoint '${key}' (type ${kindOf(mount)})`);
		const id = parseVolumeId(mount.volume);
		if (!id) throw failure(`unable to parse volume ID '${mount.volume}'`);
		volumeName(state, id);
		if (!isFull && !canLink(state, mount))
			throw failure(`Linked clone feature for '${mount.volume}' is not available`);
		demand(state, authId, `/storage/${storage ?? id.storage}`, ['Datastore.AllocateSpace']);
		if (target !== state.localNode && !storageOf(state, id.storage).shared)
			throw failure(`can't clone CT to node '${target}' (CT uses local storage)`);
	}
	checkBridgeRights(state, authId, config, parseCtNet);
	return { call, config, snapname, vmid, newid, isFull, target };
}

function clone(call: Call): string {
	const checked = checkClone(call);
	const { vmid, newid } = checked;
	const { world, authId, parameters } = call;
	const { state } = world;
	const made: Vm = {
		...newVm(newid, state.localNode, { lock: 'create' }),
		type: 'lxc',
		ignoresShutdown: false,
		lastReport: null,
	};
	state.vms.set(newid, made);
	const source = ctOf(state, vmid);
	source.config.lock = 'disk';
	return world.tasks.start({
		type: 'vzclone',
		id: String(vmid),
		authId,
		run: async (worker) => {
			worker.log(`creating a clone of container ${vmid} with ID ${newid}`);
			const copies: string[] = [];
			try {
				await worker.work(durations.clone);
				made.config = await cloneConfig(checked, worker, copies);
				made.node = checked.target;
				delete source.config.lock;
			} catch (error) {
				// A killed process leaves all as it is.
				if (wasKilled(worker.signal)) throw error;
				delete source.config.lock;
				for (const volid of copies) free(state, volid);
				state.vms.delete(newid);
				throw failure(`clone failed: ${taskErrorText(error)}`);
			}
			const pool = textOf(parameters, 'pool');
			if (pool !== undefined) state.pools.get(pool)?.vms.add(newid);
		},
	});
}

const LEFT_BEHIND = /^(?:unused\d+|lock|parent|snaptime|template)$/;

async function cloneConfig(
	{ call, config: original, snapname, newid, isFull }: CtClone,
	worker: Worker,
	copies: string[],
): Promise<VmConfig> {
	const { world, parameters } = call;
	const config: VmConfig = {};
	for (const [key, value] of Object.entries(original)) {
		if (LEFT_BEHIND.test(key)) continue;
		config[key] = isNetKey(key) ? storeNet(world.state, String(value), true) : value;
	}
	for (const [key, mount] of mountsOf(original)) {
		const storage = textOf(parameters, 'storage') ?? parseVolumeId(mount.volume)?.storage ?? '';
		if (isFull) {
			worker.log(`create full clone of mountpoint ${key} (${mount.volume})`);
			const isSubvolume = /\.subvol$/.test(mount.volume);
			if (snapname !== undefined && isSubvolume)
				throw failure("cannot mount subvol snapshots for storage type 'btrfs'");
		} else {
			worker.log(`create linked clone of mount point ${key} (${mount.volume})`);
		}
		const bytes = Math.ceil(Number(mount.size ?? 0) / 1024) * 1024;
		const copy = await makeVolume(world, newid, { storage, bytes }, worker);
		copies.push(copy.volid);
		config[key] = printMount(key, { ...mount, volume: copy.volid, size: bytes });
	}
	const hostname = textOf(parameters, 'hostname');
	if (hostname !== undefined) config.hostname = hostname;
	const description = textOf(parameters, 'description');
	if (description) config.description = `${description.trimEnd()}\n`;
	return config;
}

/** Answers nothing, though the work is a task. */
function template({ world, authId, parameters }: Call): null {
	const { state } = world;
	const vmid = vmidOf(parameters);
	const check = () => {
		const ct = ctOf(state, vmid);
		checkCtLock(ct);
		if (ct.snapshots.length > 0)
			throw failure('unable to create template, because CT contains snapshots');
		if (ct.config.template) throw failure("you can't convert a template to a template");
		if (ct.status === 'running')
			throw failure("you can't convert a CT to template if the CT is running");
		return ct;
	};
	check();
	const run = async (worker: Worker) => {
		await worker.work(durations.template);
		const ct = check();
		checkWritable(state, vmid);
		for (const [key, mount] of mountsOf(ct.config)) {
			if (kindOf(mount) !== 'volume' || !state.volumes.has(mount.volume) || isBase(state, mount))
				continue;
			ct.config[key] = printMount(key, { ...mount, volume: makeBase(state, mount.volume) });
		}
		ct.config.template = 1;
	};
	world.tasks.start({ type: 'vztemplate', id: String(vmid), authId, run });
	return null;
}

/** Why a volume does not grow; undefined where it does. */
function resizeProblem(state: ClusterState, volume: Volume, size: number): string | undefined {
	const storage = activate(state, volume.storage);
	if (volume.format === 'subvol')
		return storage.type === 'btrfs'
			? 'cannot resize subvolume - btrfs quotas are currently not supported'
			: "can't resize this image format";
	if (!isBase(state, { volume: volume.volid })) return undefined;
	// The file of a base is immutable.
	const how = `'--preallocation=${preallocationOf(storage, volume.format)}' -f ${volume.format}`;
	return `command '/usr/bin/qemu-img resize ${how} ${pathOf(state, volume)} ${size}' failed: exit code 1`;
}

function checkDigest({ parameters }: Call, ct: Vm, name = 'digest'): void {
	const digest = textOf(parameters, name);
	if (digest !== undefined && digest !== '' && digest !== ctDigest(ct))
		throw failure('detected modified configuration - file changed by other user? Try again.');
}

function resize(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const disk = textOf(parameters, 'disk') ?? '';
	const [, sign, amount = ''] = /^(\+)?(.+)$/.exec(textOf(parameters, 'size') ?? '') ?? [];
	const check = () => {
		const ct = ctOf(state, vmid);
		checkDigest(call, ct);
		checkCtLock(ct);
		const mount = mountOf(ct.config, disk);
		const volume = state.volumes.get(mount.volume);
		if (!volume) throw failure(`can't resize mount point owned by another container`);
		demand(state, authId, `/storage/${volume.storage}`, ['Datastore.AllocateSpace']);
		const size = (parseSize(amount) ?? 0) + (sign === undefined ? 0 : volume.size);
		if (size < volume.size) throw failure('unable to shrink disk size');
		if (size === volume.size) throw failure('disk is already at specified size');
		return { ct, mount, volume, size };
	};
	check();
	return world.tasks.start({
		type: 'resize',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await withCtLock(world, vmid, worker, async () => {
				const { ct, mount, volume, size } = check();
				checkWritable(state, vmid);
				await worker.work(durations.resize);
				const problem = resizeProblem(state, volume, size);
				if (problem !== undefined) throw failure(problem);
				volume.size = size;
				for (const line of resizeLog(state, volume)) worker.log(line);
				worker.log('resize2fs 1.47.2 (1-Jan-2025)');
				ct.config[disk] = printMount(disk, { ...mount, size });
			}),
	});
}

function moveVolume(call: Call): string {
	const { authId, parameters, world } = call;
	const { state } = world;
	const key = textOf(parameters, 'volume') ?? '';
	const storage = textOf(parameters, 'storage');
	const target = textOf(parameters, 'target-vmid');
	if (storage === undefined && target === undefined) {
		const text = "both 'storage' and 'target-vmid' missing, either needs to be set";
		throw parameterError({ storage: text, 'target-vmid': text });
	}
	if (storage !== undefined && target !== undefined)
		throw failure('either set storage or target-vmid, but not both');
	if (target !== undefined) return giveVolume(call, key, Number(target));
	demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	if (/^unused\d+$/.test(key))
		throw failure(
			`cannot move volume '${key}', only configured volumes can be moved to another storage`,
		);
	return copyVolume(call, key, storage ?? '');
}

const isInSnapshot = ({ snapshots }: Vm, volid: string): boolean =>
	snapshots.some(({ config }) => mountsOf(config).some(([, { volume }]) => volume === volid));

/** Puts a mount point's data on another storage. */
function copyVolume(call: Call, key: string, storage: string): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const check = () => {
		const ct = ctOf(state, vmid);
		checkCtLock(ct);
		checkDigest(call, ct);
		if (ct.status === 'running') throw failure('cannot move volumes of a running container');
		const mount = mountOf(ct.config, key);
		if (kindOf(mount) !== 'volume')
			throw failure(`cannot move volume '${key}', only configured volumes can be moved`);
		if (isInSnapshot(ct, mount.volume) && flagOf(parameters, 'delete'))
			throw failure("you can't move a volume with snapshots and delete the source");
		return { ct, mount };
	};
	const { ct, mount } = check();
	ct.config.lock = 'disk';
	return world.tasks.start({
		type: 'move_volume',
		id: String(vmid),
		authId,
		run: async (worker) => {
			try {
				checkEnabled(state, storage);
				await worker.work(durations.clone);
				const bytes = Math.ceil(Number(mount.size ?? 0) / 1024) * 1024;
				const copy = await makeVolume(world, vmid, { storage, bytes }, worker);
				const volume = ct.config.template ? makeBase(state, copy.volid) : copy.volid;
				ct.config[key] = printMount(key, { ...mount, volume, size: bytes });
				worker.log(`total size is ${printSize(bytes)}  speedup is 1.00`);
				if (flagOf(parameters, 'delete')) free(state, mount.volume);
				else addUnusedVolume(ct, mount.volume);
			} finally {
				// A killed process leaves its lock.
				if (!wasKilled(worker.signal)) delete ct.config.lock;
			}
		},
	});
}

/** Gives a mount point with its volume to another container. */
function giveVolume(call: Call, key: string, targetId: number): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const vmid = vmidOf(parameters);
	const targetKey = textOf(parameters, 'target-volume') ?? key;
	demand(state, authId, `/vms/${targetId}`, ['VM.Config.Disk']);
	const check = () => {
		if (key === 'rootfs' || targetKey === 'rootfs') throw failure("Cannot move to/from 'rootfs'");
		const [from, to] = [vmid, targetId].map((id) => state.vms.get(id)?.node);
		if (to === undefined) throw failure(`could not find CT ${targetId}`);
		if (from !== to)
			throw failure(`Both containers need to be on the same node (${from} != ${to})`);
		const [source, target] = [ctOf(state, vmid), ctOf(state, targetId)];
		for (const ct of [source, target]) checkCtLock(ct);
		if (source.config.template || target.config.template)
			throw failure("Can't move volumes from or to template CT");
		checkDigest(call, source);
		checkDigest(call, target, 'target-digest');
		if (source.config[key] === undefined)
			throw failure(`volume '${key}' for container '${vmid}' does not exist`);
		if (target.config[targetKey] !== undefined)
			throw failure(
				`Target volume key '${targetKey}' is already in use for container '${targetId}'`,
			);
		const mount = mountOf(source.config, key);
		const volume = state.volumes.get(mount.volume);
		if (!volume) throw failure(`volume '${mount.volume}' does not exist`);
		if (isInSnapshot(source, mount.volume))
			throw failure('Cannot move volume used by a snapshot to another container');
		if (source.status === 'running')
			throw failure(
				'Cannot move in-use volume while the source CT is running - detach or shutdown first',
			);
		demand(state, authId, `/storage/${volume.storage}`, ['Datastore.AllocateSpace']);
		return { source, target, mount, volume };
	};
	check();
	return world.tasks.start({
		type: 'move_volume',
		id: `${vmid}-${key}>${targetId}-${targetKey}`,
		authId,
		run: async (worker) => {
			const { source, target, mount, volume } = check();
			worker.log(`moving volume '${key}' from container '${vmid}' to '${targetId}'`);
			await worker.work(durations.configure);
			const { storage, format } = volume;
			const name = nextName(state, { storage, vmid: targetId, format, kilobytes: 0 });
			const volid = `${storage}:${targetId}/${name}`;
			state.volumes.delete(volume.volid);
			state.volumes.set(volid, { ...volume, volid, vmid: targetId });
			worker.log(`removing volume '${key}' from container '${vmid}' config`);
			delete source.config[key];
			target.config[targetKey] = printMount(targetKey, { ...mount, volume: volid });
			worker.log(`target container '${targetId}' updated with '${targetKey}'`);
		},
	});
}

function feature({ world, parameters }: Call): unknown {
	const { state } = world;
	const ct = ctOf(state, vmidOf(parameters));
	const asked = textOf(parameters, 'feature');
	const snapname = textOf(parameters, 'snapname');
	const config = snapname === undefined ? ct.config : snapshotOf(ct, snapname).config;
	const mounts = mountsOf(config).map(([, mount]) => mount);
	const has: Record<string, boolean> = {
		clone: mounts.every((mount) => canLink(state, mount)),
		copy: true,
		snapshot: mounts.every(({ volume }) => canSnapshot(state, volume)),
	};
	return { hasFeature: has[asked ?? ''] ? 1 : 0 };
}

const CT = '/nodes/{node}/lxc/{vmid}';

export const lxcCopyEndpoints: Endpoint[] = [
	{ method: 'POST', path: `${CT}/clone`, handle: clone },
	{ method: 'POST', path: `${CT}/template`, handle: template },
	{ method: 'PUT', path: `${CT}/resize`, handle: resize },
	{ method: 'POST', path: `${CT}/move_volume`, handle: moveVolume },
	{ method: 'GET', path: `${CT}/feature`, handle: feature },
];
