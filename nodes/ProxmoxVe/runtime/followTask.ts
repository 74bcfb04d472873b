import type { Waiting } from '../form/Form';
import {
	isOutcomeUnknown,
	isNotStarted,
	isVmLocked,
	PveError,
	saysVmLocked,
	TaskError,
} from '../api/errors';
import { sleep, stopwatch } from '../api/sleep';
import { stopTask } from '../api/tasks/stop';
import { waitForTask, type TaskEnd } from '../api/tasks/wait';
import { isUpidOf, parseUpid, type ExpectedTask } from '../api/upid';
import { note } from './context';
import type { Item } from './operation';
import { rememberTask } from '../api/tasks/findOwnTask';
import type { Run } from './run';

/** What every operation emits that starts a task. */
export type TaskOutput = {
	/** Null if no task was needed, or if its response was lost and the effect was found instead. */
	upid: string | null;
	/** `ok`, `warnings`, or `running` where the node did not wait. */
	taskStatus: 'ok' | 'warnings' | 'running';
	/** Proxmox's own word for the task's end; null if the node did not wait, and without a task. */
	exitStatus: string | null;
	/** The warnings of the task's log. */
	warnings: string[];
	/** ISO 8601, from the UPID. */
	startedAt: string | null;
	/** From the request to the task's end, or to its acceptance where the node did not wait. */
	durationMs: number;
};

/** Where no task was needed. */
export const NO_TASK: TaskOutput = {
	upid: null,
	taskStatus: 'ok',
	exitStatus: null,
	warnings: [],
	startedAt: null,
	durationMs: 0,
};

/** Whether what a task does is done; null while it runs. */
export const isDone = ({ taskStatus }: TaskOutput): true | null =>
	taskStatus === 'running' ? null : true;

/** Pauses before a request that changed nothing is sent again, in milliseconds; the last one is repeated. */
const AGAIN_PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** A request that starts a task, and how to follow it. */
export interface Follow {
	/** What is requested, for log and errors: `start of VM 100 on pve1`. */
	readonly label: string;
	/** The node whose place in the gate is needed, and on which the task must run. */
	readonly node: string;
	/** The VM that the task must be about. */
	readonly vmid?: number;
	/** The types that the task may have in UPIDs; without them the response is not compared with what was asked for. */
	readonly types?: readonly string[];
	readonly waiting: Waiting;
	/** Sends the request. @returns the UPID that Proxmox answers */
	start(): Promise<string | null>;
	/** A response without a UPID means that the request was carried out at once. Else its outcome is unknown. */
	readonly mayEndAtOnce?: true;
	/** The item has its place in the gate already. */
	readonly inGate?: boolean;
	/** Called with the UPID as soon as it is known. Without this it becomes the task of the item's errors. */
	readonly onAccepted?: (upid: string) => void;
	/**
	 * Finds out what became of the request if its response was lost.
	 * @returns a warning for the output, if what the request asks for is so
	 */
	readonly settle?: (error: PveError, startedAt: number, waiting: Waiting) => Promise<string>;
	/** Whether a failure proves that nothing was changed, so that the request may be sent again within Timeout. */
	readonly changedNothing?: (error: unknown) => boolean;
}

/** Whether a request or its task failed before it changed anything of this VM: no worker, or no lock. */
export const changedNothingOf =
	(vmid: number) =>
	(error: unknown): boolean =>
		(error instanceof PveError && (isNotStarted(error) || isVmLocked(error, vmid))) ||
		(error instanceof TaskError && saysVmLocked(error.exitStatus, vmid));

/**
 * Starts a task by a request, logs its UPID, and waits for it if that is asked for.
 * @throws PveError, TaskError, TaskTimeoutError or UnknownOutcomeError
 */
export async function followTask(item: Item, follow: Follow): Promise<TaskOutput> {
	if (follow.inGate === true) return await followInGate(item, follow);
	return await item.run.gate(follow.node, async () => await followInGate(item, follow));
}

async function followInGate(item: Item, follow: Follow): Promise<TaskOutput> {
	const { run, trace } = item;
	const { label, waiting } = follow;
	const elapsed = stopwatch();
	for (let tried = 0; ; tried++) {
		const timeoutSeconds = Math.max(1, waiting.timeoutSeconds - Math.floor(elapsed() / 1000));
		const next = AGAIN_PAUSES_MS[Math.min(tried, AGAIN_PAUSES_MS.length - 1)] ?? 0;
		const task = await followOnce(item, {
			...follow,
			waiting: { ...waiting, timeoutSeconds },
		}).catch((error: unknown) => {
			if (
				follow.changedNothing?.(error) !== true ||
				elapsed() + next >= waiting.timeoutSeconds * 1000
			)
				throw error;
			run.context.logger.info(
				`The ${label} changed nothing, and is sent again: ${error instanceof Error ? error.message : String(error)}`,
				{ ...trace },
			);
			return undefined;
		});
		if (task) return { ...task, durationMs: elapsed() };
		await sleep(next, run.context.getExecutionCancelSignal());
	}
}

