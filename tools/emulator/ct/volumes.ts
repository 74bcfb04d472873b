import { failure } from '../errors';
import type { ClusterState, Vm, VmConfig, Volume } from '../state/types';
import { allocate, free } from '../storage/allocate';
import { activate, existingVolume, pathOf, storageOf } from '../storage/storages';
import { parseVolumeId, parseVolumeName } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import type { World } from '../world';
import { kindOf, mountsOf, parseNewVolume, printMount } from './mountPoints';
import type { MountPoint } from './mountPoints';

/** Directories that every host has. */
const HOST_FOLDERS = new Set(
	['', 'etc', 'home', 'media', 'mnt', 'opt', 'root', 'srv', 'tmp', 'var', 'var/lib'].map(
		(name) => `/${name}`,
	),
);

/** Makes a volume for a container: a directory where it has no size, else an image with a file system in it. */
export async function makeVolume(
	world: World,
	vmid: number,
	{ storage, bytes }: { storage: string; bytes: number },
	worker: Worker,
): Promise<Volume> {
	if (!storageOf(world.state, storage).content.includes('rootdir'))
		throw failure(`content type 'rootdir' is not available or configured on storage '${storage}'`);
	const format = bytes === 0 ? 'subvol' : 'raw';
	const log = format === 'subvol' ? () => undefined : worker.log;
	const kilobytes = bytes / 1024;
	const volume = allocate(world, { storage, vmid, format, kilobytes, content: 'rootdir' }, log);
	if (format === 'raw') {
		const blocks = Math.floor(kilobytes);
		log(`Creating filesystem with ${blocks} 1k blocks and ${Math.floor(blocks / 4)} inodes`);
	}
	await worker.work(durations.disk);
	return volume;
}

/** Throws where what a mount point names is not there. */
export function checkMounted(state: ClusterState, mount: MountPoint): void {
	const { volume } = mount;
	if (kindOf(mount) === 'device') return;
	if (kindOf(mount) === 'bind') {
		const isThere =
			HOST_FOLDERS.has(volume) || [...state.storages.values()].some(({ path }) => path === volume);
		if (!isThere) throw failure(`directory '${volume}' does not exist`);
		return;
	}
	const id = parseVolumeId(volume);
	if (!id) throw failure(`unable to parse volume ID '${volume}'`);
	parseVolumeName(id.name, storageOf(state, id.storage).type);
	existingVolume(state, id.storage, volume);
}

/**
 * Makes the volumes that mount points ask for. Returns the mount points as they are stored; `made` gets the volumes,
 * to be freed where something fails.
 */
export async function makeMounts(
	world: World,
	vmid: number,
	values: VmConfig,
	worker: Worker,
	made: string[],
): Promise<VmConfig> {
	const stored: VmConfig = {};
	for (const [key, mount] of mountsOf(values)) {
		const wanted = parseNewVolume(mount.volume);
		if (wanted) {
			const { volid, size } = await makeVolume(world, vmid, wanted, worker);
			made.push(volid);
			stored[key] = printMount(key, { ...mount, volume: volid, size });
		} else {
			stored[key] = String(values[key]);
		}
	}
	return stored;
}

/** Frees volumes that are a container's own; what is another's is kept, and the log says so. */
export function freeOwn(
	state: ClusterState,
	vmid: number,
	volids: Iterable<string>,
	worker: Worker,
): void {
	for (const volid of volids) {
		const id = parseVolumeId(volid);
		const storage = id && state.storages.get(id.storage);
		if (!id || !storage) continue;
		const name = parseVolumeName(id.name, storage.type);
		if (name.vmid !== vmid) {
			worker.log(`ignore deletion of '${volid}', CT ${vmid} isn't the owner!`);
			continue;
		}
		activate(state, id.storage);
		if (!state.volumes.has(volid)) {
			const path = pathOf(state, { storage: id.storage, content: 'rootdir', volid });
			worker.log(`disk image '${path}' does not exist`);
		}
		free(state, volid);
	}
}

/** The volumes that a container's configuration names, unused ones and those of its snapshots too. */
export function volumesOf(ct: Vm): Set<string> {
	const configs = [ct.config, ct.pending, ...ct.snapshots.map(({ config }) => config)];
	const volids = configs.flatMap((config) => [
		...mountsOf(config).flatMap(([, mount]) => (kindOf(mount) === 'volume' ? mount.volume : [])),
		...Object.entries(config).flatMap(([key, value]) =>
			/^unused\d+$/.test(key) ? String(value) : [],
		),
	]);
	return new Set(volids);
}

/** Whether a volume is mounted, in the configuration or in a snapshot; `except` is a key of the configuration to be left out. */
export function isInUse({ config, snapshots }: Vm, volid: string, except?: string): boolean {
	const names = (values: VmConfig, left?: string) =>
		mountsOf(values).some(([key, { volume }]) => key !== left && volume === volid);
	return names(config, except) || snapshots.some((snapshot) => names(snapshot.config));
}
