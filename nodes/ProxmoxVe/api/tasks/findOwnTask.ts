import type { PveClient } from '../client';
import { taskPath } from '../upid';
import { isRunning, readTasks } from './readTasks';

/** Number of UPIDs that are remembered of each cluster. */
const MOST_KNOWN = 1_000;

/** UPIDs that requests of this n8n process got, by cluster. */
const known = new Map<string, string[]>();

/**
 * Remembers whose task it is: it is not that of another request, whose response was lost.
 * @param cluster the URL of the cluster's first host
 */
export function rememberTask(upid: string, cluster: string): void {
	known.set(cluster, [...(known.get(cluster) ?? []), upid].slice(-MOST_KNOWN));
}

/** Whether a task is that of a request of this n8n process whose response arrived. */
export const isRemembered = (upid: string, cluster: string): boolean =>
	known.get(cluster)?.includes(upid) === true;

/** How the task of a request is listed. */
export interface ExpectedVmTask {
	/** The node that lists it. */
	readonly node: string;
	/** The VM in its UPID: of a clone the original. */
	readonly vmid: number;
	/** Its type in its UPID. */
	readonly taskType: string;
	/** The clone that it makes, which is only in its log. */
	readonly clone?: number;
}

/** The tasks of a VM. */
export interface VmTasks {
	/** Whether the list could be read at all. */
	readonly isRead: boolean;
	/** UPIDs of tasks that may be those of a request, newest first. */
	readonly own: readonly string[];
	/** Whether any task of the VM runs, of any user; a token without Sys.Audit sees only its own. */
	readonly isBusy: boolean;
}

/**
 * Tasks of this user or token that may be those of a request whose response was lost. They are no proof: another n8n
 * worker with the same token may have sent the same request.
 * Source: `GET /nodes/{node}/tasks`.
 */
export async function tasksOf(
	client: PveClient,
	{ node, vmid, taskType, clone }: ExpectedVmTask,
): Promise<VmTasks> {
	const listed = await readTasks(client, node, { source: 'all', vmid }).catch(() => undefined);
	if (!listed) return { isRead: false, own: [], isBusy: false };
	const [identity, cluster] = [await client.identity(), await client.cluster()];
	const tasks = listed
		.filter(({ id }) => id === String(vmid))
		.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
	const own: string[] = [];
	for (const { upid, type, user } of tasks) {
		if (type !== taskType || user !== identity || isRemembered(upid, cluster)) continue;
		// A log that does not say it, or not yet, may be that of the clone.
		if (clone === undefined || [clone, undefined].includes(await cloneOf(client, upid)))
			own.push(upid);
	}
	return { isRead: true, own, isBusy: tasks.some(isRunning) };
}

/** Logs that are read at most to find the task of a clone. */
const MOST_LOGS = 20;

/**
 * The newest task of this user or token that made a clone, if Proxmox still knows it.
 * Source: `GET /nodes/{node}/tasks`, `GET /nodes/{node}/tasks/{upid}/log`.
 * @param expected the node and ID of the original, and the ID of the clone
 */
export async function taskThatCloned(
	client: PveClient,
	{ node, vmid, taskType, clone }: Required<ExpectedVmTask>,
): Promise<string | undefined> {
	const query = { source: 'all', vmid, typefilter: taskType } as const;
	const listed = await readTasks(client, node, query).catch(() => []);
	const identity = await client.identity();
	const own = listed
		.filter(
			({ type, user, status = '' }) =>
				type === taskType && user === identity && /^(?:OK$|WARNINGS)/.test(status),
		)
		.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
	for (const { upid } of own.slice(0, MOST_LOGS))
		if ((await cloneOf(client, upid)) === clone) return upid;
	return undefined;
}

/** Lines in which a clone's task says what it makes: it may have waited for locks before. */
const FIRST_LINES = 10;

/** The ID of the clone that a task makes, if its log says it. */
async function cloneOf(client: PveClient, upid: string): Promise<number | undefined> {
	const log = await client
		.get<Array<{ t?: string }>>(`${taskPath(upid)}/log`, { start: 0, limit: FIRST_LINES })
		.catch(() => undefined);
	const lines = (log?.data ?? []).map(
		({ t }) => /^creating a clone of (?:VM|container) \d+ with ID (\d+)/.exec(t ?? '')?.[1],
	);
	const vmid = lines.find((one) => one !== undefined);
	return vmid === undefined ? undefined : Number(vmid);
}
