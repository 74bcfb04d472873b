/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { failure } from '../errors';
import { allocate, free, makeBase } from '../storage/allocate';
import { findForeignDisk } from '../storage/importMetadata';
import {
	existingVolume,
	formatOn,
	isMountedOn,
	pathOf,
	storageOf,
	volumeAt,
	volumeName,
} from '../storage/storages';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { parseNewDisk, parseVolumeId } from '../storage/volumeId';
import type { ClusterState, Volume, VmConfig } from '../state/types';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import type { World } from '../world';
import { drivesOf, isCloudInit, parseDrive, printDrive } from './drives';
import type { Drive } from './drives';

export interface DiskRequest {
	world: World;
	authId: string;
	vmid: number;
	/** The configuration so far; its drives are those to be made. */
	config: VmConfig;
	defaultStorage?: string;
	/** Where a disk of an OVA is unpacked; on the storage of the OVA unless given. */
	workingStorage?: string;
	/** Import while the VM already runs. */
	isLive: boolean;
	worker: Worker;
}

export interface MadeDisks {
	/** Each drive as it is stored. */
	drives: VmConfig;
	/** Volumes that were made, to be freed when something fails. */
	volumes: string[];
	/** Whether a drive waits for its data. */
	imports: boolean;
}

const EFI_SIZES: Readonly<Record<string, number>> = { '4m': 540_672, '2m': 131_072 };
const TPM_SIZE = 4 * 1024 ** 2;
const CLOUD_INIT_SIZE = 4 * 1024 ** 2;
const AARCH64_EFI_SIZE = 64 * 1024 ** 2;
/** What is taken for a raw image has at least one sector. */
const SECTOR = 512;

/** Makes or attaches every drive of a request. Where one fails, those already made are freed and the error goes on. */
export async function createDisks(request: DiskRequest): Promise<MadeDisks> {
	const made: MadeDisks = { drives: {}, volumes: [], imports: false };
	try {
		for (const [key, drive] of drivesOf(request.config)) {
			await createDisk(request, made, key, { ...drive });
		}
		return made;
	} catch (error) {
		// A killed process frees nothing.
		if (!wasKilled(request.worker.signal))
			for (const volid of made.volumes) free(request.world.state, volid);
		throw error;
	}
}

async function createDisk(
	request: DiskRequest,
	made: MadeDisks,
	key: string,
	drive: Drive,
): Promise<void> {
	const { file } = drive;
	const id = parseVolumeId(file);
	if (file === '' || file === 'none' || file === 'cdrom') {
		delete drive.size;
		made.drives[key] = printDrive(key, drive);
	} else if (id?.name === 'cloudinit') {
		await createCloudInit(request, made, key, drive, id.storage);
	} else if (parseNewDisk(file)) {
		await createNewDisk(request, made, key, drive);
	} else {
		attachVolume(request, made, key, drive);
	}
}

function finish({ worker }: DiskRequest, made: MadeDisks, key: string, drive: Drive): void {
	delete drive.format;
	made.drives[key] = printDrive(key, drive);
	worker.log(`${key}: successfully created disk '${made.drives[key]}'`);
}

/** A VM has one cloud-init drive at most. */
function checkOnlyCloudInit(made: MadeDisks, key: string): void {
	const other = drivesOf(made.drives).find(([, drive]) => isCloudInit(drive));
	if (other) throw failure(`${key} - cloud-init drive is already attached at '${other[0]}'`);
}

async function createCloudInit(
	request: DiskRequest,
	made: MadeDisks,
	key: string,
	drive: Drive,
	storage: string,
): Promise<void> {
	const { world, vmid, worker } = request;
	checkOnlyCloudInit(made, key);
	const format = String(drive.format ?? formatOn(world.state, storage, 'qcow2'));
	const volume = allocate(
		world,
		{
			storage,
			vmid,
			format,
			name: `vm-${vmid}-cloudinit.${format}`,
			kilobytes: CLOUD_INIT_SIZE / 1024,
		},
		worker.log,
	);
	made.volumes.push(volume.volid);
	await worker.work(durations.disk);
	finish(request, made, key, { ...drive, file: volume.volid, media: 'cdrom' });
}

