import { failure } from '../errors';
import type { ClusterState, StorageState, Volume } from '../state/types';
import { parseVolumeName } from './volumeId';
import type { VolumeId, VolumeName } from './volumeId';

/** A storage's definition; throws the API's text where there is none. */
export function storageOf(state: ClusterState, storage: string): StorageState {
	const found = state.storages.get(storage);
	if (!found) throw failure(`storage '${storage}' does not exist`);
	return found;
}

/** Whether a storage is to be used on a node. */
export function isOnNode(storage: StorageState, node: string): boolean {
	return storage.nodes === undefined || storage.nodes.includes(node);
}

/** Throws where a storage is disabled or not for the node that is asked. */
export function checkEnabled(
	state: ClusterState,
	storage: string,
	node = state.localNode,
): StorageState {
	const found = storageOf(state, storage);
	if (found.disabled) throw failure(`storage '${storage}' is disabled`);
	if (!isOnNode(found, node))
		throw failure(`storage '${storage}' is not available on node '${node}'`);
	return found;
}

/** Whether a storage has logical volumes, not files. */
export const isThin = (state: ClusterState, storage: string): boolean =>
	state.storages.get(storage)?.type === 'lvmthin';

/** What a volume's name says on its storage; throws the API's text where it is none. */
export const volumeName = (state: ClusterState, { storage, name }: VolumeId): VolumeName =>
	parseVolumeName(name, state.storages.get(storage)?.type);

/** The format of a new volume: as given, but logical volumes are raw. */
export const formatOn = (state: ClusterState, storage: string, format: string): string =>
	isThin(state, storage) ? 'raw' : format;

/** Makes a storage ready for use, or throws why it cannot be. */
export function activate(state: ClusterState, storage: string): StorageState {
	const found = checkEnabled(state, storage);
	if (!isMountedOn(found, state.localNode)) throw failure(unmountedText(found));
	return found;
}

/** Whether a storage's file system is there on a node. */
export function isMountedOn({ unmounted, mountedOn }: StorageState, node: string): boolean {
	return !unmounted && (mountedOn === undefined || mountedOn.includes(node));
}

/** What the API says of a storage whose file system is not there. */
export function unmountedText({ storage, path }: StorageState): string {
	return `unable to activate storage '${storage}' - directory is expected to be a mount point but is not mounted: '${path}'`;
}

/** Bytes taken, by what was there before and by the volumes. */
export function usedOn(state: ClusterState, storage: StorageState): number {
	if (storage.full) return storage.total;
	let used = storage.used;
	for (const volume of state.volumes.values())
		if (volume.storage === storage.storage) used += volume.used;
	return Math.min(used, storage.total);
}

/** The subdirectory that holds a content type. */
const FOLDERS: Readonly<Record<string, string>> = {
	images: 'images',
	rootdir: 'images',
	iso: 'template/iso',
	vztmpl: 'template/cache',
	backup: 'dump',
	snippets: 'snippets',
	import: 'import',
};

/** Where a volume is: `/var/lib/vz/images/100/vm-100-disk-0.raw`, `/dev/pve/vm-100-disk-0`. */
export function pathOf(
	state: ClusterState,
	volume: Pick<Volume, 'storage' | 'content' | 'volid'>,
): string {
	const name = volume.volid.slice(volume.storage.length + 1);
	if (isThin(state, volume.storage)) return `${storageOf(state, volume.storage).path}/${name}`;
	const folder = FOLDERS[volume.content] ?? volume.content;
	const file = folder === 'images' ? name : name.slice(name.indexOf('/') + 1);
	return `${storageOf(state, volume.storage).path}/${folder}/${file}`;
}

/** What the log says of a volume that has grown. */
export function resizeLog(state: ClusterState, volume: Volume): string[] {
	if (!isThin(state, volume.storage)) return ['Image resized.'];
	const name = pathOf(state, volume).slice('/dev/'.length);
	return [`  Logical volume ${name} successfully resized.`];
}

/** The volume that lies at a path. */
export function volumeAt(state: ClusterState, path: string): Volume | undefined {
	return [...state.volumes.values()].find((volume) => pathOf(state, volume) === path);
}

/** A volume that must be there, on a storage that can be used. */
export function existingVolume(state: ClusterState, storage: string, volid: string): Volume {
	activate(state, storage);
	const volume = state.volumes.get(volid);
	if (!volume) throw failure(`volume '${volid}' does not exist`);
	return volume;
}
