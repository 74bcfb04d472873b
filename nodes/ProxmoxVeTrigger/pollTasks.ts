import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import { inParallel } from '../ProxmoxVe/runtime/concurrency';
import type { PveClient } from '../ProxmoxVe/api/client';
import { PveError } from '../ProxmoxVe/api/errors';
import { readTaskLog } from '../ProxmoxVe/api/tasks/log';
import { advance, nothing, type Listing, type NodeState } from './advance';
import { matches, type Filter } from './filter';
import { lastTasks, listTasks } from './listTasks';
import { readMemory, sharesHost, writeMemory, type Memory } from './memory';
import { byEnd, itemOf, type ListedTask } from './task';

/** What a poll needs beside n8n's context. */
export interface Watch {
	readonly client: PveClient;
	/** The Cluster URLs of the credential. */
	readonly hosts: readonly string[];
	/** The nodes to watch; none stands for all. */
	readonly nodes: readonly string[];
	readonly filter: Filter;
	/** How many of a log's last lines to read; 0 for none. */
	readonly logLines: number;
}

/** Requests at a time. */
const AT_ONCE = 8;
/** How long a poll may read, where n8n does not say: so long it lets one take itself. */
const BUDGET_MS = 240_000;

/**
 * The tasks that have ended since the last poll, each once.
 *
 * n8n does not wait for a poll to end before it begins the next. So all is read first, and only then, with
 * nothing awaited before the items are handed over, is it looked up what other polls have emitted by now.
 * A poll that fails or is broken off has changed nothing: its tasks come with the next one.
 */
export async function pollTasks(context: IPollFunctions, watch: Watch): Promise<IDataObject[]> {
	const { client, hosts, filter } = watch;
	const begun = Date.now();
	const now = Math.floor(begun / 1000);
	const kept = readMemory(context.getWorkflowStaticData('node'));
	// What had ended under another filter is not taken up again: n8n may have saved nothing since.
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
	// A credential of another cluster, whose nodes may have the same names: that cluster is new to this trigger.
	const isNew = !sharesHost(kept, hosts) && !knowsAny(listings, kept.nodes);
	// Where no node can be read, a later poll can tell.
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
		begun + (context.getPollBudgetMs?.() ?? BUDGET_MS),
	);

	const data = context.getWorkflowStaticData('node');
	const atEnd = readMemory(data);
	const hasChanged = String(atEnd.hosts) !== String(kept.hosts);
	// A poll with another credential has ended meanwhile: this one began with the old one, and is late.
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
			// Where a node cannot be read at first, all that starts on it from now on is taken up later.
			nodes[name] = state ?? { ...nothing, since: now };
		}
	}
	writeMemory(data, { nodes, hosts, filter });
	return emit.sort(byEnd).map((task) => itemOf(task, logs.get(task.upid) ?? ''));
}

/** Whether a cluster's lists have any task that is remembered: UPIDs are unique, names of nodes are not. */
const knowsAny = (listings: ReadonlyMap<string, Listing>, nodes: Memory['nodes']): boolean =>
	[...listings].some(([name, { running, finished }]) => {
		const { seen = [], open = [] } = nodes[name] ?? {};
		const remembered = new Set([...seen, ...open]);
		return [...running, ...finished].some(({ upid }) => remembered.has(upid));
	});

/** The task of all watched nodes that ended last and matches, as a sample. Looks at nothing that is kept, and keeps nothing. */
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
 * Reads something from each node. One that is down or does not answer is left out, and read another time.
 * @throws PveError where a node refuses
 */
async function readEach<Read>(
	context: IPollFunctions,
	members: readonly Member[],
	read: (name: string) => Promise<Read>,
): Promise<Map<string, Read>> {
	const answers = new Map<string, Read>();
	const up = members.filter(({ status }) => status !== 'offline').map(({ node }) => node);
	const results = await inParallel(up.length, AT_ONCE, async (index) => {
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
					`Proxmox VE: the tasks of node ${name} cannot be read now, they come with a later poll: ${error.message}`,
				);
			},
		);
	});
	const refused = results.find((result) => result.status === 'rejected');
	if (refused) throw refused.reason;
	return answers;
}

/** The ends of the tasks' logs, by UPID. After the deadline no further one is read, but the first always is. */
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
		logs.set(task.upid, lines === 0 ? '' : await logOf(client, task.upid, lines));
	});
	return logs;
}

/** The task is told though its log cannot be read. */
const logOf = async (client: PveClient, upid: string, lines: number): Promise<string> =>
	await readTaskLog(client, upid, lines).then(
		(log) => log.lines.join('\n'),
		(error: unknown) =>
			`(the task's log could not be read: ${error instanceof Error ? error.message : String(error)})`,
	);
