/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { randomUUID } from 'node:crypto';
import { demand } from '../auth/permissions';
import { ApiError, failure, taskErrorText } from '../errors';
import type { Parameters } from '../endpoints/types';
import type { BackupContent, Vm, VmConfig } from '../state/types';
import { allocate, free, makeBase } from '../storage/allocate';
import {
	formatOn,
	isMountedOn,
	isOnNode,
	pathOf,
	storageOf,
	unmountedText,
} from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { configProblem, decompressorOf } from './archive';
import type { Archive } from './archive';
import { checkRestoreRights } from './configRights';
import { addUnused, toStored, vmOf } from './config';
import type { CreateRequest } from './createRequest';
import { drivesOf, isCdrom, isCloudInit, isDriveName, parseDrive, printDrive } from './drives';
import { withMac } from './network';

/** Until its configuration is read from the archive a VM has this one. */
const PLACEHOLDER: VmConfig = { memory: '128' };
/** Kilobytes of a cloud-init drive. */
const CLOUD_INIT_SIZE = 4_096;
/** The unit in which an archive is read. */
const CLUSTER = 65_536;

/** The work of a restore task; `onRestored` is called once all data are there. Cleans up nothing but its own disks. */
export async function restoreVm(
	request: CreateRequest,
	worker: Worker,
	failed: string,
	onRestored: () => void,
): Promise<void> {
	const { world, vmid, archive } = request;
	const vm = vmOf(world.state, vmid);
	if (vm.config.protection) throw failure(`${failed} - protection mode enabled`);
	if (vm.status === 'running') throw failure(`${failed} vm is running`);
	if (!archive) throw failure('unknown backup archive type');
	await world.locks.hold(
		vmid,
		1,
		async () => {
			if (archive.isVolume) lookInside(request, archive, worker);
			if (request.liveRestore) {
				throw failure(
					'live-restore is only compatible with backup images from a Proxmox Backup Server',
				);
			}
			if (archive.volume.backup?.config.rootfs !== undefined)
				throw failure(
					`ERROR: file '${archive.path}' does not look like a QemuServer vzdump backup`,
				);
			if (/\.(?:tar|tgz)(?:\.\w+)?$/.test(archive.path))
				await failTar(request, vm, archive, worker);
			await extract(request, vm, archive, worker);
			onRestored();
			if (vm.config.template) {
				worker.log('Convert to template.');
				convertDisks(request, vm);
			}
			if (request.pool !== undefined) world.state.pools.get(request.pool)?.vms.add(vmid);
		},
		{ signal: worker.signal },
	);
}

/** An early look at what the restored VM would be, so that lacking rights are told before hours of copying. */
function lookInside(
	{ world, authId, settings }: CreateRequest,
	archive: Archive,
	worker: Worker,
): void {
	const problem = configProblem(archive);
	if (problem !== undefined) {
		worker.log(`Could not extract backed up config: ${problem}\n`);
		worker.log('Skipping early checks!');
		return;
	}
	checkRestoreRights(world.state, authId, { ...archive.volume.backup?.config, ...settings });
}

/** Archives of the days before VMA: what still reads them fails for tokens, and here for everybody. */
async function failTar(
	{ authId, settings }: CreateRequest,
	vm: Vm,
	{ path }: Archive,
	worker: Worker,
): Promise<never> {
	const overrides = Object.keys(settings);
	if (overrides.length > 0) {
		throw failure(
			`cannot pass along options (${overrides.join(' ')}) when restoring from tar archive`,
		);
	}
	worker.log(`extracting archive '${path}'`);
	vm.config = { lock: 'restore' };
	await worker.work(durations.destroy);
	if (authId.includes('!')) worker.log(`value '${authId}' does not look like a valid user name`);
	worker.log(`tar: ${worker.pid + 1}: Child returned status 255`);
	worker.log('tar: Exiting with failure status due to previous errors');
	worker.log('starting cleanup');
	throw failure(
		`command 'zcat -f|tar xf ${path} '--to-command=/usr/lib/qemu-server/qmextract'' failed: exit code 2`,
	);
}

interface ExtractCommand {
	/** As the log shows it. */
	shown: string;
	/** As an error names it. */
	failing: string;
}

function extractCommand(
	{ path }: Archive,
	{ pid }: Worker,
	bwlimit: number | undefined,
): ExtractCommand {
	const temporary = `/var/tmp/vzdumptmp${pid}`;
	const pipe: string[] = [];
	let source = path;
	const add = (command: string) => {
		pipe.push(`${command} ${source}`);
		source = '-';
	};
	if (bwlimit) add(`cstream -t ${bwlimit * 1024} --`);
	const decompressor = decompressorOf(path);
	if (decompressor !== undefined) add(decompressor);
	add(`vma extract -v -r ${temporary}.fifo`);
	const shown = `${pipe.join(' | ')} ${temporary}`;
	return { shown, failing: `command 'set -o pipefail && ${shown}' failed:` };
}

