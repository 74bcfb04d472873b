/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { failure } from '../errors';
import type { ClusterState, Vm, VmConfig, Volume } from '../state/types';
import { activate, existingVolume, pathOf, volumeAt } from '../storage/storages';
import { parseVolumeId } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import { mountsOf } from './mountPoints';
import type { CtRequest } from './ctRequest';
import { ociSettings } from './oci';
import { systemOf } from './osType';
import { checkMounted, makeMounts } from './volumes';

/** Gigabytes of a root file system that no size was given for. */
const DEFAULT_SIZE = 4;
/** How tar is told to unpack what a file is packed with. */
const UNPACKERS: Readonly<Record<string, string>> = {
	gz: ' -z',
	xz: ' -J',
	zst: ' --zstd',
	bz2: ' -j',
	lzo: ' --lzop',
};

/** The file of a template or backup: a volume, or a path that root may name. */
export function archiveOf(state: ClusterState, archive: string): Volume {
	const id = parseVolumeId(archive);
	if (id) {
		activate(state, id.storage);
		return existingVolume(state, id.storage, archive);
	}
	const volume = volumeAt(state, archive);
	if (!volume) throw failure(`file '${archive}' does not exist`);
	return volume;
}

/** Unpacks an archive into the container's file systems; throws tar's failure where it is damaged. */
export async function unpack(
	{ world, vmid, ignoresErrors }: CtRequest,
	volume: Volume,
	unprivileged: boolean,
	worker: Worker,
): Promise<void> {
	const path = pathOf(world.state, volume);
	worker.log(`extracting archive '${path}'`);
	await worker.work(durations.create);
	if (volume.damage === undefined) {
		worker.log(
			`Total bytes read: ${volume.size} (${(volume.size / 1024 ** 2).toFixed(1)}MiB, 190MiB/s)`,
		);
		return;
	}
	worker.log('');
	worker.log('gzip: stdin: not in gzip format');
	worker.log('tar: Child returned status 1');
	worker.log('tar: Error is not recoverable: exiting now');
	if (ignoresErrors) return;
	const map = 'lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- ';
	const packed = UNPACKERS[path.split('.').pop() ?? ''] ?? '';
	throw failure(
		`command '${unprivileged ? map : ''}tar xpf -${packed} --totals --one-file-system -p --sparse --numeric-owner --acls` +
			" --xattrs '--xattrs-include=user.*' '--xattrs-include=security.capability' '--warning=no-file-ignored'" +
			` '--warning=no-xattr-write' -C /var/lib/lxc/${vmid}/rootfs --skip-old-files --anchored --exclude './dev/*''` +
			' failed: exit code 2',
	);
}

/** The system that a container gets: what is found in it, whatever was asked for; and what the log says of it. */
export function detectSystem(asked: unknown, volume: Volume, worker: Worker): string {
	if (asked === 'unmanaged') {
		if (systemOf(volume) === 'unmanaged' || volume.damage) logFallback(worker);
		return 'unmanaged';
	}
	const found = volume.damage === undefined ? systemOf(volume) : 'unmanaged';
	if (found === 'unmanaged')
		worker.log(
			"/etc/os-release file not found and autodetection failed, falling back to 'unmanaged'",
		);
	if (asked !== undefined && asked !== found)
		worker.log(`got unexpected ostype (${found} != ${String(asked)})`);
	if (found === 'unmanaged') logFallback(worker);
	else worker.log('Detected container architecture: amd64');
	return found;
}

function logFallback(worker: Worker): void {
	worker.log('Falling back to amd64.');
	worker.log('Use `pct set VMID --arch ARCH` to change.');
}

/** Makes the volumes of mount points and looks whether the others are there. */
export async function mountAll(
	{ world, vmid }: CtRequest,
	mounts: VmConfig,
	worker: Worker,
	made: string[],
): Promise<VmConfig> {
	const stored = await makeMounts(world, vmid, mounts, worker, made);
	try {
		for (const [, mount] of mountsOf(stored)) checkMounted(world.state, mount);
	} catch (error) {
		worker.log('mounting container failed');
		throw error;
	}
	return stored;
}

/** The work of a create: makes the volumes, unpacks the template and writes the configuration. */
export async function buildCt(
	request: CtRequest,
	ct: Vm,
	worker: Worker,
	made: string[],
): Promise<void> {
	const { world, vmid, template, settings } = request;
	const { state } = world;
	const mounts =
		Object.keys(request.mounts).length > 0
			? request.mounts
			: { rootfs: `${request.storage ?? 'local'}:${DEFAULT_SIZE}` };
	const stored = await mountAll(request, mounts, worker, made);
	let volume: Volume;
	try {
		volume = archiveOf(state, template);
	} catch (error) {
		worker.log(error instanceof Error ? error.message : '');
		throw error;
	}
	const unprivileged = request.unprivileged ?? true;
	const { damage, oci } = volume;
	if (oci && !damage) worker.log('Detected OCI archive');
	await unpack(request, volume, unprivileged, worker);
	const ostype = oci ? oci.ostype : detectSystem(settings.ostype, volume, worker);
	if (ostype !== 'unmanaged' && !oci) {
		worker.log("Creating SSH host key 'ssh_host_ed25519_key' - this may take some time ...");
		worker.log(`done: SHA256:${'0'.repeat(43)} root@${String(settings.hostname ?? 'localhost')}`);
	}
	ct.config = {
		arch: 'amd64',
		hostname: `CT${vmid}`,
		memory: 512,
		swap: 512,
		...settings,
		...(oci ? ociSettings(state, oci, settings, worker.log) : {}),
		ostype,
		...stored,
		...(unprivileged ? { unprivileged: 1 } : {}),
	};
}
