import { storageOf } from '../api/backups';
import { TaskError } from '../api/errors';
import { findGuest } from '../api/findGuest';
import { guestPath } from '../api/paths';
import { sleep, stopwatch } from '../api/sleep';
import { pollInterval } from '../api/tasks/pollInterval';
import { parseUpid } from '../api/upid';
import type { GuestChoice, Waiting } from '../form/Form';
import { NO_TASK, type Follow, type TaskOutput } from '../runtime/followTask';
import { AdvisedError } from '../runtime/errors';
import type { Emitted, Item } from '../runtime/operation';
import { emitPreview } from '../runtime/previewRequest';
import { isRecord, splitList } from '../wire/values';
import { changeGuest, changeRequest, type GuestChange } from './changeGuest';
import { readOriginalConfig } from './currentConfig';
import { emitGuest } from './emitGuest';
import { locateVm, type GuestLocation } from './locateGuest';

/** Under high availability the task only asks for the migration. */
const REQUESTED = 'hamigrate';

/** A volume that only the node of the VM has. */
interface LocalDisk {
	readonly volid: string;
	readonly drivename?: string;
	readonly cdrom?: 0 | 1;
	readonly is_cloudinit?: 0 | 1;
	readonly is_attached?: 0 | 1;
}

/** What Proxmox says of a migration before it is requested. */
interface Preconditions {
	readonly running?: 0 | 1;
	readonly not_allowed_nodes?: Readonly<
		Record<string, { readonly unavailable_storages?: readonly string[] }>
	>;
	/** Of a VM only. */
	readonly local_disks?: readonly LocalDisk[];
	readonly local_resources?: readonly string[];
}

/** A mount point of a container, and a storage as the cluster has it. */
interface Mount {
	readonly volume?: string;
	readonly shared?: boolean;
}
interface StorageRow {
	readonly storage: string;
	readonly content?: string;
	readonly disable?: 0 | 1;
	readonly shared?: 0 | 1;
	/** Those that have it; without it all. */
	readonly nodes?: string;
}

const MOUNT = /^(?:rootfs|mp\d+|unused\d+)$/;

/**
 * What of a container only its node has: Proxmox itself looks at its volumes only in the task. What may not be read is
 * left to that.
 * Source: `GET …/config`, `GET /storage`.
 * @throws PveError
 */
async function obstaclesOfVolumes(
	item: Pick<Item, 'run' | 'kind'>,
	place: GuestLocation,
	{ target, targetStorage }: MigrationChoice,
): Promise<string[]> {
	const found = await readOriginalConfig(item, place);
	if (found === undefined) return [];
	const { data: storages } = await item.run.client.get<StorageRow[]>('/storage');
	const isMissing = ({ nodes, disable, content = '' }: StorageRow): boolean =>
		disable === 1 ||
		!splitList(content).includes(place.kind.volumeContent) ||
		(nodes !== undefined && !splitList(nodes).includes(target));
	const mounts = Object.entries(found.config)
		.filter(([name]) => MOUNT.test(name))
		.map(([name, value]): [string, Mount] => [
			name,
			isRecord(value) ? (value as Mount) : { volume: String(value) },
		]);
	const isOfHost = ([, { volume = '', shared }]: [string, Mount]): boolean =>
		volume.startsWith('/') && shared !== true;
	const missing = mounts.flatMap(([, { volume = '' }]) => {
		const row = storages.find(({ storage }) => storage === storageOf(volume));
		const isReplaced = targetStorage !== undefined && row?.shared !== 1;
		return row !== undefined && !isReplaced && isMissing(row) ? [row.storage] : [];
	});
	return [
		...mounts
			.filter(isOfHost)
			.map(
				([name, { volume }]) =>
					`${name} is ${volume} of ${place.node} itself. Remove it first, or turn on its Shared if ${target} has the same`,
			),
		...missingStorages(target, [...new Set(missing)]),
	];
}

const missingStorages = (target: string, missing: readonly string[]): string[] =>
	missing.length === 0
		? []
		: [`${target} does not have ${missing.join(', ')}. Choose another storage with Target Storage`];

/** What of a migration matters for whether it is possible. */
export interface MigrationChoice {
	readonly target: string;
	/** The field that allows to move a running guest. */
	readonly live: { readonly label: string; readonly isOn: boolean };
	readonly withLocalDisks: boolean;
	/** The storage for all disks on the target, if one was chosen. */
	readonly targetStorage?: string;
}

/**
 * What prevents the migration of a guest, in sentences that say what to do.
 * Source: `GET …/migrate`, which does not see that a node is offline; `GET /nodes`.
 * @throws PveError
 */
