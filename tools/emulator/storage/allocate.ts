import { failure } from '../errors';
import type { ClusterState, StorageState, Volume } from '../state/types';
import { seconds } from '../world';
import type { World } from '../world';
import { activate, isThin, pathOf, usedOn } from './storages';
import { isDisk } from './volumeId';

export interface NewVolume {
	storage: string;
	vmid: number;
	format: string;
	/** The file's name without the next free number; by default `vm-VMID-disk-N.FORMAT`. */
	name?: string;
	kilobytes: number;
	/** The base volume of a linked clone, relative to the storage: `101/base-101-disk-0.raw`. */
	backing?: string;
	/** `rootdir` for a container's. */
	content?: 'images' | 'rootdir';
	/** The system of the volume that is copied. */
	boots?: boolean;
}

const FORMATS = new Set(['raw', 'qcow2', 'vmdk', 'subvol']);
/** The largest file of the file system below: ext4's 16 TiB. */
const LARGEST_FILE = 16 * 1024 ** 4;
const LARGEST_INDEX = 16_384;
/** What LVM gives out. */
const EXTENT = 4 * 1024 ** 2;

/** The next free `vm-VMID-disk-N` on a storage. */
export function nextName(state: ClusterState, { storage, vmid, format }: NewVolume): string {
	const taken = new Set(
		[...state.volumes.values()]
			.filter((volume) => volume.storage === storage && volume.vmid === vmid && isDisk(volume))
			.map((volume) => /-disk-(\d+)(?:\.|$)/.exec(volume.volid)?.[1]),
	);
	for (let index = 0; index < LARGEST_INDEX; index++) {
		if (!taken.has(String(index)))
			return `${format === 'subvol' ? 'subvol' : 'vm'}-${vmid}-disk-${index}.${format}`;
	}
	throw failure(`unable to allocate an image name for VM ${vmid} in storage '${storage}'`);
}

/** How an image's room is reserved when it is made. */
export function preallocationOf(storage: StorageState, format: string): string {
	return storage.preallocation ?? (format === 'qcow2' ? 'metadata' : 'off');
}

function describeFormat(
	{ format, backing }: NewVolume,
	bytes: number,
	preallocation: string,
): string {
	if (format === 'qcow2' && backing !== undefined) {
		return (
			`fmt=qcow2 cluster_size=131072 extended_l2=on preallocation=off compression_type=zlib size=${bytes}` +
			` backing_file=../${backing} backing_fmt=${backing.split('.').pop()} lazy_refcounts=off refcount_bits=16`
		);
	}
	if (format === 'qcow2') {
		return (
			`fmt=qcow2 cluster_size=65536 extended_l2=off preallocation=${preallocation} compression_type=zlib` +
			` size=${bytes} lazy_refcounts=off refcount_bits=16`
		);
	}
	return `fmt=${format} size=${bytes}${format === 'raw' ? ` preallocation=${preallocation}` : ''}`;
}

/** Why qemu-img could not make the file; undefined where it can. */
function obstacle(
	state: ClusterState,
	storage: StorageState,
	format: string,
	bytes: number,
): string | undefined {
	if (format === 'raw' && bytes > LARGEST_FILE)
		return `The image size is too large for file format 'raw'`;
	const free = storage.total - usedOn(state, storage);
	if (format !== 'raw' && free < 65_536 * 3)
		return `Could not write ${format} header: No space left on device`;
	if (preallocationOf(storage, format) !== 'full' || bytes <= free) return undefined;
	return format === 'raw'
		? 'Could not write zeros for preallocation: No space left on device'
		: 'Could not resize image: Failed to preallocate: No space left on device';
}

/**
 * Makes a new image, writing to the task's log what qemu-img says. Throws the API's text where the storage cannot be
 * used or has no room.
 */
export function allocate(world: World, request: NewVolume, log: (line: string) => void): Volume {
	const { state } = world;
	const storage = activate(state, request.storage);
	if (isThin(state, request.storage)) return allocateThin(world, request, log);
	const { format, vmid } = request;
	const name = request.name ?? nextName(state, request);
	if (!FORMATS.has(format)) throw failure(`unable to parse volume filename '${name}'`);
	if (format === 'subvol' && request.kilobytes > 0)
		throw failure('storage does not support subvol quotas');
	const bytes = Math.ceil(request.kilobytes) * 1024;
	const volume: Volume = {
		volid: `${storage.storage}:${request.backing === undefined ? '' : `${request.backing}/`}${vmid}/${name}`,
		storage: storage.storage,
		content: request.content ?? 'images',
		format,
		size: bytes,
		used: preallocationOf(storage, format) === 'full' ? bytes : format === 'qcow2' ? 196_608 : 0,
		ctime: seconds(world),
		vmid,
		parent: request.backing === undefined ? undefined : `../${request.backing}`,
		boots: request.boots,
	};
	const path = pathOf(state, { ...volume, volid: `${storage.storage}:${vmid}/${name}` });
	if (state.volumes.has(volume.volid)) throw failure(`disk image '${path}' already exists`);
	const preallocation = preallocationOf(storage, format);
	log(`Formatting '${path}', ${describeFormat(request, bytes, preallocation)}`);
	const problem = obstacle(state, storage, format, bytes);
	if (problem !== undefined) throw failure(`unable to create image: qemu-img: ${path}: ${problem}`);
	state.volumes.set(volume.volid, volume);
	return volume;
}

/** The same as a logical volume. */
function allocateThin(world: World, request: NewVolume, log: (line: string) => void): Volume {
	const { state } = world;
	const { storage, vmid, format } = request;
	if (format !== 'raw') throw failure(`unsupported format '${format}'`);
	const name = (request.name ?? nextName(state, request)).replace(/\.raw$/, '');
	const volume: Volume = {
		volid: `${storage}:${name}`,
		storage,
		content: request.content ?? 'images',
		format,
		size: Math.ceil((request.kilobytes * 1024) / EXTENT) * EXTENT,
		used: 0,
		ctime: seconds(world),
		vmid,
		boots: request.boots,
	};
	const group = pathOf(state, volume).split('/').at(-2);
	if (state.volumes.has(volume.volid))
		throw failure(
			`lvcreate '${group}/${name}' error:   Logical Volume "${name}" already exists in volume group "${group}"`,
		);
	const found = activate(state, storage);
	if (usedOn(state, found) >= found.total)
		throw failure(
			`lvcreate '${group}/${name}' error:   Cannot create new thin volume, free space in thin pool ${group}/data reached threshold.`,
		);
	log(`  Logical volume "${name}" created.`);
	log(`  Logical volume ${group}/${name} changed.`);
	state.volumes.set(volume.volid, volume);
	return volume;
}

/** Removes a volume, if it is there. */
export function free(state: ClusterState, volid: string): void {
	state.volumes.delete(volid);
}

/** Turns an image into the base of linked clones: `vm-…` becomes `base-…`. */
export function makeBase(state: ClusterState, volid: string): string {
	const volume = state.volumes.get(volid);
	if (!volume) throw failure(`volume '${volid}' does not exist`);
	const base = volid.replace(/subvol-(\d+)-/, 'basevol-$1-').replace(/vm-(\d+)-/, 'base-$1-');
	state.volumes.delete(volid);
	state.volumes.set(base, { ...volume, volid: base });
	return base;
}
