import { demand } from '../auth/permissions';
import { failure, parameterError } from '../errors';
import { textOf } from '../endpoints/types';
import type { Parameters } from '../endpoints/types';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { isThin, storageOf, volumeAt, volumeName } from '../storage/storages';
import { parseNewDisk, parseVolumeId } from '../storage/volumeId';
import type { ConfigRequest } from './configRights';
import { drivesOf, isCdrom, isDriveName, parseDrive, printDrive } from './drives';
import type { Drive } from './drives';

export interface DriveRequest extends ConfigRequest {
	/** For disks that name none. */
	defaultStorage?: string;
	/** Where an OVA's disks are unpacked. */
	workingStorage?: string;
}

/** Throws where a drive's storage or volume may not be used, or cannot hold what is asked for. */
export function checkDriveRights(request: DriveRequest): void {
	const { state, authId, parameters } = request;
	for (const [key, drive] of drivesOf(parameters)) {
		checkDriveFile(request, key, drive);
		if (drive['import-from'] !== undefined)
			checkImportSource(request, key, String(drive['import-from']));
	}
	for (const key of Object.keys(parameters)
		.filter((name) => /^unused\d+$/.test(name))
		.sort()) {
		const volume = textOf(parameters, key) ?? '';
		if (!parseVolumeId(volume)) throw parameterError({ [key]: `not a valid volid: ${volume}` });
		checkVolumeAccess({ ...request, volume, type: 'images' });
	}
	const vmstateStorage = textOf(parameters, 'vmstatestorage');
	if (vmstateStorage !== undefined)
		demand(state, authId, `/storage/${vmstateStorage}`, ['Datastore.AllocateSpace']);
}

function checkDriveFile(request: DriveRequest, key: string, drive: Drive): void {
	const { state, authId } = request;
	const { file } = drive;
	const id = parseVolumeId(file);
	if (file === '' || file === 'none' || file === 'cloudinit' || id?.name === 'cloudinit') return;
	if (isCdrom(drive) && file === 'cdrom') {
		demand(state, authId, '/', ['Sys.Console']);
		return;
	}
	const newDisk = isCdrom(drive) ? undefined : parseNewDisk(file);
	if (newDisk) {
		const storage = newDisk.storage ?? request.defaultStorage;
		if (!storage) throw failure('no storage ID specified (and no default storage)');
		demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
		if (!storageOf(state, storage).content.includes('images')) {
			throw parameterError({ storage: `storage '${storage}' does not support vm images` });
		}
		return;
	}
	checkVolumeAccess({ ...request, volume: file });
	if (!id) return;
	const { type } = volumeName(state, id);
	if (type !== 'images' && type !== 'iso') {
		throw parameterError({ [key]: "content type needs to be 'images' or 'iso'" });
	}
}

function checkImportSource(request: DriveRequest, key: string, source: string): void {
	const { state, authId, workingStorage } = request;
	const id = parseVolumeId(source);
	let owner: number | undefined;
	if (id) {
		const sourceStorage = storageOf(state, id.storage);
		const { type, vmid, format } = volumeName(state, id);
		if (type !== 'images' && type !== 'import') {
			throw parameterError({
				[key]: `${source} has wrong type '${type}' - needs to be 'images' or 'import'`,
			});
		}
		owner = vmid;
		if (format.startsWith('ova+')) {
			const storage = workingStorage ?? id.storage;
			const definition =
				workingStorage === undefined ? sourceStorage : storageOf(state, workingStorage);
			if (!definition.content.includes('images') || isThin(state, storage)) {
				const name = workingStorage === undefined ? key : 'import-working-storage';
				throw parameterError({
					[name]: `import working storage '${storage}' does not support 'images' content type or is not file based.`,
				});
			}
			demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
		}
	}
	if (owner !== undefined) demand(state, authId, `/vms/${owner}`, ['VM.Clone']);
	else checkVolumeAccess({ ...request, volume: source });
}

/**
 * Checks the drives' options against each other and returns the parameters with each drive written as it is stored.
 * Throws 400 with the drive's name.
 */
export function checkDriveOptions({ state, parameters }: DriveRequest): Parameters {
	const checked: Parameters = { ...parameters };
	for (const key of Object.keys(parameters).filter(isDriveName).sort()) {
		const drive = parseDrive(key, textOf(parameters, key) ?? '');
		if (!drive) throw parameterError({ [key]: 'unable to parse drive options' });
		if (drive['import-from'] !== undefined) checkImportOptions(key, drive);
		resolvePath(state, key, drive);
		const id = parseVolumeId(drive.file);
		if (
			id &&
			!parseNewDisk(drive.file) &&
			id.name !== 'cloudinit' &&
			volumeName(state, id).type === 'iso'
		) {
			if (!isCdrom(drive))
				throw parameterError({ [key]: "explicit 'media=cdrom' is required for iso images" });
		}
		checked[key] = printDrive(key, drive);
	}
	return checked;
}

function checkImportOptions(key: string, drive: Drive): void {
	if (parseNewDisk(drive.file)?.gigabytes !== 0) {
		throw parameterError({
			[key]: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>",
		});
	}
	const required: Readonly<Record<string, string[]>> = {
		efidisk0: ['efitype', 'pre-enrolled-keys'],
		tpmstate0: ['version'],
	};
	for (const name of required[key] ?? []) {
		if (drive[name] === undefined) {
			throw parameterError({ [key]: `need to specify '${name}' when using 'import-from'` });
		}
	}
}

/** A path of a file that lies on a storage becomes its volume ID. */
function resolvePath(state: DriveRequest['state'], key: string, drive: Drive): void {
	const { file } = drive;
	const isSpecial = file === 'cdrom' || file === 'none' || file.startsWith('/dev/');
	if (!isSpecial && !/^[^:]+:.+$/.test(file) && !/^\d+$/.test(file)) {
		const volume = volumeAt(state, file);
		if (!volume)
			throw parameterError({ [key]: `unable to associate path '${file}' to any storage` });
		if (volume.content === 'iso') drive.media ??= 'cdrom';
		drive.file = volume.volid;
	}
	if (drive.media === undefined && (file === 'cdrom' || file === 'none')) drive.media = 'cdrom';
}
