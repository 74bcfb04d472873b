import { storageOf } from '../api/backups';
import { TaskError } from '../api/errors';
import { findGuest } from '../api/findGuest';
import { guestPath } from '../api/paths';
import { sleep, stopwatch } from '../api/sleep';
import { pollInterval } from '../api/tasks/pollInterval';
import { parseUpid } from '../api/upid';
import type { Follow, TaskOutput } from '../runtime/followTask';
import { AdvisedError } from '../runtime/errors';
import type { Item } from '../runtime/operation';
import { changeGuest, type GuestChange } from './changeGuest';
import type { GuestLocation } from './locateGuest';

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
	readonly local_disks?: readonly LocalDisk[];
	readonly local_resources?: readonly string[];
}

/** What of a migration matters for whether it is possible. */
export interface MigrationChoice {
	readonly target: string;
	readonly online: boolean;
	readonly withLocalDisks: boolean;
	/** The storage for all disks on the target, if one was chosen. */
	readonly targetStorage?: string;
}

/**
 * What prevents the migration of a VM, in sentences that say what to do.
 * Source: `GET …/migrate`, which does not see that a node is offline; `GET /nodes`.
 * @throws PveError
 */
export async function obstaclesTo(
	{ run: { client } }: Pick<Item, 'run'>,
	place: GuestLocation,
	{ target, online, withLocalDisks, targetStorage }: MigrationChoice,
): Promise<string[]> {
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
		...(isRunning && !online ? ['It is running. Turn on Live, or shut it down first'] : []),
		...(isos.length > 0
			? [`Only ${place.node} has its ISO image: ${named(isos)}. Eject it first, with Update`]
			: []),
		...(isRunning && online && !withLocalDisks && copied.length > 0
			? [`Only ${place.node} has ${named(copied)}. Turn on With Local Disks to copy them`]
			: []),
		...(needed.length > 0
			? [`${target} does not have ${needed.join(', ')}. Choose another storage with Target Storage`]
			: []),
		...((data.local_resources ?? []).length > 0
			? [`It uses devices of ${place.node}: ${data.local_resources?.join(', ')}. Remove them first`]
			: []),
	];
}

/** The request of a migration. */
export const migrationOf = (
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
 * Moves a VM to another node once, also if the response is lost, and makes sure that it is there.
 * Source: `POST /nodes/{node}/qemu/{vmid}/migrate`.
 * @throws as followTask does; AdvisedError where the task failed, with where the VM is
 */
export async function migrateVm(
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
