/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { demand, may } from '../auth/permissions';
import { flagOf, textOf, vmidOf } from '../endpoints/types';
import type { Call, Parameters } from '../endpoints/types';
import { ApiError, failure, parameterError, permissionError, taskErrorText } from '../errors';
import { newVm } from '../state/load';
import type { ClusterState, Vm } from '../state/types';
import { free } from '../storage/allocate';
import { activate, checkEnabled, volumeName } from '../storage/storages';
import { checkVolumeAccess } from '../storage/volumeAccess';
import { parseVolumeId } from '../storage/volumeId';
import { wasKilled } from '../tasks/taskList';
import type { Worker } from '../tasks/types';
import { checkQuorum } from '../vm/create';
import { clampCpuWeight } from '../vm/cpuWeight';
import { freezeReport } from '../vm/report';
import { checkSshKeys } from '../vm/sshKeys';
import type { World } from '../world';
import { checkCtLock, checkProtection, ctOf } from './config';
import { applySettings } from './applySettings';
import type { CtRequest } from './ctRequest';
import { isMountKey, kindOf, mountsOf, parseNewVolume } from './mountPoints';
import { checkCtRights } from './rights';
import { restoreCt } from './restore';
import { requestCtStart, withCtLock } from './start';
import { buildCt } from './build';

/** Parameters that steer a create and are no settings of the container. */
const STEERING = new Set([
	'node',
	'vmid',
	'ostemplate',
	'bwlimit',
	'force',
	'ha-managed',
	'ignore-unpack-errors',
	'password',
	'pool',
	'restore',
	'ssh-public-keys',
	'start',
	'storage',
	'unique',
	'unprivileged',
]);

/** The storage of volumes that name none. */
const DEFAULT_STORAGE = 'local';

/** Throws where an ID is taken: anywhere in the cluster, by either kind of guest. */
export function checkUnused(state: ClusterState, vmid: number): void {
	const taken = state.vms.get(vmid);
	if (!taken) return;
	const kind = taken.type === 'lxc' ? 'CT' : 'VM';
	throw failure(`${kind} ${vmid} already exists on node '${taken.node}'`);
}

/** Throws where a container that is to be replaced runs or is protected. */
function checkReplaceable(ct: Vm): void {
	if (ct.status === 'running') throw failure("can't overwrite running container");
	checkProtection(ct, `unable to restore CT ${ct.vmid}`);
}

/** POST /nodes/{node}/lxc: everything that is refused at once, then the task. Returns its UPID. */
export async function createCt({ world, authId, parameters }: Call): Promise<string> {
	const { state } = world;
	const vmid = vmidOf(parameters);
	const isRestore = flagOf(parameters, 'restore');
	const force = flagOf(parameters, 'force');
	checkQuorum(state);
	const unprivileged =
		parameters.unprivileged === undefined ? undefined : flagOf(parameters, 'unprivileged');
	if (!isRestore && unprivileged === false) demand(state, authId, '/', ['Sys.Modify']);
	if (flagOf(parameters, 'ha-managed')) demand(state, authId, '/', ['Sys.Console']);
	const existing = state.vms.get(vmid);
	const isReplaced =
		isRestore && force && existing?.type === 'lxc' && existing.node === state.localNode;
	if (isReplaced) checkReplaceable(existing);
	else checkUnused(state, vmid);
	const request: CtRequest = {
		world,
		authId,
		vmid,
		template: textOf(parameters, 'ostemplate') ?? '',
		isRestore,
		isReplaced,
		pool: textOf(parameters, 'pool'),
		storage: textOf(parameters, 'storage'),
		start: flagOf(parameters, 'start'),
		unique: flagOf(parameters, 'unique'),
		haManaged: flagOf(parameters, 'ha-managed'),
		ignoresErrors: flagOf(parameters, 'ignore-unpack-errors'),
		unprivileged,
		settings: {},
		mounts: {},
	};
	const keys = textOf(parameters, 'ssh-public-keys');
	if (keys !== undefined) checkSshKeys(keys);
	const given = settingsOf(parameters);
	checkMayCreate(request, given);
	readMounts(request, given);
	request.settings = applySettings(state, given);
	const failed = `unable to ${isRestore ? 'restore' : 'create'} CT ${vmid} -`;
	await reserve(request, failed);
	return world.tasks.start({
		type: isRestore ? 'vzrestore' : 'vzcreate',
		id: String(vmid),
		authId,
		run: async (worker) => await run(request, worker, failed),
	});
}

/** The settings of a request, without mount points that are ignored. */
function settingsOf(parameters: Parameters): Parameters {
	return clampCpuWeight(
		Object.fromEntries(
			Object.entries(parameters).filter(
				([name]) => !STEERING.has(name) && !/^unused\d+$/.test(name),
			),
		),
	);
}