/** Sends the request once, and follows what came of it. */
async function followOnce(item: Item, follow: Follow): Promise<Omit<TaskOutput, 'durationMs'>> {
	const { run, trace } = item;
	const { label, node, vmid, types, waiting, settle } = follow;
	const startedAt = Date.now();
	const answer = await follow
		.start()
		.then((given) =>
			given === null && follow.mayEndAtOnce === true
				? { warnings: [] }
				: upidOf(given, label, types === undefined ? {} : { node, types, vmid }),
		)
		.catch(async (error: unknown) => {
			if (settle === undefined || !(error instanceof PveError) || !isOutcomeUnknown(error))
				throw error;
			run.context.logger.warn(
				`The response to the ${label} was lost (${error.message}): its effect is looked for`,
				{ ...trace },
			);
			return { warnings: [await settle(error, startedAt, waiting)] };
		});
	if (typeof answer !== 'string')
		return {
			upid: null,
			taskStatus: answer.warnings.length > 0 ? 'warnings' : 'ok',
			exitStatus: null,
			warnings: answer.warnings,
			startedAt: null,
		};
	return await followAccepted(item, answer, follow);
}

/**
 * Logs the task of a request that was accepted, and waits for it if that is asked for.
 * @throws TaskError, TaskTimeoutError
 */
export async function followAccepted(
	{ run, trace, index }: Pick<Item, 'run' | 'trace' | 'index'>,
	upid: string,
	{ label, waiting, onAccepted }: Pick<Follow, 'label' | 'waiting' | 'onAccepted'>,
): Promise<Omit<TaskOutput, 'durationMs'>> {
	rememberTask(upid, await run.client.cluster());
	if (onAccepted) onAccepted(upid);
	else note(trace, { upid });
	// After a crash of n8n the log is all that is left of the execution.
	run.context.logger.info(`Proxmox VE accepted the ${label}: ${upid}`, {
		...trace,
		upid,
		itemIndex: index,
	});
	return taskOutput(upid, waiting.wait ? await waitOrStop({ run }, upid, waiting) : undefined);
}

/**
 * The UPID in a response.
 * @param expected what its task must be like: a response that a proxy kept of another request names another one
 * @throws PveError for a success that names no such task: the outcome of the request is unknown
 */
export function upidOf(answer: unknown, what: string, expected: ExpectedTask = {}): string {
	if (isUpidOf(answer, expected)) return answer;
	throw new PveError({
		status: 200,
		message: 'The response does not name a task of this request',
		request: what,
	});
}

/** Waits for a task. Where the execution is cancelled and the item asks for it, the task is stopped too. */
export async function waitOrStop(
	{ run }: Pick<Item, 'run'>,
	upid: string,
	waiting: { timeoutSeconds: number; maxPollSeconds: number; stopOnCancel: boolean },
): Promise<TaskEnd> {
	const signal = run.context.getExecutionCancelSignal();
	return await waitForTask(run.client, upid, { ...waiting, signal }).catch(
		async (error: unknown) => {
			await stopIfCancelled(run, upid, waiting);
			throw error;
		},
	);
}

/** Stops a task whose wait has ended, where that is because the execution was cancelled, and the item asks for it. */
export async function stopIfCancelled(
	{ context, credential }: Run,
	upid: string,
	{ stopOnCancel }: { stopOnCancel: boolean },
): Promise<void> {
	if (stopOnCancel && context.getExecutionCancelSignal()?.aborted)
		await stopTask(context, credential, upid);
}

/** A task's end in the words of the output. */
export const taskOutput = (
	upid: string,
	end: TaskEnd | undefined,
): Omit<TaskOutput, 'durationMs'> => ({
	upid,
	taskStatus:
		end === undefined
			? 'running'
			: end.warnings.length > 0 || end.exitStatus !== 'OK'
				? 'warnings'
				: 'ok',
	exitStatus: end?.exitStatus ?? null,
	warnings: end?.warnings ?? [],
	startedAt: parseUpid(upid)?.startedAt.toISOString() ?? null,
});
