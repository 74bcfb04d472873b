/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { randomUUID } from 'node:crypto';
import { demand, may } from '../auth/permissions';
import { printSize } from '../contract/propertyString';
import { splitList } from '../contract/perl';
import { failure, parameterError } from '../errors';
import { notify } from '../notify';
import type { BackupContent, Vm, Volume } from '../state/types';
import { free } from '../storage/allocate';
import { backupsToPrune, parseRetention, printRetention } from '../storage/prune';
import { activate, existingVolume, pathOf, storageOf, usedOn } from '../storage/storages';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import { printCtConfig } from '../ct/config';
import { kindOf, mountsOf } from '../ct/mountPoints';
import { haltCt, startCt } from '../ct/start';
import { archivedConfigText, configProblem } from '../vm/archive';
import { checkWritable } from '../vm/config';
import { printBytes } from '../vm/createDisks';
import { drivesOf, isCdrom } from '../vm/drives';
import { containers, virtualMachines } from './guestKinds';
import { canSnapshot } from './snapshots';
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

const EXTENSIONS: Readonly<Record<string, string>> = {
	zstd: '.zst',
	gzip: '.gz',
	lzo: '.lzo',
	'1': '.lzo',
	'0': '',
};
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
	return found.backup?.config.rootfs === undefined
		? archivedConfigText(found)
		: printCtConfig(found.backup.config);
}

/** The request as a command line, which the log begins with. */
function commandLine({ parameters, world }: Call, vmids: number[]): string {
	const options = Object.entries(parameters)
		.filter(([name]) => name !== 'vmid' && name !== 'node')
		.map(
			([name, value]) =>
				`--${name} ${/^[\w.,-]*$/.test(String(value)) ? value : `'${String(value)}'`}`,
		);
	return `vzdump ${[...vmids, ...options, `--node ${world.state.localNode}`].join(' ')}`;
}

/** What only root may say, and what needs rights on the whole. */
function checkRights({ world: { state }, authId, parameters }: Call, storage: string): void {
	if (authId === 'root@pam') return;
	for (const name of ['tmpdir', 'dumpdir', 'script', 'job-id']) {
		if (parameters[name] !== undefined)
			throw parameterError({ [name]: 'Only root may set this option.' });
	}
	if (['bwlimit', 'ionice', 'performance'].some((name) => parameters[name] !== undefined))
		demand(state, authId, '/', ['Sys.Modify']);
	if (parameters['prune-backups'] !== undefined)
		demand(state, authId, `/storage/${storage}`, ['Datastore.Allocate']);
}

const VARIABLES = ['cluster', 'guestname', 'node', 'vmid'];

/** Throws where a template for notes holds what is not known. */
function checkNotes(template: string): void {
	const refuse = (text: string) => {
		throw parameterError({ 'notes-template': `${text}\n` });
	};
	if (template.includes('\n')) refuse('contains a line feed');
	const unknown = [...template.matchAll(/\\(.)/g)].flatMap(({ 1: character = '', index }) =>
		/^[n\\]$/.test(character) ? [] : [`escape sequence '\\${character}' at char ${index}`],
	);
	for (const { 0: found, 1: name = '', index } of template.matchAll(/\{\{([^\s{}]+)\}\}/g)) {
		if (!VARIABLES.includes(name))
			unknown.push(`variable '${name}' at char ${index + found.length - name.length}`);
	}
	if (unknown.length > 0) refuse(`found unknown: ${unknown.join(', ')}`);
}

/** Which guests are meant, in the order in which they are named. */
function guestsMeant({ world: { state }, parameters }: Call): number[] {
	const pool = textOf(parameters, 'pool');
	if (pool !== undefined) return [...(state.pools.get(pool)?.vms ?? [])];
	if (parameters.vmid !== undefined) return splitList(textOf(parameters, 'vmid') ?? '').map(Number);
	const excluded = new Set(splitList(textOf(parameters, 'exclude') ?? '').map(Number));
	return [...state.vms.keys()].filter((vmid) => !excluded.has(vmid));
}