function printTime(seconds: number): string {
	const [, day, date, month, year, time] =
		/^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(seconds * 1000).toUTCString()) ?? [];
	return `${day} ${month} ${date?.replace(/^0/, ' ')} ${time} ${year}`;
}

async function extract(
	request: CreateRequest,
	vm: Vm,
	archive: Archive,
	worker: Worker,
): Promise<void> {
	const { world, bwlimit } = request;
	const { volume } = archive;
	const command = extractCommand(archive, worker, bwlimit);
	if (bwlimit) worker.log(`applying read rate limit: ${bwlimit}`);
	worker.log(`restore vma archive: ${command.shown}`);
	const total = bwlimit
		? Math.max(durations.restore, (volume.used / (bwlimit * 1024)) * 1000)
		: durations.restore;
	const untilHeader = bwlimit
		? Math.min(total / 2, (CLUSTER / (bwlimit * 1024)) * 1000)
		: total / 10;
	const made: string[] = [];
	try {
		if (volume.damage === 'garbage') {
			await worker.work(durations.brokenArchive);
			throw failure('got timeout reading VMA header - corrupted?');
		}
		await worker.work(untilHeader);
		const { backup } = volume;
		if (!backup) throw failure('vma: no configuration in archive');
		readHeader(request, backup, worker);
		const old = vm.config;
		vm.config = { ...PLACEHOLDER };
		removeOldDisks(request, old, backup);
		const map = allocateDrives(request, backup, worker, made);
		await copyData(backup, total - untilHeader, volume.damage === 'truncated', worker);
		vm.config = restoredConfig(request, backup, map);
		keepOtherDisks(request, vm, old, backup);
		vm.snapshots = [];
		rescan(request, worker);
	} catch (error) {
		if (wasKilled(worker.signal)) throw error;
		for (const volid of made) {
			free(world.state, volid);
			worker.log(`temporary volume '${volid}' successfully removed`);
		}
		const reason = worker.signal.aborted
			? 'interrupted by signal'
			: error instanceof ApiError
				? taskErrorText(error)
				: String(error);
		throw failure(`${command.failing} ${reason}`);
	}
}

function targetStorage({ storage }: CreateRequest, drive: BackupContent['drives'][string]): string {
	return storage ?? drive.storage;
}

interface DriveToMake {
	storage: string;
	format: string;
	kilobytes: number;
	/** Made anew at every start, so there are no data of it. */
	isCloudInit: boolean;
	/** An installed system is on it. */
	boots?: boolean;
}

