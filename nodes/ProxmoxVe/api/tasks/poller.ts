import { segment, type PveClient } from '../client';
import { isTransient, PveError, TaskGoneError, timedOut } from '../errors';
import { stopwatch, within } from '../sleep';
import { parseUpid, taskPath } from '../upid';

export interface TaskStatus {
	readonly status: 'running' | 'stopped';
	readonly exitstatus?: string;
}

/** Reads the status of tasks. All waits of one run on one node share its requests. */
export interface TaskPoller {
	/** A wait begins; `done` must be called when it is over. */
	begin(upid: string): { done(): void };
	/**
	 * The status of a task, or why it cannot be read now. The task keeps running either way.
	 * @param timeoutMs longest that an answer may take
	 * @throws TaskGoneError if Proxmox has forgotten it, PveError if it may not be read
	 */
	poll(upid: string, timeoutMs: number): Promise<TaskStatus | PveError>;
	/** As poll, from a list that also shows how long the last tasks of its kind took on its node: milliseconds, the newest last. */
	pollWithHistory(
		upid: string,
		timeoutMs: number,
	): Promise<{ seen: TaskStatus | PveError; durations: number[] }>;
}

/** From this number of waits on one node, a list is cheaper than a request for each. */
const SHARED_FROM = 3;
/** A list this old is still good, in milliseconds: the waits look at their own times. */
const FRESH_MS = 250;
/** One that has no answer yet is shared for longer, in milliseconds. */
const PENDING_MS = 5_000;
/** How long a list that lagged behind is not asked for again. */
const LAG_MS = 5_000;
/** Rows of a list; a run with more waits than that on one node asks for the rest one by one. */
const LIST_LIMIT = 1000;

interface Row {
	readonly upid: string;
	/** When it started and ended, in seconds since 1970. */
	readonly starttime: number;
	readonly endtime?: number;
	readonly status?: string;
}

interface NodeList {
	readonly at: number;
	readonly request: string;
	readonly rows: Promise<ReadonlyMap<string, Row> | PveError>;
	isAnswered: boolean;
	/** One task that the list has running was asked for by itself: the list may lag behind. */
	probed: boolean;
}

/**
 * Watches the tasks of one run. One or two waits on a node ask for their task; from three on they share
 * one list of the node's tasks. The list of running tasks can be some seconds old on a busy host, so for
 * each list one task that it has running is asked for by itself. Where that has ended, and the next list
 * still has it running, lists are given up for a while, and each asks for its own.
 * Source: `GET /nodes/{node}/tasks`, `GET /nodes/{node}/tasks/{upid}/status`.
 */
