import { demand, may } from '../auth/permissions';
import { failure, parameterError } from '../errors';
import type { ClusterState, StorageState, Volume } from '../state/types';
import { allocate, free } from '../storage/allocate';
import { activate, checkEnabled, isOnNode, pathOf, storageOf, usedOn } from '../storage/storages';
import { parseVolumeId, parseVolumeName } from '../storage/volumeId';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { parseSize } from '../vm/drives';
import { flagOf, numberOf, textOf } from './types';
import type { Call, Endpoint } from './types';

const FORMATS = ['qcow2', 'raw', 'subvol', 'vmdk'];

function isActive(state: ClusterState, storage: StorageState): boolean {
	return !storage.disabled && isOnNode(storage, state.localNode) && !storage.unmounted;
}

function describe(state: ClusterState, storage: StorageState): Record<string, unknown> {
	const active = isActive(state, storage);
	const isEnabled = !storage.disabled && isOnNode(storage, state.localNode);
	const total = active ? storage.total : 0;
	const used = active ? usedOn(state, storage) : 0;
	return {
		type: storage.type,
		content: storage.content.join(','),
		enabled: isEnabled ? 1 : 0,
		active: active ? 1 : 0,
		shared: storage.shared ? 1 : 0,
		total,
		used,
		avail: total - used,
	};
}

function list({ world: { state }, authId, parameters }: Call): unknown {
	const content = textOf(parameters, 'content')?.split(/[,; ]+/);
	const only = textOf(parameters, 'storage');
	const target = textOf(parameters, 'target');
	const rows = [];
	for (const storage of state.storages.values()) {
		const name = storage.storage;
		if (only !== undefined && only !== name) continue;
		if (!may(state, authId, `/storage/${name}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], { any: true })) continue;
		if (content !== undefined && !content.some((type) => storage.content.includes(type))) continue;
		const isHere = isOnNode(storage, state.localNode);
		if (content !== undefined && (storage.disabled || !isHere)) continue;
		if (flagOf(parameters, 'enabled') && storage.disabled) continue;
		if (target !== undefined && target !== state.localNode && !(storage.shared && isOnNode(storage, target))) continue;
		const row = describe(state, storage);
		const supported = { default: 'raw', supported: FORMATS };
		const legacy = [Object.fromEntries(FORMATS.map((format) => [format, 1])), 'raw'];
		rows.push({
			storage: name,
			...row,
			...(Number(row.total) > 0 ? { used_fraction: Number(row.used) / Number(row.total) } : {}),
			...(flagOf(parameters, 'format') ? { formats: supported, format: legacy } : {}),
		});
	}
	return rows;
}

function status({ world: { state }, parameters }: Call): unknown {
	return describe(state, storageOf(state, textOf(parameters, 'storage') ?? ''));
}

function contentRow(volume: Volume): Record<string, unknown> {
	const { volid, content, format, size, used, ctime, vmid, notes } = volume;
	const common = { volid, content, format, ctime, ...(vmid === undefined ? {} : { vmid }) };
	switch (content) {
		case 'images':
			return { ...common, size, used, parent: volume.parent ?? null };
		case 'backup':
			return {
				...common,
				size,
				subtype: /vzdump-(lxc|qemu)/.exec(volid)?.[1] ?? 'qemu',
				...(notes === undefined ? {} : { notes }),
				...(volume.protected ? { protected: 1 } : {}),
			};
		default:
			// What is listed is the file, not the disk within.
			return { ...common, size: used };
	}
}

function content({ world: { state }, authId, parameters }: Call): unknown {
	const name = textOf(parameters, 'storage') ?? '';
	const type = textOf(parameters, 'content');
	const vmid = numberOf(parameters, 'vmid');
	activate(state, name);
	return [...state.volumes.values()]
		.filter((volume) => volume.storage === name && (type === undefined || volume.content === type))
		.filter((volume) => vmid === undefined || volume.vmid === vmid)
		.filter((volume) => mayAccess(state, authId, volume))
		.sort((a, b) => (a.volid < b.volid ? -1 : 1))
		.map(contentRow);
}

function mayAccess(state: ClusterState, authId: string, volume: Volume): boolean {
	try {
		checkVolumeAccess({ state, authId, volume: volume.volid });
		return true;
	} catch {
		return false;
	}
}

/** A volume in the path may be given with or without its storage. */
function volidOf(call: Call): { storage: string; volid: string } {
	const { parameters } = call;
	const given = textOf(parameters, 'volume') ?? '';
	const storage = textOf(parameters, 'storage') ?? '';
	const id = parseVolumeId(given);
	if (!id) return { storage, volid: `${storage}:${given}` };
	if (id.storage !== storage) throw parameterError({ storage: `storage ID does not match volume ID '${given}'` });
	return { storage, volid: given };
}

function readVolume(call: Call): unknown {
	const { world, authId } = call;
	const { volid } = volidOf(call);
	checkVolumeAccess({ state: world.state, authId, volume: volid });
	const volume = world.state.volumes.get(volid);
	if (!volume) throw failure(`volume_size_info on '${volid}' failed`);
	return {
		path: pathOf(world.state, volume),
		size: volume.size,
		used: volume.used,
		format: volume.format,
		...(volume.notes === undefined ? {} : { notes: volume.notes }),
		...(volume.protected === undefined ? {} : { protected: volume.protected ? 1 : 0 }),
	};
}

function deleteVolume(call: Call): string {
	const { world, authId } = call;
	const { state } = world;
	const { storage, volid } = volidOf(call);
	checkEnabled(state, storage);
	const { type, vmid } = parseVolumeName(parseVolumeId(volid)?.name ?? '');
	const isOwnBackup =
		type === 'backup' &&
		vmid !== undefined &&
		may(state, authId, `/vms/${vmid}`, ['VM.Backup']) &&
		may(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	if (!isOwnBackup) demand(state, authId, `/storage/${storage}`, ['Datastore.Allocate']);
	return world.tasks.start({
		type: 'imgdel',
		id: volid.replace(/[^A-Za-z0-9_.@]/g, '_'),
		authId,
		run: async (worker) => {
			const volume = state.volumes.get(volid);
			if (!volume) throw failure(`volume '${volid}' does not exist`);
			await worker.work(100);
			free(state, volid);
			worker.log(`Removed volume '${volid}'`);
		},
	});
}

function createVolume({ world, parameters }: Call): string {
	const storage = textOf(parameters, 'storage') ?? '';
	const name = textOf(parameters, 'filename') ?? '';
	const size = textOf(parameters, 'size') ?? '';
	const unit = /[KMGT]$/.exec(size) ? size : `${size}K`;
	const format = textOf(parameters, 'format') ?? /\.(raw|qcow2|vmdk)$/.exec(name)?.[1] ?? 'raw';
	const kilobytes = (parseSize(unit) ?? 0) / 1024;
	const vmid = numberOf(parameters, 'vmid') ?? 0;
	return allocate(world, { storage, vmid, format, name, kilobytes }, () => undefined).volid;
}

export const storageEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/nodes/{node}/storage', handle: list },
	{ method: 'GET', path: '/nodes/{node}/storage/{storage}/status', handle: status },
	{ method: 'GET', path: '/nodes/{node}/storage/{storage}/content', handle: content },
	{ method: 'POST', path: '/nodes/{node}/storage/{storage}/content', handle: createVolume },
	{ method: 'GET', path: '/nodes/{node}/storage/{storage}/content/{volume}', handle: readVolume },
	{ method: 'DELETE', path: '/nodes/{node}/storage/{storage}/content/{volume}', handle: deleteVolume },
];