function checkMayCreate(request: CtRequest, given: Parameters): void {
	const { world, authId, vmid, pool, template, isRestore } = request;
	const { state } = world;
	if (pool !== undefined && !state.pools.has(pool))
		throw permissionError(`pool '${pool}' does not exist`);
	const mayAllocate =
		may(state, authId, `/vms/${vmid}`, ['VM.Allocate']) ||
		(pool !== undefined && may(state, authId, `/pool/${pool}`, ['VM.Allocate']));
	if (!mayAllocate) checkMayReplace(request);
	const unprivileged = request.unprivileged ?? !isRestore;
	checkCtRights({ state, authId, vmid, pool, settings: given, unprivileged });
	if (template === '-') throw failure('pipe requires cli environment');
	const type = isRestore ? 'backup' : 'vztmpl';
	checkVolumeAccess({ state, authId, vmid, volume: template, type });
}

/** One who may only restore backups of a container may not make it privileged. */
function checkMayReplace({
	world: { state },
	authId,
	vmid,
	isReplaced,
	...request
}: CtRequest): void {
	if (!isReplaced || !may(state, authId, `/vms/${vmid}`, ['VM.Backup'])) throw permissionError();
	if (request.unprivileged === false && ctOf(state, vmid).config.unprivileged)
		demand(state, authId, '/', ['Sys.Modify']);
}

/** Makes the storage of a volume ready, which has to take containers. */
function prepareStorage({ world: { state }, authId }: CtRequest, storage: string): void {
	if (!checkEnabled(state, storage).content.includes('rootdir'))
		throw parameterError({
			storage: `storage '${storage}' does not support container directories`,
		});
	demand(state, authId, `/storage/${storage}`, ['Datastore.AllocateSpace']);
	activate(state, storage);
}

/** Takes the mount points out of the settings; a bare size is one on the default storage. */
function readMounts(request: CtRequest, given: Parameters): void {
	const storage = request.storage ?? DEFAULT_STORAGE;
	for (const key of Object.keys(given).filter(isMountKey)) {
		const text = String(given[key]);
		request.mounts[key] = /^\d+(?:\.\d+)?$/.test(text) ? `${storage}:${text}` : text;
		delete given[key];
	}
	const { rootfs, ...others } = request.mounts;
	if (rootfs === undefined && Object.keys(others).length > 0)
		throw failure("mount points configured, but 'rootfs' not set - aborting");
	for (const [, mount] of mountsOf(request.mounts)) {
		if (kindOf(mount) !== 'volume') continue;
		const id = parseVolumeId(mount.volume);
		if (!id) throw failure(`unable to parse volume ID '${mount.volume}'`);
		if (!parseNewVolume(mount.volume)) volumeName(request.world.state, id);
		prepareStorage(request, id.storage);
	}
	if (rootfs === undefined) prepareStorage(request, storage);
}

/** Takes the ID: from here on a second create of it is refused. */
async function reserve({ world, vmid, isReplaced }: CtRequest, failed: string): Promise<void> {
	try {
		await withCtLock(world, vmid, undefined, async () => {
			const { state } = world;
			if (!isReplaced) checkUnused(state, vmid);
			const ct: Vm = isReplaced
				? ctOf(state, vmid)
				: {
						...newVm(vmid, state.localNode, {}),
						type: 'lxc',
						ignoresShutdown: false,
						lastReport: null,
					};
			checkCtLock(ct);
			freezeReport(world, ct);
			ct.config = { ...ct.config, lock: 'create' };
			state.vms.set(vmid, ct);
			await Promise.resolve();
		});
	} catch (error) {
		throw error instanceof ApiError
			? new ApiError(error.status, `${failed} ${taskErrorText(error)}`)
			: error;
	}
}

async function run(request: CtRequest, worker: Worker, failed: string): Promise<void> {
	const { world, authId, vmid } = request;
	const ct = ctOf(world.state, vmid);
	const made: string[] = [];
	try {
		await withCtLock(world, vmid, worker, async () => {
			await (request.isRestore ? restoreCt : buildCt)(request, ct, worker, made);
		});
	} catch (error) {
		// A killed process cleans nothing up.
		if (wasKilled(worker.signal)) throw error;
		for (const volid of made) free(world.state, volid);
		giveBack(world, ct, request);
		throw failure(`${failed} ${taskErrorText(error)}`);
	}
	if (request.pool !== undefined) world.state.pools.get(request.pool)?.vms.add(vmid);
	if (request.haManaged) ct.haManaged = request.start ? 'started' : 'stopped';
	if (request.start) requestCtStart(world, authId, vmid);
}

/** After a failure a new container is gone; one that was to be replaced is, too, once new volumes were made. */
function giveBack({ state }: World, ct: Vm, { vmid, isReplaced, hasBegun }: CtRequest): void {
	if (isReplaced && !hasBegun) {
		delete ct.config.lock;
		return;
	}
	state.vms.delete(vmid);
	for (const pool of state.pools.values()) pool.vms.delete(vmid);
}