async function obstaclesTo(
	item: Pick<Item, 'run' | 'kind'>,
	place: GuestLocation,
	choice: MigrationChoice,
): Promise<string[]> {
	const { client } = item.run;
	const { target, live, withLocalDisks, targetStorage } = choice;
	const { data: nodes } = await client.get<Array<{ node: string; status: string }>>('/nodes');
	const status = nodes.find(({ node }) => node === target)?.status;
	if (status === undefined)
		return [
			`There is no node ${target}. The nodes are: ${nodes.map(({ node }) => node).join(', ')}`,
		];
	if (status !== 'online') return [`Node ${target} is ${status}. Start it, or choose another one`];
	const { data } = await client.get<Preconditions>(`${guestPath(place)}/migrate`, { target });
	const isRunning = data.running === 1;
	const disks = data.local_disks ?? [];
	const missing = data.not_allowed_nodes?.[target]?.unavailable_storages ?? [];
	const isos = disks.filter((disk) => disk.cdrom === 1 && disk.is_cloudinit !== 1);
	// The cloud-init image is generated anew, and unused disks are copied in any case.
	const copied = disks.filter((disk) => disk.cdrom !== 1 && disk.is_attached !== 0);
	const named = (all: readonly LocalDisk[]): string =>
		all.map(({ drivename, volid }) => `${drivename ?? 'a disk'} (${volid})`).join(', ');
	// With a target storage only an ISO image stays where it is.
	const needed =
		targetStorage === undefined
			? missing
			: missing.filter((storage) => isos.some(({ volid }) => storageOf(volid) === storage));
	return [
		...(isRunning && !live.isOn
			? [`It is running. Turn on ${live.label}, or shut it down first`]
			: []),
		...(isos.length > 0
			? [`Only ${place.node} has its ISO image: ${named(isos)}. Eject it first, with Update`]
			: []),
		...(isRunning && live.isOn && !withLocalDisks && copied.length > 0
			? [`Only ${place.node} has ${named(copied)}. Turn on With Local Disks to copy them`]
			: []),
		...missingStorages(target, needed),
		...((data.local_resources ?? []).length > 0
			? [`It uses devices of ${place.node}: ${data.local_resources?.join(', ')}. Remove them first`]
			: []),
		...(data.local_disks === undefined ? await obstaclesOfVolumes(item, place, choice) : []),
	];
}

/** What the form of a migration has. */
export interface Migration {
	readonly guest: GuestChoice;
	readonly choice: MigrationChoice;
	readonly body: Readonly<Record<string, string>>;
	readonly waiting: Waiting;
	readonly isPreview: boolean;
}

/**
 * Moves a guest to another node, unless it is there already.
 * Source: `GET`, `POST /nodes/{node}/{kind}/{vmid}/migrate`.
 * @throws Error with what prevents it, before anything is changed; as followTask does
 */
export async function migrateGuest(
	item: Item,
	{ guest, choice, body, waiting, isPreview }: Migration,
): Promise<Emitted[]> {
	const place = await locateVm(item, guest);
	const { node: sourceNode } = place;
	const { target } = choice;
	const isThere = target === sourceNode;
	const obstacles = isThere ? [] : await obstaclesTo(item, place, choice);
	const change = migrationOf(item, place, target, body);
	if (isPreview)
		return await emitPreview(item, isThere ? [] : [changeRequest(place, change)], { obstacles });
	if (isThere)
		return await emitGuest(item, place, {
			sourceNode,
			alreadyThere: true,
			...NO_TASK,
		});
	if (obstacles.length > 0)
		throw new Error(
			`${place.kind.label} ${place.vmid} cannot be migrated to ${target}. ${obstacles.join('. ')}`,
		);
	const task = await moveOnce(item, place, target, change, { waiting });
	const node = task.taskStatus === 'running' ? sourceNode : target;
	return await emitGuest(item, { ...place, node }, { sourceNode, alreadyThere: false, ...task });
}

/** The request of a migration. */
const migrationOf = (
	{ run: { client } }: Pick<Item, 'run'>,
	place: GuestLocation,
	target: string,
	body: Readonly<Record<string, string>>,
): GuestChange => ({
	label: `migration of ${place.kind.label} ${place.vmid} from ${place.node} to ${target}`,
	types: [place.kind.taskTypes.migrate, REQUESTED],
	method: 'POST',
	path: 'migrate',
	body,
	isReached: async () => (await findGuest(client, place.kind, place.vmid, true))?.node === target,
});

/**
 * Moves a guest to another node once, also if the response is lost, and makes sure that it is there.
 * @throws as followTask does; AdvisedError if the task failed, with where the guest is
 */
async function moveOnce(
	item: Item,
	place: GuestLocation,
	target: string,
	change: GuestChange,
	how: Pick<Follow, 'waiting'>,
): Promise<TaskOutput> {
	const { client, context } = item.run;
	const whereIs = async (): Promise<string | undefined> =>
		(await findGuest(client, place.kind, place.vmid, true))?.node;
	const vm = `${place.kind.label} ${place.vmid}`;
	const task = await changeGuest(item, place, change, how).catch(async (error: unknown) => {
		if (!(error instanceof TaskError)) throw error;
		const node = await whereIs().catch(() => undefined);
		throw new AdvisedError(
			error,
			node === undefined ? `Where ${vm} is now could not be read.` : `${vm} is on ${node}.`,
		);
	});
	if (task.taskStatus === 'running' || task.upid === null) return task;
	const isRequested = parseUpid(task.upid)?.type === REQUESTED;
	const { timeoutSeconds, maxPollSeconds } = how.waiting;
	const sinceTask = stopwatch();
	for (;;) {
		const node = await whereIs();
		const elapsed = sinceTask();
		if (node === target) return { ...task, durationMs: task.durationMs + elapsed };
		const left = timeoutSeconds * 1000 - elapsed;
		if (!isRequested || left <= 0)
			throw new Error(
				`The migration ended with ${task.exitStatus}, but ${vm} is ${node === undefined ? 'not found' : `on ${node}`}`,
			);
		await sleep(
			Math.min(pollInterval(elapsed, [], maxPollSeconds * 1000), left),
			context.getExecutionCancelSignal(),
		);
	}
}
