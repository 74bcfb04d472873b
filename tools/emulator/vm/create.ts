/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { demand, demandOnVm, may } from '../auth/permissions';
import { findParameter } from '../contract/families';
import { createEndpoint } from '../contract/facts';
import { flagOf, numberOf, textOf, vmidOf } from '../endpoints/types';
import type { Call, Parameters } from '../endpoints/types';
import { ApiError, failure, parameterError, permissionError, taskErrorText } from '../errors';
import { newVm } from '../state/load';
import type { ClusterState, Vm } from '../state/types';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { classifyArchive } from './archive';
import type { Archive } from './archive';
import { checkLock } from './config';
import { clampCpuWeight } from './cpuWeight';
import { buildVm } from './build';
import type { CreateRequest } from './createRequest';
import {
	checkBridgeRights,
	checkCpuRights,
	checkDeviceRights,
	checkParameterRights,
} from './configRights';
import { checkDriveOptions, checkDriveRights } from './driveRights';
import type { DriveRequest } from './driveRights';
import { isDriveName } from './drives';
import { withMac } from './network';
import { freezeReport } from './report';
import { restoreVm } from './restore';
import { checkSshKeys } from './sshKeys';
import { requestStart } from './start';

/** Seconds that a create waits for the VM's lock file. */
const LOCK_TIMEOUT = 5;

/** Parameters that steer the create and are not part of the configuration. */
const STEERING = [
	'node',
	'vmid',
	'archive',
	'bwlimit',
	'force',
	'pool',
	'start',
	'ha-managed',
	'storage',
	'unique',
	'live-restore',
	'import-working-storage',
] as const;

/** POST /nodes/{node}/qemu: everything that is refused at once, then the task. Returns its UPID. */
export async function createVm({ world, authId, parameters }: Call): Promise<string> {
	const { state } = world;
	const vmid = vmidOf(parameters);
	const settings = clampCpuWeight(settingsOf(parameters));
	// Perl takes '' and '0' for none.
	const archiveText = (textOf(parameters, 'archive') ?? '').replace(/^0$/, '');
	const pool = textOf(parameters, 'pool');
	const storage = textOf(parameters, 'storage');
	const force = flagOf(parameters, 'force');
	const request: CreateRequest = {
		world,
		authId,
		vmid,
		settings,
		bwlimit: numberOf(parameters, 'bwlimit'),
		force,
		pool,
		start: flagOf(parameters, 'start'),
		haManaged: flagOf(parameters, 'ha-managed'),
		storage,
		workingStorage: textOf(parameters, 'import-working-storage'),
		unique: flagOf(parameters, 'unique'),
		liveRestore: flagOf(parameters, 'live-restore'),
	};
	if (typeof settings.sshkeys === 'string') checkSshKeys(settings.sshkeys);
	checkQuorum(state);
	checkMayCreate(request, archiveText);
	if (archiveText !== '') request.archive = checkArchive(request, archiveText);
	if (Object.keys(settings).length > 0) {
		request.settings = checkSettings(request);
	}
	const failed =
		archiveText !== '' ? `unable to restore VM ${vmid} -` : `unable to create VM ${vmid} -`;
	await reserve(request, failed);
	return world.tasks.start({
		type: request.archive ? 'qmrestore' : 'qmcreate',
		id: String(vmid),
		authId,
		run: async (worker) =>
			await (request.archive ? runRestore : runCreate)(request, worker, failed),
	});
}

function settingsOf(parameters: Parameters): Parameters {
	const steering: readonly string[] = STEERING;
	return Object.fromEntries(
		Object.entries(parameters).filter(([name]) => !steering.includes(name)),
	);
}

/** Without quorum nothing is created or started. */
export function checkQuorum(state: ClusterState): void {
	if (!state.quorate) throw failure('cluster not ready - no quorum?');
}

function checkMayCreate(
	{ world: { state }, authId, vmid, pool, ...request }: CreateRequest,
	archive: string,
): void {
	if (pool !== undefined && !state.pools.has(pool))
		throw permissionError(`pool '${pool}' does not exist`);
	if (request.storage !== undefined)
		demand(state, authId, `/storage/${request.storage}`, ['Datastore.AllocateSpace']);
	if (request.haManaged) demand(state, authId, '/', ['Sys.Console']);
	if (request.start) demandOnVm(state, authId, vmid, pool, ['VM.PowerMgmt']);
	if (may(state, authId, `/vms/${vmid}`, ['VM.Allocate'])) return;
	if (pool && may(state, authId, `/pool/${pool}`, ['VM.Allocate'])) return;
	const exists = state.vms.get(vmid)?.node === state.localNode;
	if (
		archive !== '' &&
		request.force &&
		exists &&
		may(state, authId, `/vms/${vmid}`, ['VM.Backup'])
	)
		return;
	throw permissionError();
}

function checkArchive({ world, authId, vmid, settings }: CreateRequest, archive: string): Archive {
	for (const name of Object.keys(settings).sort()) {
		if (isDriveName(name))
			throw parameterError({ [name]: "option conflicts with option 'archive'" });
	}
	if (archive === '-') throw failure('pipe requires cli environment');
	return classifyArchive(world, { authId, vmid, archive });
}

