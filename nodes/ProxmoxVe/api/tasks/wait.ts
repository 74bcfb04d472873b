import type { PveClient } from '../client';
import { PveError, TaskError, TaskTimeoutError } from '../errors';
import { sleep, stopwatch } from '../sleep';
import { createDurationMemory, pollInterval } from './pollInterval';
import { readTaskLog } from './log';
import { createTaskPoller, type TaskStatus, type TaskPoller } from './poller';
import { parseUpid } from '../upid';

export interface WaitOptions {
	/** Give up after this number of seconds; the task continues. */
	readonly timeoutSeconds: number;
	/** Longest pause between two looks at the task, in seconds. */
	readonly maxPollSeconds: number;
	/** Ends the wait at once when the execution is cancelled. */
	readonly signal?: AbortSignal;
}

/** How a task ended well. */
export interface TaskEnd {
	/** Proxmox's word: `OK`, or `WARNINGS: n`. */
	readonly exitStatus: string;
	/** The log's warnings, if the task ended with some. */
	readonly warnings: string[];
}

/** Longest exit status that is kept: the command that failed may be in it. */
const LONGEST_STATUS = 8_000;
/** Lines of the log that an error shows. */
const LOG_TAIL = 10;
/** A look at the deadline still gets some time for its answer, in milliseconds. */
const SHORTEST_LOOK_MS = 1_000;

/** How long tasks took in this n8n: the same kind of task on the same node of the same cluster mostly takes as long again. */
const memory = createDurationMemory();

/** The waits of one run share their requests. */
const watches = new WeakMap<PveClient, TaskPoller>();
function watchOf(client: PveClient): TaskPoller {
	const watch = watches.get(client) ?? createTaskPoller(client);
	watches.set(client, watch);
	return watch;
}

/**
 * Waits until a task has ended. Looks at it as `pollInterval.ts` says.
 * A host that does not answer for a while does not end the wait, the deadline does. A refused login is
 * tried again a few times (`loginGate.ts`).
 * @returns how it ended, where it ended OK or with warnings
 * @throws TaskError if it failed, TaskGoneError if Proxmox has forgotten it, TaskTimeoutError at the
 * deadline or if the login stays refused, PveError if it may not be read
 */
export async function waitForTask(
	client: PveClient,
	upid: string,
	options: WaitOptions,
): Promise<TaskEnd> {
	const elapsed = stopwatch();
	const kind = kindOf(upid, await client.cluster());
	const watch = watchOf(client);
	const waiting = watch.begin(upid);
	let isFirst = memory.isNew(kind);
	let silence: PveError | undefined;
	try {
		for (;;) {
			const left = options.timeoutSeconds * 1000 - elapsed();
			if (left <= 0) throw new TaskTimeoutError(upid, options.timeoutSeconds, silence);
			const next = pollInterval(elapsed(), memory.known(kind), options.maxPollSeconds * 1000);
			await sleep(Math.min(next, left), options.signal);
			const timeoutMs = Math.max(SHORTEST_LOOK_MS, left - next);
			const seen = await (
				isFirst ? lookBack(watch, upid, kind, timeoutMs) : watch.poll(upid, timeoutMs)
			).catch((error: unknown) => {
				if (error instanceof PveError && error.failure.isFinal)
					throw new TaskTimeoutError(upid, options.timeoutSeconds, error);
				throw error;
			});
			isFirst = false;
			silence = seen instanceof PveError ? seen : undefined;
			if (!(seen instanceof PveError) && seen.status === 'stopped') {
				memory.remember(kind, elapsed());
				return await readEnd(client, upid, seen.exitstatus ?? '');
			}
		}
	} finally {
		waiting.done();
	}
}

/** The first look at a task of a kind that this n8n has not waited for: Proxmox remembers how long others took. */
async function lookBack(
	watch: TaskPoller,
	upid: string,
	kind: string,
	timeoutMs: number,
): Promise<TaskStatus | PveError> {
	const { seen, durations } = await watch.pollWithHistory(upid, timeoutMs);
	for (const duration of durations) memory.remember(kind, duration);
	return seen;
}

/** Tasks that mostly take as long as one another. Two clusters may have nodes of one name. */
function kindOf(upid: string, cluster: string): string {
	const { node, type } = parseUpid(upid) ?? {};
	return `${cluster} ${node} ${type}`;
}

/** How a task that has ended with this status did. @throws TaskError if it failed */
export async function readEnd(
	client: PveClient,
	upid: string,
	exitStatus: string,
): Promise<TaskEnd> {
	if (exitStatus === 'OK') return { exitStatus, warnings: [] };
	if (/^WARNINGS: \d+$/.test(exitStatus)) {
		const lines = await readLog(client, upid, 500);
		const warnings = lines.filter((line) => /^WARN(?:ING)?[:\s]/i.test(line));
		// If the log lists no warnings, its last line has their number, or the reason.
		return { exitStatus, warnings: warnings.length > 0 ? warnings : lines.slice(-1) };
	}
	throw new TaskError(
		upid,
		// Cleaned before it is cut: a part of a secret would not be found.
		exitStatus.length > LONGEST_STATUS
			? client.redact(exitStatus).slice(0, LONGEST_STATUS)
			: exitStatus,
		await readLog(client, upid, LOG_TAIL),
	);
}

/**
 * The last lines of a task's log, the closing `TASK …` line included.
 * An error or warning is reported with its log if that can be read, else without.
 */
const readLog = async (client: PveClient, upid: string, lines: number): Promise<string[]> =>
	await readTaskLog(client, upid, lines).then(
		(log) => log.lines,
		(error: unknown) => [
			`(the task's log could not be read: ${error instanceof Error ? error.message : String(error)})`,
		],
	);
