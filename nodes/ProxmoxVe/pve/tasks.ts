import type { PveClient } from './client';
import { PveError, TaskError, TaskTimeoutError } from './errors';
import { pause } from './pause';
import { readTaskLog } from './taskLog';
import { taskPath } from './upid';

export interface WaitOptions {
	/** Give up after so many seconds; the task goes on. */
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
	/** The log's warnings, where the task ended with some. */
	readonly warnings: string[];
}

interface TaskStatus {
	readonly status: 'running' | 'stopped';
	readonly exitstatus?: string;
}

const FIRST_PAUSE_MS = 250;
const PAUSE_GROWTH = 1.5;
/** Lines of the log that an error shows. */
const LOG_TAIL = 10;

/**
 * Waits until a task has ended. Looks often at first, then ever more rarely up to the ceiling.
 * A host that does not answer for a while does not end the wait, the deadline does.
 * Source: `GET /nodes/{node}/tasks/{upid}/status`.
 * @returns how it ended, where it ended OK or with warnings
 * @throws TaskError where it failed, TaskTimeoutError at the deadline, PveError where it may not be read
 */
export async function waitForTask(client: PveClient, upid: string, options: WaitOptions): Promise<TaskEnd> {
	const deadline = Date.now() + options.timeoutSeconds * 1000;
	let wait = FIRST_PAUSE_MS;
	for (;;) {
		const status = await readStatus(client, upid);
		if (status?.status === 'stopped') return await readEnd(client, upid, status.exitstatus ?? '');
		const left = deadline - Date.now();
		if (left <= 0) throw new TaskTimeoutError(upid, options.timeoutSeconds);
		await pause(Math.min(wait, options.maxPollSeconds * 1000, left), options.signal);
		wait *= PAUSE_GROWTH;
	}
}

/** The task's status, or undefined while the host is not to be reached: the task goes on without us. */
async function readStatus(client: PveClient, upid: string): Promise<TaskStatus | undefined> {
	const answer = await client.get<TaskStatus>(`${taskPath(upid)}/status`).catch((error: unknown) => {
		if (error instanceof PveError && isPassing(error)) return undefined;
		throw error;
	});
	return answer?.data;
}

/** No answer at all, or one of a proxy or a busy host: worth another look. */
const isPassing = ({ failure }: PveError): boolean => failure.status === undefined || failure.status >= 500;

async function readEnd(client: PveClient, upid: string, exitStatus: string): Promise<TaskEnd> {
	if (exitStatus === 'OK') return { exitStatus, warnings: [] };
	if (/^WARNINGS: \d+$/.test(exitStatus)) {
		const lines = await readLog(client, upid, 500);
		return { exitStatus, warnings: lines.filter((line) => /^WARN(?:ING)?[:\s]/i.test(line)) };
	}
	throw new TaskError(upid, exitStatus || 'the task ended without a status', await readLog(client, upid, LOG_TAIL));
}

/**
 * The last lines of a task's log, the closing `TASK …` line included.
 * An error or warning is told with its log where it can be read, and without where it cannot.
 */
const readLog = async (client: PveClient, upid: string, lines: number): Promise<string[]> =>
	await readTaskLog(client, upid, lines).then(
		(log) => log.lines,
		(error: unknown) => [`(the task's log could not be read: ${error instanceof Error ? error.message : String(error)})`],
	);