/** Rights and options of all that is to be set; returns the settings with drives and cards written as stored. */
function checkSettings(request: CreateRequest): Parameters {
	const { world, authId, vmid, pool, workingStorage } = request;
	const { state } = world;
	const driveRequest: DriveRequest = {
		state,
		authId,
		vmid,
		pool,
		parameters: resolveCdrom(request.settings),
		defaultStorage: request.storage,
		workingStorage,
	};
	checkDriveRights(driveRequest);
	checkParameterRights(driveRequest);
	checkDeviceRights(driveRequest);
	checkBridgeRights(state, authId, driveRequest.parameters);
	checkCpuRights(driveRequest);
	const checked = checkDriveOptions(driveRequest);
	for (const name of Object.keys(checked)) {
		const isCard = /^net\d+$/.test(name) && findParameter(createEndpoint, name) !== undefined;
		if (isCard && checked[name] !== null) checked[name] = withMac(state, String(checked[name]));
	}
	return checked;
}

/** `cdrom` is another name of `ide2`, and wins. */
export function resolveCdrom(settings: Parameters): Parameters {
	const cdrom = typeof settings.cdrom === 'string' ? settings.cdrom : '';
	if (cdrom === '') return settings;
	const rest = { ...settings };
	delete rest.cdrom;
	return { ...rest, ide2: cdrom.includes('media=') ? cdrom : `${cdrom},media=cdrom` };
}

/** Takes the ID: from here on a second create of it is refused. */
async function reserve({ world, vmid, force }: CreateRequest, failed: string): Promise<void> {
	try {
		await world.locks.hold(vmid, LOCK_TIMEOUT, async () => {
			const { state } = world;
			const existing = state.vms.get(vmid);
			if (existing && !force) {
				const kind = existing.type === 'lxc' ? 'CT' : 'VM';
				throw failure(`${kind} ${vmid} already exists on node '${existing.node}'`);
			}
			if (existing && existing.node !== state.localNode) {
				const file = `/etc/pve/nodes/${state.localNode}/qemu-server/${vmid}.conf`;
				throw failure(`close (rename) atomic file '${file}' failed: File exists`);
			}
			if (existing?.type === 'lxc')
				throw failure(`CT ${vmid} already exists on node '${existing.node}'`);
			const vm: Vm = existing ?? { ...newVm(vmid, state.localNode, {}), lastReport: null };
			checkLock(vm);
			freezeReport(world, vm);
			vm.config = { ...vm.config, lock: 'create' };
			state.vms.set(vmid, vm);
			await Promise.resolve();
		});
	} catch (error) {
		throw error instanceof ApiError
			? new ApiError(error.status, `${failed} ${taskErrorText(error)}`)
			: error;
	}
}

async function runCreate(request: CreateRequest, worker: Worker, failed: string): Promise<void> {
	const { world, vmid } = request;
	let imports = false;
	try {
		imports = await world.locks.hold(vmid, 1, async () => await buildVm(request, worker, failed), {
			signal: worker.signal,
		});
		if (request.haManaged) await addToHighAvailability(request, worker, 'Add as HA resource');
		if (request.start && !request.liveRestore) {
			worker.log('Execute autostart');
			startAfter(request, worker);
		}
	} catch (error) {
		if (!wasKilled(worker.signal)) {
			world.state.vms.delete(vmid);
			for (const pool of world.state.pools.values()) pool.vms.delete(vmid);
		}
		throw error;
	}
	if (imports) await finishLiveImport(request, worker);
}

/** A live import starts the VM at once and frees it when the data are there. */
async function finishLiveImport(
	{ world, vmid, authId }: CreateRequest,
	worker: Worker,
): Promise<void> {
	const vm = world.state.vms.get(vmid);
	if (vm) delete vm.config.lock;
	const upid = requestStart(world, authId, vmid);
	worker.log(`live-import: started VM ${vmid}`);
	await world.tasks.find(upid)?.done;
}

async function runRestore(request: CreateRequest, worker: Worker, failed: string): Promise<void> {
	const { world, vmid } = request;
	let isRestored = false;
	try {
		await restoreVm(request, worker, failed, () => {
			isRestored = true;
		});
		if (request.start && !request.liveRestore) {
			worker.log('Execute autostart');
			startAfter(request, worker);
		}
		if (request.haManaged) {
			const state = request.start ? 'started' : 'stopped';
			await addToHighAvailability(request, worker, `Add HA resource with request-state '${state}'`);
		}
	} catch (error) {
		if (wasKilled(worker.signal)) throw error;
		const vm = world.state.vms.get(vmid);
		const lock = vm?.config.lock;
		if (vm && lock === 'create') delete vm.config.lock;
		else if (lock === undefined) worker.log("no lock found trying to remove 'create'  lock");
		else worker.log(`found lock '${lock}' trying to remove 'create' lock`);
		worker.log(
			isRestored
				? `error after data was restored, VM disks should be OK but config may require adaptions. VM ${vmid} state is NOT cleaned up.`
				: `error before or during data restore, some or all disks were not completely restored. VM ${vmid} state is NOT cleaned up.`,
		);
		throw error;
	}
}

/** The start is a task of its own; what goes wrong before it runs is only told in the log. */
function startAfter({ world, authId, vmid }: CreateRequest, worker: Worker): void {
	try {
		requestStart(world, authId, vmid);
	} catch (error) {
		worker.log(taskErrorText(error));
	}
}

async function addToHighAvailability(
	{ world, vmid, start }: CreateRequest,
	worker: Worker,
	line: string,
): Promise<void> {
	worker.log(line);
	await worker.work(300);
	const vm = world.state.vms.get(vmid);
	if (vm) vm.haManaged = start ? 'started' : 'stopped';
}
