import { PveError } from '../api/errors';
import { sleep } from '../api/sleep';
import { isRunning, readTasks } from '../api/tasks/readTasks';
import { waitForTask } from '../api/tasks/wait';
import type { Item } from '../runtime/operation';
import { UnknownOutcomeError } from '../runtime/errors';
import type { GuestLocation } from './locateGuest';
import { isRemembered } from '../api/tasks/findOwnTask';

/** Pauses before each look at what a request with a lost response has changed, in milliseconds. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];
/** By how much a task may seem to have started before its request: its node and the host that answers have clocks of their own. */
const CLOCK_MARGIN_MS = 300_000;

/** Which tasks may belong to a request. */
export interface LostRequest {
	/** What was requested, for messages. */
	readonly what: string;
	/** The types of its task in UPIDs. */
	readonly types: readonly string[];
	/** When it was sent, by n8n's clock in milliseconds. */
	readonly startedAt: number;
	/** The second part of its task's UPID after the type; without it any. */
	readonly id?: string;
}

/** The tasks of a node that a request with a lost response may have started. */
export interface PossibleTasks {
	/** All that still run, no matter who started them. */
	readonly running: readonly string[];
	/** Those of the same user or token that are not known to be another request's. */
	readonly own: readonly string[];
	/** Whether the list could be read; if not, there may be others. */
	readonly isRead: boolean;
}

/**
 * The tasks that a request with a lost response may have started. That a task is among them proves nothing:
 * another worker, or the same user in the web page, may have started it.
 * Source: `GET /nodes/{node}/tasks`.
 */
export async function possibleTasks(
	{ run: { client } }: Item,
	node: string,
	{ types, startedAt, id }: LostRequest,
): Promise<PossibleTasks> {
	// Only the ID of a guest can be asked for.
	const isGuest = id !== undefined && /^\d+$/.test(id);
	const query = { source: 'all' as const, ...(isGuest ? { vmid: Number(id) } : {}) };
	const tasks = await readTasks(client, node, query).catch((error: unknown) => {
		if (error instanceof PveError) return undefined;
		throw error;
	});
	if (!tasks) return { running: [], own: [], isRead: false };
	const [identity, cluster] = [await client.identity(), await client.cluster()];
	const since = startedAt + (client.clockOffset() ?? 0) - CLOCK_MARGIN_MS;
	const found = tasks.filter(
		(task) =>
			types.includes(task.type) &&
			(id === undefined || task.id === id) &&
			task.startedAt.getTime() >= since,
	);
	return {
		running: found.filter(isRunning).map(({ upid }) => upid),
		own: found
			.filter(({ upid, user }) => user === identity && !isRemembered(upid, cluster))
			.map(({ upid }) => upid),
		isRead: true,
	};
}

/**
 * Finds out by its effect whether a request with a lost response was carried out. It is not sent again:
 * what it was to reach may have been undone by another request meanwhile.
 * @param isReached looks whether what the request was to reach is so; undefined if that cannot be seen
 * @returns a warning that says what is known
 * @throws UnknownOutcomeError if it is not reached; what the signal throws if the execution is cancelled
 */
export async function settleByEffect(
	item: Item,
	place: Pick<GuestLocation, 'node'>,
	error: PveError,
	request: LostRequest,
	isReached: (() => Promise<boolean>) | undefined,
	waiting: {
		readonly timeoutSeconds: number;
		readonly maxPollSeconds: number;
		readonly wait: boolean;
	},
): Promise<string> {
	const { run } = item;
	const signal = run.context.getExecutionCancelSignal();
	let upids: readonly string[] = [];
	for (const wait of PAUSES_MS) {
		await sleep(wait, signal);
		const { running, own } = await possibleTasks(item, place.node, request);
		upids = [...new Set([...upids, ...own])];
		if (isReached === undefined && upids.length > 0) break;
		if (isReached === undefined) continue;
		// A state may be there before its task has ended, such as the flag of a template.
		if (waiting.wait) await untilEnded(item, running, waiting);
		else if (running.length > 0) continue;
		if (await isReached().catch(unlessCancelled(signal)))
			return reachedWarning(request.what, upids);
	}
	throw new UnknownOutcomeError(error, request.what, upids);
}

/** What is said of a request whose effect is there, though its response was lost. */
export const reachedWarning = (what: string, upids: readonly string[]): string =>
	[
		`The response to the ${what} was lost. The requested change is in place, but another request may have made it.`,
		...upids.map((upid) => `Task: ${upid}`),
	].join(' ');

/** Waits until none of these tasks runs any more, for as long as the item waits; how they end does not matter. */
export async function untilEnded(
	{ run }: Item,
	upids: readonly string[],
	waiting: { readonly timeoutSeconds: number; readonly maxPollSeconds: number },
): Promise<void> {
	const signal = run.context.getExecutionCancelSignal();
	for (const upid of upids)
		await waitForTask(run.client, upid, { ...waiting, signal }).catch(unlessCancelled(signal));
}

/** What could not be read is no answer; only a cancelled execution ends the look. */
const unlessCancelled =
	(signal: AbortSignal | undefined) =>
	(error: unknown): undefined => {
		if (signal?.aborted) throw error;
		return undefined;
	};