function backup(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const storage = textOf(parameters, 'storage') ?? 'local';
	checkRights(call, storage);
	for (const name of ['all', 'exclude', 'pool']) {
		if (parameters.vmid !== undefined && parameters[name] !== undefined && parameters[name] !== 0) {
			throw parameterError({ [name]: "option conflicts with option 'vmid'" });
		}
	}
	const template = textOf(parameters, 'notes-template');
	if (template !== undefined && template !== '') checkNotes(template);
	const isAll =
		flagOf(parameters, 'all') ||
		(parameters.exclude !== undefined && parameters.pool === undefined);
	if (!isAll && parameters.pool === undefined && parameters.vmid === undefined)
		throw parameterError({ vmid: 'property is missing' });
	const meant = guestsMeant(call);
	// Guests of other nodes are passed over without a word.
	const vmids = meant
		.filter((vmid) => (state.vms.get(vmid)?.node ?? state.localNode) === state.localNode)
		.sort((a, b) => a - b);
	if (vmids.length === 0 && !isAll) return 'OK';
	demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	return world.tasks.start({
		type: 'vzdump',
		id: vmids.length === 1 ? String(vmids[0]) : '',
		authId,
		run: async (worker) => {
			checkTarget(call, storage);
			worker.log(
				`INFO: starting new backup job: ${commandLine(call, isAll || parameters.pool !== undefined ? [] : meant)}`,
			);
			// Of all guests those are saved that one may save.
			const isAllowed = (vmid: number) => may(state, authId, `/vms/${vmid}`, ['VM.Backup']);
			if (!isAll)
				for (const vmid of vmids)
					if (state.vms.has(vmid)) demand(state, authId, `/vms/${vmid}`, ['VM.Backup']);
			let hasFailed = false;
			for (const vmid of isAll ? vmids.filter(isAllowed) : vmids)
				if (!(await backupOne(call, vmid, storage, worker))) hasFailed = true;
			worker.log(`INFO: Backup job finished ${hasFailed ? 'with errors' : 'successfully'}`);
			await notifyOf(call, hasFailed, worker);
			if (hasFailed) throw failure('job errors');
		},
	});
}

/** A job that sends mail to its own addresses notifies nobody else. */
async function notifyOf(call: Call, hasFailed: boolean, worker: Worker): Promise<void> {
	const { world, parameters } = call;
	const { state } = world;
	const mode = textOf(parameters, 'notification-mode') ?? DEFAULTS['notification-mode'];
	if (mode === 'legacy-sendmail' || (mode === 'auto' && parameters.mailto !== undefined)) return;
	const jobId = textOf(parameters, 'job-id');
	const result = hasFailed ? 'backup failed' : 'backup successful';
	await notify(
		state,
		{
			title: `vzdump backup status (${state.localNode}.example.com): ${result}`,
			message: `Details\n=======\n\nLogs\n====\n${commandLine(call, guestsMeant(call))}\n`,
			severity: hasFailed ? 'error' : 'info',
			timestamp: seconds(world),
			fields: {
				type: 'vzdump',
				hostname: state.localNode,
				...(jobId === undefined ? {} : { 'job-id': jobId }),
			},
		},
		worker.log,
	);
}

/** Throws all that is wrong with the storage that the backups are to go to. */
function checkTarget({ world: { state } }: Call, name: string): void {
	const problems: string[] = [];
	const attempt = (what: string, check: () => void) => {
		try {
			check();
		} catch (error) {
			problems.push(`${what} '${name}': ${error instanceof Error ? error.message : ''}`);
		}
	};
	attempt('could not activate storage', () => void activate(state, name));
	attempt('could not get storage information for', () => {
		if (!storageOf(state, name).content.includes('backup')) {
			throw failure(`can't use storage '${name}' for backups - wrong content type`);
		}
	});
	if (problems.length > 0) throw failure(problems.join(' '));
}

const two = (value: number): string => String(value).padStart(2, '0');

