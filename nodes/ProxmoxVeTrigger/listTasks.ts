import { segment, type PveClient } from '../ProxmoxVe/api/client';
import { PveError } from '../ProxmoxVe/api/errors';
import { parseUpid, taskPath } from '../ProxmoxVe/api/upid';
import { floorOf, type Listing, type NodeState } from './advance';
import { startOf, type ListedTask } from './task';

type Query = Readonly<Record<string, string | number>>;

const PAGE = 500;
/** Longest time for one request: a node that hangs would answer after 30 s at the earliest, with an error of its proxy. */
const TIMEOUT_MS = 20_000;

const hasEnded = ({ endtime, status }: ListedTask): boolean =>
	endtime !== undefined || (status !== undefined && status !== 'RUNNING');

async function page(client: PveClient, node: string, query: Query): Promise<ListedTask[]> {
	const { data } = await client.get<ListedTask[]>(
		`/nodes/${segment(node)}/tasks`,
		query,
		TIMEOUT_MS,
	);
	return data;
}

/** All tasks of a list. Tasks that are added meanwhile move the others back: none is missed, some are read twice. */
async function allPages(client: PveClient, node: string, query: Query): Promise<ListedTask[]> {
	const tasks: ListedTask[] = [];
	for (let start = 0; ; start += PAGE) {
		const listed = await page(client, node, { ...query, start, limit: PAGE });
		tasks.push(...listed.filter(({ upid }) => parseUpid(upid) !== undefined));
		if (listed.length < PAGE) return tasks;
	}
}

/** The start time for a node without state: its clock is known from its last finished task. */
async function firstFloor(client: PveClient, node: string, now: number): Promise<number> {
	const [last] = await page(client, node, { source: 'archive', limit: 1 });
	return last === undefined ? 0 : Math.max(0, floorOf(startOf(last.upid), now));
}

/**
 * A task that was running at the last poll and is in no list now. Proxmox's list holds only some thousand tasks.
 * @returns undefined if Proxmox no longer knows it
 */
async function lookUp(
	client: PveClient,
	node: string,
	upid: string,
): Promise<ListedTask | undefined> {
	const start = startOf(upid);
	const found = (
		await allPages(client, node, { source: 'archive', since: start, until: start })
	).find((task) => task.upid === upid);
	if (found) return found;
	const answer = await client
		.get<{ status: string; exitstatus?: string }>(`${taskPath(upid)}/status`)
		.catch((error: unknown) => {
			if (
				error instanceof PveError &&
				(error.failure.status === 400 || error.failure.status === 403)
			)
				return undefined;
			throw error;
		});
	if (answer === undefined) return undefined;
	return {
		upid,
		status: answer.data.status === 'running' ? 'RUNNING' : (answer.data.exitstatus ?? ''),
	};
}

/** Everything that runs, and what has finished since the last but one task, for a node that is read for the first time. */
async function firstLists(client: PveClient, node: string, now: number): Promise<ListedTask[]> {
	const active = await allPages(client, node, { source: 'active' });
	const since = await firstFloor(client, node, now);
	return [...active, ...(await allPages(client, node, { source: 'archive', since }))];
}

/**
 * What has started since `since`, which is one request for most polls: what was running before is in `open`. Only if
 * such a task is left, the list of running tasks is read too. Proxmox reads the running ones first.
 */
async function nextLists(
	client: PveClient,
	node: string,
	{ since, open }: NodeState,
): Promise<ListedTask[]> {
	const tasks = await allPages(client, node, { source: 'all', since });
	if (open.every((upid) => startOf(upid) >= since)) return tasks;
	// Read after the other list, it can have what has started meanwhile; what has finished meanwhile is looked up.
	return [...tasks, ...(await allPages(client, node, { source: 'active' }))];
}

/**
 * Reads the task lists of a node for `advance`.
 * Source: `GET /nodes/{node}/tasks`, `GET /nodes/{node}/tasks/{upid}/status`.
 * @param state undefined for a node that is read for the first time
 * @param now seconds of this machine's clock, before the first request
 * @throws PveError
 */
export async function listTasks(
	client: PveClient,
	node: string,
	state: NodeState | undefined,
	now: number,
): Promise<Listing> {
	const tasks = state ? await nextLists(client, node, state) : await firstLists(client, node, now);
	const listed = new Set(tasks.map(({ upid }) => upid));
	const forgotten: string[] = [];
	for (const upid of state?.open ?? []) {
		if (listed.has(upid)) continue;
		const found = await lookUp(client, node, upid);
		if (found) tasks.push(found);
		else forgotten.push(upid);
	}
	return {
		running: tasks.filter((task) => !hasEnded(task)),
		finished: tasks.filter(hasEnded),
		forgotten,
	};
}

/** The last finished tasks of a node, newest first. @throws PveError */
export const lastTasks = async (client: PveClient, node: string): Promise<ListedTask[]> =>
	(await page(client, node, { source: 'archive', limit: PAGE })).filter(
		({ upid }) => parseUpid(upid) !== undefined,
	);