/** The drives that a restore has to make: those with data, and cloud-init drives. Sorted by name. */
function drivesToMake(
	request: CreateRequest,
	backup: BackupContent,
): Array<[key: string, drive: DriveToMake]> {
	const drives = Object.entries(backup.drives).map(([key, drive]): [string, DriveToMake] => {
		const storage = targetStorage(request, drive);
		return [
			key,
			{
				storage,
				format: formatOn(request.world.state, storage, drive.format),
				kilobytes: drive.size / 1024,
				isCloudInit: false,
				boots: drive.boots,
			},
		];
	});
	for (const [key, drive] of drivesOf(backup.config)) {
		const id = parseVolumeId(drive.file);
		if (!isCloudInit(drive) || !id) continue;
		const storage = request.storage ?? id.storage;
		const format = /\.(qcow2|raw|vmdk)$/.exec(drive.file)?.[1] ?? 'raw';
		drives.push([
			key,
			{
				storage,
				format: formatOn(request.world.state, storage, format),
				kilobytes: CLOUD_INIT_SIZE,
				isCloudInit: true,
			},
		]);
	}
	return drives.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Says what is in the archive, and that its drives' storages can take them. */
function readHeader(request: CreateRequest, backup: BackupContent, worker: Worker): void {
	const { world, authId, bwlimit } = request;
	worker.log(
		`CFG: size: ${Buffer.byteLength(JSON.stringify(backup.config))} name: qemu-server.conf`,
	);
	for (const [index, [key, { size }]] of Object.entries(backup.drives).entries()) {
		worker.log(`DEV: dev_id=${index + 1} size: ${size} devname: drive-${key}`);
	}
	worker.log(`CTIME: ${printTime(backup.ctime)}`);
	const storages = new Set(drivesToMake(request, backup).map(([, { storage }]) => storage));
	for (const storage of storages) {
		const { content } = storageOf(world.state, storage);
		if (!content.includes('images'))
			throw failure(`Content type 'images' is not available on storage '${storage}'`);
		demand(world.state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
		if (bwlimit) worker.log(`rate limit for storage ${storage}: ${bwlimit} KiB/s`);
	}
}

/** The old VM's disks make way for those of the same name, and its cloud-init drives. */
function removeOldDisks(request: CreateRequest, old: VmConfig, backup: BackupContent): void {
	const { state } = request.world;
	const replaced = new Set(drivesToMake(request, backup).map(([key]) => key));
	for (const [key, drive] of drivesOf(old)) {
		if (!replaced.has(key) && !isCloudInit(drive)) continue;
		if (state.volumes.get(drive.file)?.vmid === request.vmid) free(state, drive.file);
	}
}

function allocateDrives(
	request: CreateRequest,
	backup: BackupContent,
	worker: Worker,
	made: string[],
): Record<string, string> {
	const { world, vmid } = request;
	const map: Record<string, string> = {};
	const drives = drivesToMake(request, backup);
	for (const [key, { isCloudInit: isData, ...drive }] of drives) {
		const name = isData ? `vm-${vmid}-cloudinit.${drive.format}` : undefined;
		const { volid } = allocate(world, { ...drive, vmid, name }, worker.log);
		made.push(volid);
		map[key] = volid;
		worker.log(`new volume ID is '${volid}'`);
	}
	for (const [key, drive] of drives) {
		const volume = { storage: drive.storage, content: 'images', volid: map[key] ?? '' };
		if (!drive.isCloudInit)
			worker.log(`map 'drive-${key}' to '${pathOf(world.state, volume)}' (write zeros = 0)`);
	}
	return map;
}

async function copyData(
	backup: BackupContent,
	ms: number,
	isTruncated: boolean,
	worker: Worker,
): Promise<void> {
	const total = Object.values(backup.drives).reduce((sum, { size }) => sum + size, 0);
	if (isTruncated) {
		worker.log('');
		worker.log(`(process:${worker.pid + 4}): ERROR **: short vma extent - too many blocks`);
		throw failure('got signal 5');
	}
	// Ten steps are enough to be stopped in; the log has its hundred lines all the same.
	const steps = 10;
	let percent = 0;
	for (let step = 1; step <= steps; step++) {
		await worker.work(ms / steps);
		for (; total > 0 && percent <= step * (100 / steps); percent++) {
			const read = Math.max(CLUSTER, Math.ceil((total * percent) / 100 / CLUSTER) * CLUSTER);
			worker.log(`progress ${percent}% (read ${Math.min(read, total)} bytes, duration 0 sec)`);
		}
	}
	worker.log(`total bytes read ${total}, sparse bytes ${Math.max(0, total - 4 * CLUSTER)} (100%)`);
	worker.log('space reduction due to 4K zero blocks 0%');
}

function restoredConfig(
	request: CreateRequest,
	backup: BackupContent,
	map: Record<string, string>,
): VmConfig {
	const { world, unique, settings } = request;
	const config: Parameters = {};
	for (const [key, value] of Object.entries(backup.config)) {
		if (key === 'lock' || key === 'parent' || /^unused\d+$/.test(key)) continue;
		config[key] = value;
		if (isDriveName(key)) {
			const restored = restoredDrive(key, String(value), map);
			if (restored === undefined) delete config[key];
			else config[key] = restored;
		}
		if (unique && /^net\d+$/.test(key)) config[key] = withMac(world.state, String(value), true);
	}
	if (backup.config.vmgenid !== undefined && backup.config.vmgenid !== '0')
		config.vmgenid = randomUUID();
	if (unique && typeof config.smbios1 === 'string') {
		config.smbios1 = config.smbios1.replace(/uuid=[0-9a-fA-F-]+/, `uuid=${randomUUID()}`);
	}
	return toStored({ ...config, ...settings });
}

function restoredDrive(
	key: string,
	value: string,
	map: Record<string, string>,
): string | undefined {
	const drive = parseDrive(key, value);
	if (!drive) return value;
	if (drive.backup === 0) return undefined;
	const file = map[key];
	if (file === undefined) return value;
	delete drive.format;
	return printDrive(key, { ...drive, file });
}

/** Disks that the backup does not have are no longer in use, but stay. */
function keepOtherDisks(
	{ world, vmid }: CreateRequest,
	vm: Vm,
	old: VmConfig,
	backup: BackupContent,
): void {
	for (const [key, value] of Object.entries(old)) {
		if (!isDriveName(key) || backup.drives[key]) continue;
		const drive = parseDrive(key, String(value));
		if (!drive || isCdrom(drive) || world.state.volumes.get(drive.file)?.vmid !== vmid) continue;
		addUnused(vm, drive.file);
	}
}

/** The search for disks of the VM, which complains of every storage that is not there. */
function rescan({ world }: CreateRequest, worker: Worker): void {
	worker.log('rescan volumes...');
	for (const storage of world.state.storages.values()) {
		if (
			!isMountedOn(storage, world.state.localNode) &&
			isOnNode(storage, world.state.localNode) &&
			!storage.disabled &&
			storage.content.includes('images')
		)
			worker.log(unmountedText(storage));
	}
}

function convertDisks({ world }: CreateRequest, vm: Vm): void {
	for (const [key, value] of Object.entries(vm.config)) {
		const drive = isDriveName(key) ? parseDrive(key, String(value)) : undefined;
		if (!drive || isCdrom(drive) || !world.state.volumes.has(drive.file)) continue;
		vm.config[key] = printDrive(key, { ...drive, file: makeBase(world.state, drive.file) });
	}
}