export function createTaskPoller(client: PveClient): TaskPoller {
	const now = stopwatch();
	const waits = new Map<string, Set<string>>();
	const lists = new Map<string, NodeList>();
	const laggingUntil = new Map<string, number>();
	/** By node: a task that has ended, though the list had it running. It may have ended in between. */
	const overtaken = new Map<string, { readonly upid: string; readonly at: number }>();

	async function single(upid: string, timeoutMs: number): Promise<TaskStatus | PveError> {
		if (timeoutMs <= 0) return timedOut(`GET ${taskPath(upid)}/status`);
		const answer = await client
			.get<TaskStatus>(`${taskPath(upid)}/status`, {}, timeoutMs)
			.catch((error: unknown) => {
				if (error instanceof PveError && error.failure.errors?.upid === 'no such task')
					throw new TaskGoneError(upid);
				return silenceIfPassing(error);
			});
		return answer instanceof PveError ? answer : answer.data;
	}

	function listOf(node: string): NodeList {
		const known = lists.get(node);
		if (known && now() - known.at < (known.isAnswered ? FRESH_MS : PENDING_MS)) return known;
		const upids = [...(waits.get(node) ?? [])];
		const since =
			Math.min(...upids.map((upid) => parseUpid(upid)?.startedAt.getTime() ?? 0)) / 1000;
		const path = `/nodes/${segment(node)}/tasks`;
		const rows = client
			.get<Row[]>(path, { source: 'all', since, limit: LIST_LIMIT })
			.catch(silenceIfPassing)
			.then((answer) =>
				answer instanceof PveError ? answer : new Map(answer.data.map((row) => [row.upid, row])),
			)
			.finally(() => (list.isAnswered = true));
		const list: NodeList = {
			at: now(),
			request: `GET ${path}`,
			rows,
			isAnswered: false,
			probed: false,
		};
		lists.set(node, list);
		return list;
	}

	const isLagging = (node: string): boolean => now() < (laggingUntil.get(node) ?? 0);

	/** Whether a list still has a task running that was known to have ended before it was asked for. */
	function isBehind({ at }: NodeList, rows: ReadonlyMap<string, Row>, node: string): boolean {
		const ended = overtaken.get(node);
		if (ended === undefined || at < ended.at) return false;
		overtaken.delete(node);
		const row = rows.get(ended.upid);
		return row !== undefined && isRunning(row);
	}

	return {
		begin(upid) {
			const node = nodeOf(upid);
			const here = waits.get(node) ?? new Set();
			waits.set(node, here.add(upid));
			return { done: () => void here.delete(upid) };
		},
		async poll(upid, timeoutMs) {
			const node = nodeOf(upid);
			const end = now() + timeoutMs;
			const alone = (waits.get(node)?.size ?? 0) < SHARED_FROM;
			if (alone || isLagging(node)) return await single(upid, timeoutMs);
			const list = listOf(node);
			// The list is that of other waits, too: this one may have less time.
			const rows =
				(await within(timeoutMs, undefined, async () => await list.rows)) ?? timedOut(list.request);
			if (rows instanceof PveError) return rows;
			if (isBehind(list, rows, node)) laggingUntil.set(node, now() + LAG_MS);
			const row = rows.get(upid);
			if (row === undefined || isLagging(node)) return await single(upid, end - now());
			if (!isRunning(row)) return endOf(row) ?? (await single(upid, end - now()));
			if (list.probed) return { status: 'running' };
			list.probed = true;
			const own = await single(upid, end - now());
			if (!(own instanceof PveError) && own.status === 'stopped') {
				overtaken.set(node, { upid, at: now() });
				lists.delete(node);
			}
			return own;
		},
		async pollWithHistory(upid, timeoutMs) {
			const { node = '', type = '' } = parseUpid(upid) ?? {};
			const end = now() + timeoutMs;
			const answer = await client
				.get<Row[]>(`/nodes/${segment(node)}/tasks`, { source: 'all', typefilter: type }, timeoutMs)
				.catch(() => undefined);
			if (answer === undefined) return { seen: await single(upid, end - now()), durations: [] };
			const durations = answer.data
				.filter((row) => row.upid !== upid && row.endtime !== undefined && endOf(row) !== undefined)
				.sort((a, b) => a.starttime - b.starttime)
				.map(({ starttime, endtime = starttime }) => (endtime - starttime) * 1000);
			const row = answer.data.find((one) => one.upid === upid);
			const seen =
				row === undefined
					? undefined
					: isRunning(row)
						? ({ status: 'running' } as const)
						: endOf(row);
			return { seen: seen ?? (await single(upid, end - now())), durations };
		},
	};
}

/** The end of a task as in a list; undefined if only the task itself has it: words other than these two may be cut short. */
const endOf = ({ status }: Row): TaskStatus | undefined =>
	status === 'OK' || /^WARNINGS: \d+$/.test(status ?? '')
		? { status: 'stopped', exitstatus: status }
		: undefined;

const isRunning = ({ status }: Row): boolean => status === undefined || status === 'RUNNING';

const nodeOf = (upid: string): string => parseUpid(upid)?.node ?? '';

/** Returns transient failures so that the caller polls again; throws refusals. */
function silenceIfPassing(error: unknown): PveError {
	if (error instanceof PveError && isTransient(error)) return error;
	throw error;
}
