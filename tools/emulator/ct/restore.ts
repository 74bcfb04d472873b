import { demand } from '../auth/permissions';
import { failure } from '../errors';
import type { Vm, VmConfig, Volume } from '../state/types';
import { makeBase } from '../storage/allocate';
import { configProblem } from '../vm/archive';
import { checkBridgeRights } from '../vm/configRights';
import { pathOf } from '../storage/storages';
import type { Worker } from '../tasks/types';
import { archiveOf, detectSystem, mountAll, unpack } from './build';
import type { CtRequest } from './ctRequest';
import { isMountKey, kindOf, mountOf, mountsOf, printMount } from './mountPoints';
import { isNetKey, parseCtNet, storeNet } from './network';
import { freeOwn, volumesOf } from './volumes';

/** What of a backed-up configuration is not restored. */
const LEFT_BEHIND = /^(?:unused\d+|lock|parent|unprivileged|rootfs|mp\d+)$/;

/** The backed-up configuration; throws where the archive has none. */
function recover({ world: { state } }: CtRequest, volume: Volume, worker: Worker): VmConfig {
	const isForeign = volume.backup !== undefined && volume.backup.config.rootfs === undefined;
	const problem = configProblem({ volume, path: pathOf(state, volume) });
	if (problem === undefined && !isForeign && volume.backup) return volume.backup.config;
	if (volume.damage !== 'no config') {
		worker.log('tar: This does not look like a tar archive');
		worker.log('tar: Exiting with failure status due to previous errors');
	}
	throw failure('ERROR: archive contains no configuration file');
}

/** The mount points of a backup, each as a request for a new volume of its size. */
function mountsToMake({ authId, storage = 'local' }: CtRequest, config: VmConfig): VmConfig {
	const mounts: VmConfig = {};
	for (const [key, mount] of mountsOf(config)) {
		const kind = kindOf(mount);
		if (kind !== 'volume') {
			if (authId !== 'root@pam')
				throw failure(`restoring '${key}' to ${kind} mount is only possible for root`);
			mounts[key] = String(config[key]);
			continue;
		}
		if (mount.size === undefined)
			throw failure(`unable to detect disk size - please specify ${key} (size)`);
		const { size, ...options } = mount;
		const gigabytes = Number(size) / 1024 ** 3;
		mounts[key] = printMount(key, { ...options, volume: `${storage}:${gigabytes}` });
	}
	return mounts;
}

/** What a restored container takes from its backup where the request says nothing of it. */
function restored({ world, unique }: CtRequest, config: VmConfig): VmConfig {
	const kept = Object.entries(config).filter(([key]) => !LEFT_BEHIND.test(key));
	return Object.fromEntries(
		kept.map(([key, value]) => [
			key,
			isNetKey(key) && unique ? storeNet(world.state, String(value), true) : value,
		]),
	);
}

/** The work of a restore. An existing container is replaced only once the archive has been looked into. */
export async function restoreCt(
	request: CtRequest,
	ct: Vm,
	worker: Worker,
	made: string[],
): Promise<void> {
	const { world, authId, vmid, template } = request;
	const { state } = world;
	worker.log(`recovering backed-up configuration from '${template}'`);
	const volume = archiveOf(state, template);
	const backup = recover(request, volume, worker);
	const unprivileged = request.unprivileged ?? Boolean(backup.unprivileged);
	const isNewlyPrivileged = !request.isReplaced || Boolean(ct.config.unprivileged);
	if (!unprivileged && isNewlyPrivileged) demand(state, authId, '/', ['Sys.Modify']);
	const given: VmConfig = request.settings;
	const config = { ...restored(request, backup), ...given };
	checkBridgeRights(state, authId, config, parseCtNet);
	const mounts =
		Object.keys(request.mounts).length > 0 ? request.mounts : mountsToMake(request, backup);
	request.hasBegun = true;
	const stored = await mountAll(request, mounts, worker, made);
	if (request.isReplaced) {
		freeOwn(state, vmid, volumesOf(ct), worker);
		Object.assign(ct, { snapshots: [], pending: {}, pendingDelete: new Set() });
	}
	worker.log(`restoring '${template}' now..`);
	await unpack(request, volume, unprivileged, worker);
	worker.log('merging backed-up and given configuration..');
	const ostype = String(backup.ostype ?? 'unmanaged');
	detectSystem(given.ostype, { ...volume, volid: `/${ostype}` }, worker);
	ct.config = {
		memory: 512,
		swap: 512,
		hostname: `CT${vmid}`,
		...config,
		ostype,
		...stored,
		...(unprivileged ? { unprivileged: 1 } : {}),
	};
	if (backup.template) toBases(request, ct);
}

/** A restored template has bases again in place of its volumes. */
function toBases({ world: { state } }: CtRequest, ct: Vm): void {
	for (const key of Object.keys(ct.config).filter(isMountKey)) {
		const mount = mountOf(ct.config, key);
		if (kindOf(mount) === 'volume')
			ct.config[key] = printMount(key, { ...mount, volume: makeBase(state, mount.volume) });
	}
}
