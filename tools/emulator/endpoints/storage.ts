import { demand, may } from '../auth/permissions';
import { failure, parameterError } from '../errors';
import type { ClusterState, StorageState, Volume } from '../state/types';
import { allocate, free } from '../storage/allocate';
import { importMetadataOf } from '../storage/importMetadata';
import {
	activate,
	isMountedOn,
	isOnNode,
	isThin,
	pathOf,
	storageOf,
	usedOn,
} from '../storage/storages';
import { parseVolumeId, parseVolumeName } from '../storage/volumeId';
import type { VolumeName } from '../storage/volumeId';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { durations } from '../tasks/durations';
import { exitWithin } from '../tasks/exitWithin';
import { flagOf, numberOf, textOf } from './types';
import type { Call, Endpoint } from './types';

const FORMATS = ['qcow2', 'raw', 'subvol', 'vmdk'];
const FORMATS_OF: Readonly<Record<string, string[]>> = {
	btrfs: ['raw', 'subvol'],
	lvmthin: ['raw'],
};

function isActive(state: ClusterState, storage: StorageState): boolean {
	return (
		!storage.disabled && isOnNode(storage, state.localNode) && isMountedOn(storage, state.localNode)
	);
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
		if (
			!may(state, authId, `/storage/${name}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], {
				any: true,
			})
		)
			continue;
		if (content !== undefined && !content.some((type) => storage.content.includes(type))) continue;
		const isHere = isOnNode(storage, state.localNode);
		if (content !== undefined && (storage.disabled || !isHere)) continue;
		if (flagOf(parameters, 'enabled') && storage.disabled) continue;
		if (
			target !== undefined &&
			target !== state.localNode &&
			!(storage.shared && isOnNode(storage, target))
		)
			continue;
		const row = describe(state, storage);
		const names = FORMATS_OF[storage.type] ?? FORMATS;
		const supported = { default: 'raw', supported: names };
		const legacy = [Object.fromEntries(names.map((format) => [format, 1])), 'raw'];
		rows.push({
			storage: name,
			...row,
			...(Number(row.total) > 0 ? { used_fraction: Number(row.used) / Number(row.total) } : {}),
			...(flagOf(parameters, 'format') && row.enabled === 1
				? { formats: supported, format: legacy }
				: {}),
		});
	}
	return rows;
}

function status({ world: { state }, parameters }: Call): unknown {
	const storage = state.storages.get(textOf(parameters, 'storage') ?? '');
	if (!storage) throw parameterError({ storage: 'No such storage.' });
	return describe(state, storage);
}

function contentRow(state: ClusterState, volume: Volume): Record<string, unknown> {
	const { volid, content, format, size, used, ctime, vmid, notes } = volume;
	const common = { volid, content, format, ctime, ...(vmid === undefined ? {} : { vmid }) };
	switch (content) {
		case 'images':
		case 'rootdir':
			return isThin(state, volume.storage)
				? { ...common, size }
				: { ...common, size, used, parent: volume.parent ?? null };
		case 'backup':
			return {
				...common,
				size,
				subtype: /vzdump-(lxc|qemu)/.exec(volid)?.[1] ?? (format === 'pbs-ct' ? 'lxc' : 'qemu'),
				...(notes === undefined ? {} : { notes }),
				...(volume.protected ? { protected: 1 } : {}),
				...(volume.verification ? { verification: volume.verification } : {}),
				...(volume.encrypted === undefined ? {} : { encrypted: volume.encrypted }),
			};
		case 'import':
			// A VM of an ESXi host is no file.
			if (volume.format === 'vmx')
				return { volid, content, format, name: volume.guest?.name, size: 0 };
			return { ...common, size: used };
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
	return (
		[...state.volumes.values()]
			.filter(
				(volume) => volume.storage === name && (type === undefined || volume.content === type),
			)
			// Snippets and images to import belong to no VM, and are listed all the same.
			.filter(
				({ content: kind, ...volume }) =>
					vmid === undefined || volume.vmid === vmid || kind === 'snippets' || kind === 'import',
			)
			.filter((volume) => mayAccess(state, authId, volume))
			.sort((a, b) => (a.volid < b.volid ? -1 : 1))
			.map((volume) => contentRow(state, volume))
	);
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
	if (id.storage !== storage)
		throw parameterError({ volume: `storage ID mismatch (${id.storage} != ${storage})\n` });
	return { storage, volid: given };
}

function readVolume(call: Call): unknown {
	const { world, authId } = call;
	const { volid } = volidOf(call);
	checkVolumeAccess({ state: world.state, authId, volume: volid });
	const volume = world.state.volumes.get(volid);
	// A directory is not looked for.
	if (!volume && volid.endsWith('.subvol')) {
		const path = pathOf(world.state, { storage: volidOf(call).storage, content: 'rootdir', volid });
		return { path, size: 0, used: 0, format: 'subvol' };
	}
	if (!volume) throw failure(`volume_size_info on '${volid}' failed - no format`);
	return {
		path: pathOf(world.state, volume),
		size: volume.size,
		used: volume.used,
		// What is no disk is a file like any other.
		format: /^(?:images|rootdir|import)$/.test(volume.content) ? volume.format : 'raw',
		...(volume.content === 'backup'
			? { notes: volume.notes ?? '', protected: volume.protected ? 1 : 0 }
			: {}),
	};
}

/** The rights that a change of a volume needs. */
function checkChange(call: Call, storage: string, { type, vmid }: VolumeName): void {
	const { world, authId } = call;
	if (type === 'backup' && vmid !== undefined) {
		demand(world.state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
		demand(world.state, authId, `/vms/${vmid}`, ['VM.Backup']);
	} else {
		demand(world.state, authId, `/storage/${storage}`, ['Datastore.Allocate']);
	}
}

/** Notes and protection of a backup; the API takes notes also for one that is not there. */
function changeVolume(call: Call): null {
	const { world, parameters } = call;
	const { storage, volid } = volidOf(call);
	const name = parseVolumeName(
		parseVolumeId(volid)?.name ?? '',
		storageOf(world.state, storage).type,
	);
	checkChange(call, storage, name);
	const volume = world.state.volumes.get(volid);
	const notes = textOf(parameters, 'notes');
	if (notes !== undefined) {
		if (name.type !== 'backup') throw failure('only backups can have notes');
		if (volume) volume.notes = notes === '' ? undefined : notes;
	}
	if (parameters.protected !== undefined) {
		if (name.type !== 'backup') throw failure("only backups support attribute 'protected'");
		if (!volume) throw failure(`volume '${volid}' does not exist`);
		if (flagOf(parameters, 'protected')) volume.protected = true;
		else delete volume.protected;
	}
	return null;
}

async function deleteVolume(call: Call): Promise<string | null> {
	const { world, authId, parameters } = call;
	const { state } = world;
	const { storage, volid } = volidOf(call);
	const name = parseVolumeName(parseVolumeId(volid)?.name ?? '', storageOf(state, storage).type);
	const { type, vmid } = name;
	checkChange(call, storage, name);
	const upid = world.tasks.start({
		type: 'imgdel',
		id: `${vmid === undefined ? '' : `${vmid}@`}${storage}`,
		authId,
		run: async (worker) => {
			activate(state, storage);
			if (state.volumes.get(volid)?.protected)
				throw failure(
					`cannot remove protected volume '${parseVolumeId(volid)?.name}' on '${storage}'`,
				);
			await worker.work(durations.stop);
			if (!state.volumes.has(volid)) {
				worker.log(
					`disk image '${pathOf(state, { storage, content: type, volid })}' does not exist`,
				);
			}
			free(state, volid);
			worker.log(`Removed volume '${volid}'`);
		},
	});
	// A client that waits for the end gets the task only where it is still running or has failed.
	const exitStatus = await exitWithin(world, upid, numberOf(parameters, 'delay') ?? 0);
	return exitStatus === 'OK' ? null : upid;
}

/** Kilobytes of `10`, `10M` or `10G`; without a unit they are kilobytes already. */
function readKilobytes(size: string): number {
	const [, digits, unit] = /^(\d+)([MG])?$/.exec(size) ?? [];
	if (digits === undefined) throw parameterError({ size: `unable to parse size '${size}'` });
	return Number(digits) * (unit === 'G' ? 1024 ** 2 : unit === 'M' ? 1024 : 1);
}

function createVolume({ world, parameters }: Call): string {
	const storage = textOf(parameters, 'storage') ?? '';
	const name = textOf(parameters, 'filename') ?? '';
	const kilobytes = readKilobytes(textOf(parameters, 'size') ?? '');
	const asked = textOf(parameters, 'format');
	const extension = /\.(raw|qcow2|vmdk)$/.exec(name)?.[1];
	if (extension !== undefined && asked !== undefined && asked !== extension) {
		throw parameterError({ format: `different storage formats (${asked} != ${extension})` });
	}
	if (extension === undefined) throw failure(`unable to parse volume filename '${name}'`);
	const vmid = numberOf(parameters, 'vmid') ?? 0;
	return allocate(world, { storage, vmid, format: extension, name, kilobytes }, () => undefined)
		.volid;
}

/** Why a file that is not there cannot be read. */
function missingText(
	state: ClusterState,
	{ storage, volid, format }: Pick<Volume, 'storage' | 'volid' | 'format'>,
): string {
	const path = pathOf(state, { storage, content: 'import', volid });
	if (format === 'ova')
		return `command 'tar -xO --wildcards --occurrence=1 -f ${path} '*.ovf'' failed: exit code 2`;
	return `can't open '${path}' - No such file or directory`;
}

function importMetadata({ world: { state }, authId, parameters }: Call): unknown {
	const name = textOf(parameters, 'volume') ?? '';
	const storage = storageOf(state, textOf(parameters, 'storage') ?? '');
	const volid = `${storage.storage}:${name}`;
	checkVolumeAccess({ state, authId, volume: volid });
	const { type, format } = parseVolumeName(name, storage.type);
	const volume = state.volumes.get(volid);
	if (storage.type === 'esxi') {
		if (format !== 'vmx')
			throw failure(`volume '${name}' does not look like an importable vm config`);
		if (!isActive(state, storage)) throw failure(`storage '${storage.storage}' is not activated`);
	} else {
		if (type !== 'import') throw failure(`invalid content type '${type}'`);
		if (format !== 'ova' && format !== 'ovf') throw failure('invalid format');
	}
	if (!volume) throw failure(missingText(state, { storage: storage.storage, volid, format }));
	return importMetadataOf(volume);
}

export const storageEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/nodes/{node}/storage', handle: list },
	{ method: 'GET', path: '/nodes/{node}/storage/{storage}/status', handle: status },
	{ method: 'GET', path: '/nodes/{node}/storage/{storage}/content', handle: content },
	{ method: 'POST', path: '/nodes/{node}/storage/{storage}/content', handle: createVolume },
	{ method: 'GET', path: '/nodes/{node}/storage/{storage}/content/{volume}', handle: readVolume },
	{
		method: 'GET',
		path: '/nodes/{node}/storage/{storage}/import-metadata',
		handle: importMetadata,
	},
	{ method: 'PUT', path: '/nodes/{node}/storage/{storage}/content/{volume}', handle: changeVolume },
	{
		method: 'DELETE',
		path: '/nodes/{node}/storage/{storage}/content/{volume}',
		handle: deleteVolume,
	},
];
