import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import { inParallel } from '../ProxmoxVe/runtime/concurrency';
import type { PveClient } from '../ProxmoxVe/api/client';
import { PveError } from '../ProxmoxVe/api/errors';
import { readTaskLog } from '../ProxmoxVe/api/tasks/log';
import { advance, nothing, type Listing, type NodeState } from './advance';
import { matches, type Filter } from './filter';
import { lastTasks, listTasks } from './listTasks';
import { readMemory, sharesHost, writeMemory, type Memory } from './memory';
import { byEnd, itemOf, keyOf, type ListedTask } from './task';

/** The input of a poll besides n8n's context. */
export interface Watch {
	readonly client: PveClient;
	/** The Cluster URLs of the credential. */
	readonly hosts: readonly string[];
	/** The nodes to watch; empty means all. */
	readonly nodes: readonly string[];
	readonly filter: Filter;
	/** How many lines from the end of each log to read; 0 reads none. */
	readonly logLines: number;
}

/** Parallel requests for logs. */
const AT_ONCE = 8;
/** Logs that are read in one poll. */
const MOST_LOGS = 100;
const TOO_MANY = `(not read: more than ${MOST_LOGS} tasks finished since the last poll)`;
/** Nodes that are asked in parallel, and how long for each list: a node that hangs must not keep the others waiting. */
const NODES_AT_ONCE = 16;
/** Time limit of a poll if n8n does not give one: n8n's own limit. */
const BUDGET_MS = 240_000;

/**
 * The tasks that finished since the last poll, each once.
 *
 * n8n starts the next poll even if the last one is still running. So everything is read first. Only then, with
 * no await before the items are returned, the state is compared, because other polls may have emitted tasks meanwhile.
 * A poll that fails or is aborted changes nothing: the next poll emits its tasks.
 */
export async function pollTasks(context: IPollFunctions, watch: Watch): Promise<IDataObject[]> {
	const { client, hosts, filter } = watch;
	const startedAt = Date.now();
	const now = Math.floor(startedAt / 1000);
	const kept = readMemory(context.getWorkflowStaticData('node'));
	// Tasks that finished under another filter are not emitted again: n8n may have saved nothing since.
	const isWanted = (task: ListedTask): boolean =>
		matches(filter, task) && (!kept.filter || matches(kept.filter, task));

	const members = await watchedNodes(watch);
	const read = async (nodes: Memory['nodes']): Promise<Map<string, Listing>> =>
		await readEach(
			context,
			members,
			async (name) => await listTasks(client, name, nodes[name], now),
		);
	let listings = await read(kept.nodes);
	// A credential of another cluster, whose nodes may have the same names: start without state.
	const isNew = !sharesHost(kept, hosts) && !knowsAny(listings, kept.nodes);
	// If no node can be read, a later poll decides.
	if (isNew && listings.size === 0) return [];
	const before = isNew ? {} : kept.nodes;
	if (isNew) listings = await read(before);
	const candidates = [...listings]
		.flatMap(([name, listing]) => {
			const state = before[name];
			return state
				? advance(state, listing, now, (task) => (isWanted(task) ? 'emit' : 'skip')).emit
				: [];
		})
		.sort(byEnd);
	// Old versions of n8n have no budget.
	const logs = await readLogs(
		client,
		candidates,
		watch.logLines,
		startedAt + (context.getPollBudgetMs?.() ?? BUDGET_MS),
	);

	const data = context.getWorkflowStaticData('node');
	const atEnd = readMemory(data);
	const hasChanged = String(atEnd.hosts) !== String(kept.hosts);
	// A poll with another credential has finished meanwhile: this one used the old credential.
	if (hasChanged && !sharesHost(atEnd, hosts)) return [];
	const known = isNew && !hasChanged ? {} : atEnd.nodes;
	const nodes: Record<string, NodeState> = {};
	const emit: ListedTask[] = [];
	for (const { node: name } of members) {
		const state = known[name];
		const listing = listings.get(name);
		if (state && listing) {
			const step = advance(state, listing, now, (task) =>
				!isWanted(task) ? 'skip' : logs.has(task.upid) ? 'emit' : 'later',
			);
			nodes[name] = step.state;
			emit.push(...step.emit);
		} else if (listing) {
			nodes[name] = advance(nothing, listing, now, () => 'skip').state;
		} else {
			// If a node cannot be read at first, later polls emit the tasks that start from now on.
			nodes[name] = state ?? { ...nothing, since: now };
		}
	}
	writeMemory(data, { nodes, hosts, filter });
	return emit.sort(byEnd).map((task) => itemOf(task, logs.get(task.upid) ?? ''));
}