async function createNewDisk(
	request: DiskRequest,
	made: MadeDisks,
	key: string,
	drive: Drive,
): Promise<void> {
	const { world, config, worker, defaultStorage } = request;
	const wanted = parseNewDisk(drive.file);
	const storage = wanted?.storage ?? defaultStorage;
	if (!storage) throw failure('no storage ID specified (and no default storage)');
	const source = drive['import-from'];
	delete drive['import-from'];
	let volume: Volume;
	if (source === undefined) {
		const kilobytes = Math.ceil((wanted?.gigabytes ?? 0) * 1024 ** 2);
		volume = allocateFor(request, key, drive, storage, kilobytes);
	} else {
		volume = importDisk(request, key, drive, storage, String(source));
		if (request.isLive && key !== 'efidisk0') made.imports = true;
	}
	await worker.work(durations.disk);
	// What is imported from a storage is left as it is, template or not.
	const isCopy =
		typeof source === 'string' && parseVolumeId(source) !== undefined && !request.isLive;
	const volid = config.template && !isCopy ? makeBase(world.state, volume.volid) : volume.volid;
	made.volumes.push(volid);
	finish(request, made, key, { ...drive, file: volid, size: volume.size });
}

function allocateFor(
	request: DiskRequest,
	key: string,
	drive: Drive,
	storage: string,
	kilobytes: number,
): Volume {
	const { world, vmid, worker, config } = request;
	const format = String(drive.format ?? 'raw');
	if (key === 'tpmstate0')
		return allocate(world, { storage, vmid, format, kilobytes: TPM_SIZE / 1024 }, worker.log);
	if (key !== 'efidisk0') return allocate(world, { storage, vmid, format, kilobytes }, worker.log);
	if (/type=snp|^snp/.test(String(config['amd-sev'] ?? ''))) {
		throw failure('SEV-SNP uses consolidated read-only firmware and does not require an EFI disk');
	}
	const bytes =
		config.arch === 'aarch64' ? AARCH64_EFI_SIZE : (EFI_SIZES[String(drive.efitype ?? '2m')] ?? 0);
	const volume = allocate(world, { storage, vmid, format, kilobytes: bytes / 1024 }, worker.log);
	logTransfer(worker, bytes);
	if (drive['pre-enrolled-keys'] === 1 && drive.efitype === '4m') {
		worker.log(
			'INFO: reading raw edk2 varstore from /usr/share/pve-edk2-firmware//OVMF_VARS_4M.ms.fd',
		);
		worker.log('INFO: var store range: 0x64 -> 0x40000');
	}
	return volume;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes as a task's log shows them: `16.0 MiB`. */
export function printBytes(bytes: number): string {
	let value = bytes;
	let unit = 0;
	while (value >= 1024 && unit < UNITS.length - 1) {
		value /= 1024;
		unit += 1;
	}
	return `${value.toFixed(1)} ${UNITS[unit]}`;
}

/** The progress lines of a copy. */
export function logTransfer(worker: Worker, bytes: number): void {
	const total = printBytes(bytes);
	worker.log(`transferred 0.0 B of ${total} (0.00%)`);
	worker.log(`transferred ${total} of ${total} (100.00%)`);
}

function importDisk(
	request: DiskRequest,
	key: string,
	drive: Drive,
	storage: string,
	source: string,
): Volume {
	const { world, vmid, worker } = request;
	const id = parseVolumeId(source);
	const copy = (format: string, bytes: number, boots?: boolean) => {
		const kilobytes =
			key === 'efidisk0' ? (EFI_SIZES[String(drive.efitype)] ?? bytes) / 1024 : bytes / 1024;
		const volume = allocate(world, { storage, vmid, format, kilobytes, boots }, worker.log);
		if (id) worker.log(`allocated target volume '${volume.volid}'`);
		logTransfer(worker, volume.size);
		return volume;
	};
	if (!id) {
		const file = volumeAt(world.state, source);
		if (!file) throw failure(`can't find file '${source}'`);
		const bytes = file.damage === undefined ? file.size : SECTOR;
		return copy(String(drive.format ?? 'raw'), bytes, file.boots);
	}
	const { type, format } = volumeName(world.state, id);
	if (format.startsWith('ova+')) {
		const extracted = extract(request, source, format.slice('ova+'.length));
		try {
			return importDisk(request, key, drive, storage, extracted.volid);
		} finally {
			free(world.state, extracted.volid);
			worker.log(`cleaned up extracted image ${extracted.volid}`);
		}
	}
	const volume = findSource(world, id.storage, source);
	if (type === 'import') checkImage(world, volume, worker);
	if (isCloudInit({ file: source }))
		throw failure(`cannot import from '${source}' - cannot import from cloudinit disk`);
	if (request.isLive && key !== 'efidisk0') {
		return allocate(
			world,
			{
				storage,
				vmid,
				format: String(drive.format ?? 'raw'),
				kilobytes: volume.size / 1024,
				boots: volume.boots,
			},
			worker.log,
		);
	}
	const owner = ownerDriveOf(world, volume);
	worker.log(`create full clone of drive ${owner}(${source})`);
	const target = String(drive.format ?? formatOn(world.state, storage, volume.format));
	return copy(target, volume.size, volume.boots);
}

/** The name of the drive that a volume is to its VM, with a blank behind it. */
function ownerDriveOf({ state }: World, volume: Volume): string {
	const config = volume.vmid === undefined ? {} : (state.vms.get(volume.vmid)?.config ?? {});
	const found = drivesOf(config).find(([, drive]) => drive.file === volume.volid);
	return found ? `${found[0]} ` : '';
}

/** Unpacks a disk of an OVA into a volume of the VM, on the working storage. */
function extract(
	{ world, vmid, worker, workingStorage }: DiskRequest,
	source: string,
	format: string,
): Volume {
	const { state } = world;
	const [, from = '', archive = '', file = ''] =
		/^([^:]+):import\/(.*\.ova)\/([^/]+)$/.exec(source) ?? [];
	const storage = workingStorage ?? from;
	worker.log(`extracting ${source}`);
	const found = findForeignDisk(state, source);
	const refuse = (why: string) => failure(`error during extraction: ${why}`);
	const folder = pathOf(state, {
		storage,
		content: 'images',
		volid: `${storage}:${vmid}/tmp_${worker.pid}_${vmid}`,
	});
	if (found === undefined) {
		const path = pathOf(state, {
			storage: from,
			content: 'import',
			volid: `${from}:import/${archive}`,
		});
		throw refuse(
			`command 'tar -x --force-local --no-same-owner -C ${folder} -f ${path} ${file}' failed: exit code 2`,
		);
	}
	const { disk } = found;
	if (disk.damage) {
		worker.log(`qemu-img: Could not open '${folder}/${file}': Image is not in ${format} format`);
		throw refuse('failed to query file information with qemu-img');
	}
	const volume = allocate(
		world,
		{ storage, vmid, format, kilobytes: disk.size / 1024, boots: disk.boots },
		worker.log,
	);
	worker.log(`renaming ${folder}/${file} to ${pathOf(state, volume)}`);
	worker.log(`finished extracting to ${volume.volid}`);
	return volume;
}

/** A disk of an ESXi host, as if it were a volume. */
function esxiDisk(state: ClusterState, storage: string, source: string): Volume | undefined {
	const { disk, volume } = findForeignDisk(state, source) ?? {};
	return disk && volume && { ...volume, volid: source, storage, format: 'vmdk', ...disk };
}

function findSource({ state }: World, storage: string, source: string): Volume {
	const { type } = volumeName(state, { storage, name: parseVolumeId(source)?.name ?? '' });
	// The file is looked for before its storage is made ready.
	const volume = !isMountedOn(storageOf(state, storage), state.localNode)
		? undefined
		: (state.volumes.get(source) ?? esxiDisk(state, storage, source));
	if (volume) return volume;
	// Images are known by their VMs, other files are looked at first.
	if (type === 'images')
		throw failure(`cannot import from '${source}' - could not get size of ${source}`);
	throw failure(`failed to stat '${pathOf(state, { storage, content: type, volid: source })}'`);
}

function checkImage({ state }: World, volume: Volume, worker: Worker): void {
	if (volume.damage === undefined) return;
	worker.log(
		`qemu-img: Could not open '${pathOf(state, volume)}': Image is not in ${volume.format} format`,
	);
	throw failure('failed to query file information with qemu-img');
}

function attachVolume(request: DiskRequest, made: MadeDisks, key: string, drive: Drive): void {
	const { world, authId, vmid } = request;
	const { file } = drive;
	checkVolumeAccess({ state: world.state, authId, vmid, volume: file });
	const id = parseVolumeId(file);
	if (!id) {
		const known = volumeAt(world.state, file);
		if (!known) throw failure(`volume ${file} does not exist`);
		made.drives[key] = printDrive(key, { ...drive, size: known.size });
		return;
	}
	const { type, format } = volumeName(world.state, id);
	if (type !== 'images' && type !== 'iso') {
		throw failure(`cannot use volume ${file} - content type needs to be 'images' or 'iso'`);
	}
	if (drive.format !== undefined && drive.format !== format) {
		throw failure(
			`drive '${key}' - volume '${file}' - 'format=${drive.format}' option different from storage format '${format}'`,
		);
	}
	if (isCloudInit(drive)) checkOnlyCloudInit(made, key);
	const volume = existingVolume(world.state, id.storage, file);
	made.drives[key] = printDrive(key, { ...drive, size: volume.size });
}

/** A drive's volume ID, where it has one. */
export function volumeOf(key: string, text: string): string | undefined {
	const drive = parseDrive(key, text);
	return drive && parseVolumeId(drive.file) ? drive.file : undefined;
}