function printDuration(total: number): string {
	return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

async function backupOne(
	call: Call,
	vmid: number,
	storage: string,
	worker: Worker,
): Promise<boolean> {
	const { world } = call;
	const stamp = () => new Date(world.clock.now()).toISOString().replace('T', ' ').slice(0, 19);
	const began = seconds(world);
	try {
		const vm = world.state.vms.get(vmid);
		if (!vm) throw failure(`unable to find VM '${vmid}'`);
		worker.log(`INFO: Starting Backup of VM ${vmid} (${vm.type})`);
		worker.log(`INFO: Backup started at ${stamp()}`);
		await writeArchive(call, vm, storage, worker);
		worker.log(`INFO: Finished Backup of VM ${vmid} (${printDuration(seconds(world) - began)})`);
		worker.log(`INFO: Backup finished at ${stamp()}`);
		return true;
	} catch (error) {
		if (worker.signal.aborted) throw error;
		worker.log(
			`ERROR: Backup of VM ${vmid} failed - ${error instanceof Error ? error.message : ''}`,
		);
		worker.log(`INFO: Failed at ${stamp()}`);
		return false;
	}
}

async function writeArchive(
	call: Call,
	vm: Vm,
	storageName: string,
	worker: Worker,
): Promise<void> {
	const { world } = call;
	const { state } = world;
	worker.log(`INFO: status = ${vm.status}`);
	const config = { ...vm.config };
	// The lock file is free again while the archive is written: who comes then is refused at once.
	const kind = vm.type === 'lxc' ? containers : virtualMachines;
	await kind.withLock(world, vm.vmid, worker, async () => {
		kind.checkLock(vm);
		checkWritable(state, vm.vmid);
		vm.config.lock = 'backup';
		await Promise.resolve();
	});
	try {
		await (vm.type === 'lxc' ? writeCt : writeLocked)(call, vm, config, storageName, worker);
	} finally {
		// A killed process leaves its lock.
		if (!wasKilled(worker.signal)) delete vm.config.lock;
	}
}

/** Whether a container can be frozen where its volumes are. */
function freezesVolumes(call: Call, ct: Vm): boolean {
	const { state } = call.world;
	return containers.disks(state, ct.config).every(([, volid]) => canSnapshot(state, volid));
}

/** Writes the archive of a container that has the lock of a backup. */
async function writeCt(
	call: Call,
	ct: Vm,
	config: Vm['config'],
	storageName: string,
	worker: Worker,
): Promise<void> {
	const { world, parameters } = call;
	const { state } = world;
	const isRunning = ct.status === 'running';
	let mode = isRunning ? (textOf(parameters, 'mode') ?? DEFAULTS.mode) : 'stop';
	const log = (line: string) => worker.log(`INFO: ${line}`);
	const introduce = () => {
		log(`CT Name: ${String(ct.config.hostname ?? `CT${ct.vmid}`)}`);
		for (const [key, mount] of mountsOf(ct.config)) {
			const kind = kindOf(mount);
			const isSaved = key === 'rootfs' || (kind === 'volume' && mount.backup === 1);
			const why = kind === 'volume' ? 'disabled' : 'not a volume';
			const place = `mount point ${key} ('${mount.mp ?? '/'}')`;
			log(
				isSaved
					? `including ${place} in backup`
					: `excluding ${kind} ${place} from backup (${why})`,
			);
		}
	};
	if (mode === 'snapshot' && !freezesVolumes(call, ct)) {
		introduce();
		log('mode failure - some volumes do not support snapshots');
		log("trying 'suspend' mode instead");
		mode = 'suspend';
	}
	log(`backup mode: ${mode}`);
	log('ionice priority: 7');
	introduce();
	if (mode === 'snapshot') {
		const isSubvolume = ([, volid]: [string, string]) =>
			state.volumes.get(volid)?.format === 'subvol';
		if (containers.disks(state, ct.config).some(isSubvolume)) freezeForBackup(call, ct, worker);
		log("create storage snapshot 'vzdump'");
	}
	if (mode === 'suspend') log('suspending guest');
	if (mode === 'stop' && isRunning) {
		log('stopping virtual guest');
		await haltCt(world, ct, worker);
	}
	const saved: Vm['config'] = Object.fromEntries(
		Object.entries(config).filter(([key]) => !/^(?:lock|parent)$/.test(key)),
	);
	const content: BackupContent = { config: saved, drives: {}, ctime: seconds(world) };
	for (const [key, volid] of containers.disks(state, ct.config)) {
		const volume = state.volumes.get(volid);
		if (volume) content.drives[key] = { ...volume };
	}
	await worker.work(durations.backup);
	addArchive(call, ct, storageName, content, worker);
	if (mode === 'suspend') log('resuming guest');
	if (mode === 'snapshot') log("cleanup temporary 'vzdump' snapshot");
	if (mode !== 'stop' || !isRunning) return;
	log('restarting vm');
	delete ct.config.lock;
	await startCt(world, ct, worker);
}

/** A snapshot of a subvolume cannot be mounted: the backup fails, and leaves the snapshot. */
function freezeForBackup({ world }: Call, ct: Vm, worker: Worker): never {
	const old = ct.snapshots.find(({ name }) => name === 'vzdump');
	if (old) {
		worker.log('INFO: found old vzdump snapshot (force removal)');
		ct.snapshots = ct.snapshots.filter((snapshot) => snapshot !== old);
		if (old.parent === undefined) delete ct.config.parent;
		else ct.config.parent = old.parent;
	}
	worker.log("INFO: create storage snapshot 'vzdump'");
	const config = Object.fromEntries(
		Object.entries(ct.config).filter(([key]) => !/^(?:lock|parent|description)$/.test(key)),
	);
	const parent = ct.config.parent === undefined ? undefined : String(ct.config.parent);
	ct.snapshots.push({ name: 'vzdump', snaptime: seconds(world), vmstate: false, parent, config });
	ct.config.parent = 'vzdump';
	throw failure("cannot mount subvol snapshots for storage type 'btrfs'");
}

/** Writes the archive of a VM that has the lock of a backup. */
async function writeLocked(
	call: Call,
	vm: Vm,
	config: Vm['config'],
	storageName: string,
	worker: Worker,
): Promise<void> {
	const { world, parameters } = call;
	const { state } = world;
	const mode = vm.status === 'stopped' ? 'stop' : (textOf(parameters, 'mode') ?? DEFAULTS.mode);
	worker.log(`INFO: backup mode: ${mode}`);
	worker.log('INFO: ionice priority: 7');
	worker.log(`INFO: VM Name: ${String(vm.config.name ?? `VM${vm.vmid}`)}`);
	const content: BackupContent = { config, drives: {}, ctime: seconds(world) };
	for (const [key, drive] of drivesOf(vm.config)) {
		const volume = state.volumes.get(drive.file);
		if (!volume || isCdrom(drive)) continue;
		if (drive.backup === 0) {
			worker.log(`INFO: exclude disk '${key}' '${drive.file}' (backup=no)`);
			continue;
		}
		worker.log(`INFO: include disk '${key}' '${drive.file}' ${printSize(volume.size)}`);
		const { size, format, storage, boots } = volume;
		content.drives[key] = { size, format, storage, boots };
	}
	await worker.work(durations.backup);
	addArchive(call, vm, storageName, content, worker);
}

/** A template's notes: a backslash escapes itself, and a line feed as `n`; names in braces are filled in. */
function notesOf(template: string, { world: { state } }: Call, vm: Vm): string {
	const values: Record<string, string> = {
		cluster: state.clusterName ?? 'standalone node',
		guestname: String(vm.config.name ?? vm.config.hostname ?? `VM ${vm.vmid}`),
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

function addArchive(
	call: Call,
	vm: Vm,
	storageName: string,
	content: BackupContent,
	worker: Worker,
): void {
	const { world, parameters } = call;
	const { state } = world;
	const storage = storageOf(state, storageName);
	const date = new Date(content.ctime * 1000)
		.toISOString()
		.replace(/-/g, '_')
		.replace('T', '-')
		.replace(/:/g, '_')
		.slice(0, 19);
	const isCt = vm.type === 'lxc';
	const format = `${isCt ? 'tar' : 'vma'}${EXTENSIONS[textOf(parameters, 'compress') ?? '0'] ?? ''}`;
	const file = `vzdump-${vm.type}-${vm.vmid}-${date}.${format}`;
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
	if (size > storage.total - usedOn(state, storage))
		throw failure('vma_queue_write: write error - Broken pipe');
	if (isCt) worker.log(`INFO: Total bytes written: ${size} (${printBytes(size)}, 77MiB/s)`);
	else logTransfer(vm, `${storage.path}/dump/${file}`, total, worker);
	worker.log(`INFO: archive file size: ${Math.ceil(size / 1024)}KB`);
	if (volume.notes !== undefined) worker.log('INFO: adding notes to backup');
	if (isProtected) worker.log('INFO: marking backup as protected');
	state.volumes.set(volume.volid, volume);
	prune(call, volume, worker);
}

/** What QEMU writes while it copies a VM's disks, all of which are empty. */
function logTransfer(vm: Vm, path: string, total: number, worker: Worker): void {
	if (total === 0) {
		worker.log('INFO: backup contains no disks');
		worker.log('INFO: starting diskless backup');
		worker.log(
			`INFO: /usr/bin/vma create -v -c ${path.replace(/vma.*$/, 'tmp')}/qemu-server.conf exec:cat > ${path.replace(/vma.*$/, 'dat')}`,
		);
		return;
	}
	const isStopped = vm.status === 'stopped';
	const gibibytes = `${(total / 1024 ** 3).toFixed(2)} GiB`;
	if (isStopped) worker.log('INFO: starting kvm to execute backup task');
	worker.log('INFO: starting backup via QMP command');
	worker.log(`INFO: started backup task '${randomUUID()}'`);
	if (!isStopped) worker.log('INFO: resuming VM again');
	worker.log(
		`INFO: 100% (${printBytes(total)} of ${printBytes(total)}) in 1s, read: ${printBytes(total)}/s, write: 0 B/s`,
	);
	worker.log(`INFO: backup is sparse: ${gibibytes} (100%) total zero data`);
	worker.log(`INFO: transferred ${gibibytes} in 1 seconds (${printBytes(total)}/s)`);
	if (isStopped) worker.log('INFO: stopping kvm after backup task');
}

/** Removes the VM's older backups that are not to be kept. */
function prune(
	{ world: { state }, parameters }: Call,
	{ storage, vmid }: Volume,
	worker: Worker,
): void {
	const asked = textOf(parameters, 'prune-backups');
	const retention = parseRetention(asked ?? storageOf(state, storage).pruneBackups ?? '') ?? {};
	const isOff =
		parameters.remove === 0 || retention['keep-all'] || Object.keys(retention).length === 0;
	if (isOff) return;
	const backups = [...state.volumes.values()].filter(
		(volume) => volume.content === 'backup' && volume.storage === storage && volume.vmid === vmid,
	);
	worker.log(`INFO: prune older backups with retention: ${printRetention(retention)}`);
	const pruned = backupsToPrune(backups, retention).reverse();
	for (const { volid } of pruned) {
		worker.log(`INFO: removing backup '${volid}'`);
		free(state, volid);
	}
	worker.log(
		`INFO: pruned ${pruned.length} backup(s)${pruned.length > 0 ? ' not covered by keep-retention policy' : ''}`,
	);
}

export const backupEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/nodes/{node}/vzdump/extractconfig', handle: extractConfig },
	{ method: 'GET', path: '/nodes/{node}/vzdump/defaults', handle: () => DEFAULTS },
	{ method: 'POST', path: '/nodes/{node}/vzdump', handle: backup },
];