/** Whether the task lists contain a remembered task: UPIDs are unique to a cluster, node names are not. */
const knowsAny = (listings: ReadonlyMap<string, Listing>, nodes: Memory['nodes']): boolean =>
	[...listings].some(([name, { running, finished }]) => {
		const { seen = [], open = [] } = nodes[name] ?? {};
		const remembered = new Set([...seen, ...open.map(keyOf)]);
		return [...running, ...finished].some(({ upid }) => remembered.has(keyOf(upid)));
	});

/** The last finished task that matches, as a sample. Neither reads nor changes the stored state. */
export async function sampleTask(
	context: IPollFunctions,
	watch: Watch,
): Promise<IDataObject | undefined> {
	const { client, filter, logLines } = watch;
	const lists = await readEach(
		context,
		await watchedNodes(watch),
		async (name) => await lastTasks(client, name),
	);
	const last = [...lists.values()]
		.flat()
		.filter((task) => matches(filter, task))
		.sort(byEnd)
		.at(-1);
	if (last === undefined) return undefined;
	return itemOf(last, (await readLogs(client, [last], logLines, Infinity)).get(last.upid) ?? '');
}

interface Member {
	readonly node: string;
	readonly status: string;
}

/** Source: `GET /nodes`. @throws Error for a node that the cluster does not have */
async function watchedNodes({ client, nodes }: Watch): Promise<Member[]> {
	const { data: members } = await client.get<Member[]>('/nodes');
	const unknown = nodes.find((name) => !members.some(({ node }) => node === name));
	if (unknown !== undefined) {
		throw new Error(
			`The cluster has no node "${unknown}". It has ${members.map(({ node }) => node).join(', ')}`,
		);
	}
	return members.filter(({ node }) => nodes.length === 0 || nodes.includes(node));
}

/**
 * Reads something from each node. A node that is down or does not respond is skipped until the next poll.
 * @throws PveError if a node rejects the request
 */
async function readEach<Read>(
	context: IPollFunctions,
	members: readonly Member[],
	read: (name: string) => Promise<Read>,
): Promise<Map<string, Read>> {
	const answers = new Map<string, Read>();
	const up = members.filter(({ status }) => status !== 'offline').map(({ node }) => node);
	const results = await inParallel(up.length, NODES_AT_ONCE, async (index) => {
		const name = up[index] ?? '';
		await read(name).then(
			(answer) => answers.set(name, answer),
			(error: unknown) => {
				if (
					!(error instanceof PveError) ||
					(error.failure.status !== undefined && error.failure.status < 500)
				)
					throw error;
				context.logger.warn(
					`Proxmox VE: the tasks of node ${name} cannot be read now, and are emitted by a later poll: ${error.message}`,
				);
			},
		);
	});
	const refused = results.find((result) => result.status === 'rejected');
	if (refused) throw refused.reason;
	return answers;
}

/** The last lines of the tasks' logs, by UPID. After the deadline no further log is read, but the first log always is: the others are for later polls. */
async function readLogs(
	client: PveClient,
	tasks: readonly ListedTask[],
	lines: number,
	deadline: number,
): Promise<Map<string, string>> {
	const logs = new Map<string, string>();
	await inParallel(tasks.length, AT_ONCE, async (index) => {
		const task = tasks[index];
		if (task === undefined || (index > 0 && Date.now() >= deadline)) return;
		const isRead = lines > 0 && index < MOST_LOGS;
		const log = isRead ? await logOf(client, task.upid, lines) : lines > 0 ? TOO_MANY : '';
		logs.set(task.upid, log);
	});
	return logs;
}

/** The task is emitted even if its log cannot be read. */
const logOf = async (client: PveClient, upid: string, lines: number): Promise<string> =>
	await readTaskLog(client, upid, lines).then(
		(log) => log.lines.join('\n'),
		(error: unknown) =>
			`(the task's log could not be read: ${error instanceof Error ? error.message : String(error)})`,
	);
