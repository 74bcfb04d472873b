/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { demand } from '../auth/permissions';
import { printSize } from '../contract/propertyString';
import { splitList } from '../contract/perl';
import { failure, parameterError, unsupported } from '../errors';
import type { BackupContent, Vm, Volume } from '../state/types';
import { checkEnabled, existingVolume, pathOf, storageOf, usedOn } from '../storage/storages';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import { archivedConfigText, configProblem } from '../vm/archive';
import { checkLock, vmOf } from '../vm/config';
import { drivesOf, isCdrom } from '../vm/drives';
import { flagOf, textOf } from './types';
import type { Call, Endpoint } from './types';

const DEFAULTS = {
	all: 0,
	bwlimit: 0,
	compress: '0',
	dumpdir: '/var/lib/vz/dump',
	fleecing: { enabled: 0 },
	ionice: 7,
	lockwait: 180,
	mailnotification: 'always',
	mode: 'snapshot',
	'notification-mode': 'auto',
	performance: { 'max-workers': 16, 'pbs-entries-max': 1_048_576 },
	pigz: 0,
	'prune-backups': 'keep-all=1',
	quiet: 0,
	remove: 1,
	stdexcludes: 1,
	stop: 0,
	stopwait: 10,
	storage: 'local',
	zstd: 1,
};

const EXTENSIONS: Readonly<Record<string, string>> = { zstd: '.zst', gzip: '.gz', lzo: '.lzo', '1': '.lzo', '0': '' };
/** What an archive of an empty disk takes, bytes a gigabyte. */
const ARCHIVE_PER_GIGABYTE = 28_000;

function extractConfig({ world, authId, parameters }: Call): string {
	const { state } = world;
	const volume = textOf(parameters, 'volume') ?? '';
	checkVolumeAccess({ state, authId, volume, type: 'backup' });
	const id = parseVolumeId(volume);
	if (!id) throw failure(`unable to parse volume ID '${volume}'`);
	const found = existingVolume(state, id.storage, volume);
	const problem = configProblem({ volume: found, path: pathOf(state, found) });
	if (problem !== undefined) throw failure(problem);
	return archivedConfigText(found);
}

/** The request as a command line, which the log begins with. */
function commandLine({ parameters, world }: Call, vmids: number[]): string {
	const options = Object.entries(parameters)
		.filter(([name]) => name !== 'vmid' && name !== 'node')
		.map(([name, value]) => `--${name} ${/^[\w.,=-]*$/.test(String(value)) ? value : `'${String(value)}'`}`);
	return `vzdump ${vmids.join(' ')} ${[...options, `--node ${world.state.localNode}`].join(' ')}`;
}

function backup(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	if (parameters.all !== undefined || parameters.pool !== undefined) throw unsupported('a backup of all VMs or of a pool');
	const vmids = splitList(textOf(parameters, 'vmid') ?? '').map(Number);
	if (vmids.length === 0) throw parameterError({ vmid: 'property is missing and it is not optional' });
	const storage = textOf(parameters, 'storage') ?? 'local';
	for (const vmid of vmids) if (state.vms.has(vmid)) demand(state, authId, `/vms/${vmid}`, ['VM.Backup']);
	demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	// A VM of another node is passed over without a word.
	if (vmids.every((vmid) => (state.vms.get(vmid)?.node ?? state.localNode) !== state.localNode)) return 'OK';
	return world.tasks.start({
		type: 'vzdump',
		id: vmids.length === 1 ? String(vmids[0]) : '',
		authId,
		run: async (worker) => {
			checkTarget(call, storage);
			worker.log(`INFO: starting new backup job: ${commandLine(call, vmids)}`);
			let hasFailed = false;
			for (const vmid of vmids) if (!(await backupOne(call, vmid, storage, worker))) hasFailed = true;
			worker.log(`INFO: Backup job finished ${hasFailed ? 'with errors' : 'successfully'}`);
			if (hasFailed) throw failure('job errors');
		},
	});
}

function checkTarget({ world: { state } }: Call, name: string): void {
	const why = (text: string) => failure(`could not get storage information for '${name}': ${text}`);
	try {
		const storage = checkEnabled(state, name);
		if (!storage.content.includes('backup')) throw failure(`can't use storage '${name}' for backups - wrong content type`);
	} catch (error) {
		throw why(error instanceof Error ? error.message : '');
	}
}

const two = (value: number): string => String(value).padStart(2, '0');

function printDuration(total: number): string {
	return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

async function backupOne(call: Call, vmid: number, storage: string, worker: Worker): Promise<boolean> {
	const { world } = call;
	const stamp = () => new Date(world.clock.now()).toISOString().replace('T', ' ').slice(0, 19);
	const began = seconds(world);
	try {
		const vm = world.state.vms.get(vmid);
		if (!vm) throw failure(`unable to find VM '${vmid}'`);
		worker.log(`INFO: Starting Backup of VM ${vmid} (qemu)`);
		worker.log(`INFO: Backup started at ${stamp()}`);
		await world.locks.hold(vmid, 10, async () => await writeArchive(call, vmOf(world.state, vmid), storage, worker), { signal: worker.signal });
		worker.log(`INFO: Finished Backup of VM ${vmid} (${printDuration(seconds(world) - began)})`);
		worker.log(`INFO: Backup finished at ${stamp()}`);
		return true;
	} catch (error) {
		if (worker.signal.aborted) throw error;
		worker.log(`ERROR: Backup of VM ${vmid} failed - ${error instanceof Error ? error.message : ''}`);
		worker.log(`INFO: Failed at ${stamp()}`);
		return false;
	}
}

async function writeArchive(call: Call, vm: Vm, storageName: string, worker: Worker): Promise<void> {
	const { world, parameters } = call;
	const { state } = world;
	checkLock(vm);
	const mode = vm.status === 'stopped' ? 'stop' : (textOf(parameters, 'mode') ?? DEFAULTS.mode);
	worker.log(`INFO: status = ${vm.status}`);
	worker.log(`INFO: backup mode: ${mode}`);
	worker.log('INFO: ionice priority: 7');
	worker.log(`INFO: VM Name: ${String(vm.config.name ?? `VM${vm.vmid}`)}`);
	const content: BackupContent = { config: { ...vm.config }, drives: {}, ctime: seconds(world) };
	for (const [key, drive] of drivesOf(vm.config)) {
		const volume = state.volumes.get(drive.file);
		if (!volume || isCdrom(drive) || drive.backup === 0) continue;
		worker.log(`INFO: include disk '${key}' '${drive.file}' ${printSize(volume.size)}`);
		content.drives[key] = { size: volume.size, format: volume.format, storage: volume.storage };
	}
	vm.config.lock = 'backup';
	try {
		await worker.work(durations.backup);
		addArchive(call, vm, storageName, content, worker);
	} finally {
		if (!worker.signal.aborted || state.vms.get(vm.vmid) === vm) delete vm.config.lock;
	}
}

/** A template's notes: a backslash escapes itself, and a line feed as `n`; names in braces are filled in. */
function notesOf(template: string, { world: { state } }: Call, vm: Vm): string {
	const values: Record<string, string> = {
		cluster: state.clusterName ?? 'standalone node',
		guestname: String(vm.config.name ?? `VM ${vm.vmid}`),
		node: state.localNode,
		vmid: String(vm.vmid),
	};
	return template
		.replace(/\\(.)/g, (_, escaped: string) => {
			if (escaped === '\\') return '\\';
			if (escaped === 'n') return '\n';
			throw failure(`unexpected escape character '${escaped}'`);
		})
		.replace(/\{\{(cluster|guestname|node|vmid)\}\}/g, (_, name: string) => values[name] ?? '');
}

function addArchive(call: Call, vm: Vm, storageName: string, content: BackupContent, worker: Worker): void {
	const { world, parameters } = call;
	const { state } = world;
	const storage = storageOf(state, storageName);
	const date = new Date(content.ctime * 1000).toISOString().replace(/-/g, '_').replace('T', '-').replace(/:/g, '_').slice(0, 19);
	const format = `vma${EXTENSIONS[textOf(parameters, 'compress') ?? '0'] ?? ''}`;
	const file = `vzdump-qemu-${vm.vmid}-${date}.${format}`;
	const total = Object.values(content.drives).reduce((sum, { size }) => sum + size, 0);
	const size = 4_096 + Math.ceil((total / 1024 ** 3) * ARCHIVE_PER_GIGABYTE);
	const template = textOf(parameters, 'notes-template');
	const isProtected = flagOf(parameters, 'protected');
	const volume: Volume = {
		volid: `${storageName}:backup/${file}`,
		storage: storageName,
		content: 'backup',
		format,
		size,
		used: size,
		ctime: content.ctime,
		vmid: vm.vmid,
		notes: template === undefined ? undefined : notesOf(template, call, vm),
		...(isProtected ? { protected: true } : {}),
		backup: content,
	};
	worker.log(`INFO: creating vzdump archive '${storage.path}/dump/${file}'`);
	if (size > storage.total - usedOn(state, storage)) throw failure('vma_queue_write: write error - Broken pipe');
	worker.log('INFO: starting backup via QMP command');
	worker.log("INFO: started backup task '00000000-0000-4000-8000-000000000000'");
	worker.log(`INFO: 100% (${total} B of ${total} B) in 0s`);
	worker.log('INFO: backup is sparse');
	worker.log(`INFO: archive file size: ${Math.ceil(size / 1024)}KB`);
	if (volume.notes !== undefined) worker.log('INFO: adding notes to backup');
	if (isProtected) worker.log('INFO: marking backup as protected');
	state.volumes.set(volume.volid, volume);
}

export const backupEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/nodes/{node}/vzdump/extractconfig', handle: extractConfig },
	{ method: 'GET', path: '/nodes/{node}/vzdump/defaults', handle: () => DEFAULTS },
	{ method: 'POST', path: '/nodes/{node}/vzdump', handle: backup },
];
