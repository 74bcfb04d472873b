import { readWaiting } from '../form/readOptions';
import { PveError } from '../pve/errors';
import { stopTask } from '../pve/stopTask';
import { waitForTask, type TaskEnd } from '../pve/tasks';
import { isUpidOf, parseUpid, type ExpectedTask } from '../pve/upid';
import { lostTask } from './lostTask';
import type { Item } from './operation';
import { rememberTask } from './ownTask';
import { BadInputError } from './report';
import type { Run } from './run';

/** What every operation emits that starts a task. */
export type TaskOutput = {
	upid: string;
	/** `ok`, `warnings`, or `running` where the node did not wait. */
	status: 'ok' | 'warnings' | 'running';
	/** Proxmox's own word for the task's end; null where the node did not wait. */
	exitStatus: string | null;
	/** The warnings of the task's log. */
	warnings: string[];
	/** ISO 8601, from the UPID. */
	startedAt: string | null;
	/** From the request to the task's end, or to its acceptance where the node did not wait. */
	durationMs: number;
};

/**
 * Starts a task by a request, logs its UPID, and waits for it if the item asks for that.
 * @param start sends the request, and gives the UPID that Proxmox answers
 * @param what for the log: `start of VM 100 on pve1`
 * @param types the types that the task may have in UPIDs: by them it is found where the answer was lost
 * @throws BadInputError before the request; PveError, TaskError or TaskTimeoutError after it
 */
export async function followTask(
	item: Item,
	what: string,
	start: () => Promise<string>,
	types: readonly string[] = [],
): Promise<TaskOutput> {
	const { run, get, trace, index } = item;
	const read = readWaiting(get);
	if ('problems' in read) throw new BadInputError(read.problems);

	return await run.gate(trace.node ?? '', async () => {
		const begun = Date.now();
		const upid = await start()
			.then((answer) => upidOf(answer, what, types.length === 0 ? {} : { node: trace.node, types, vmid: trace.vmid }))
			.catch(async (error: unknown) => await lostTask(item, error, types, begun));
		rememberTask(upid, await run.client.url());
		Object.assign(trace, { upid });
		// After a crash of n8n the log is all that is left of the execution.
		run.context.logger.info(`Proxmox VE accepted the ${what}: ${upid}`, { ...trace, itemIndex: index });
		const end = read.waiting.wait ? await waitOrStop(item, upid, read.waiting) : undefined;
		return { ...taskOutput(upid, end), durationMs: Date.now() - begun };
	});
}

/**
 * The UPID in a response.
 * @param expected what its task must be like: a response that a proxy kept of another request names another one
 * @throws PveError for a success that names no such task: the outcome of the request is unknown
 */
export function upidOf(answer: unknown, what: string, expected: ExpectedTask = {}): string {
	if (isUpidOf(answer, expected)) return answer;
	throw new PveError({ status: 200, message: 'The response names no task of this request', request: what });
}

/** Waits for a task. Where the execution is cancelled and the item asks for it, the task is stopped too. */
export async function waitOrStop(
	{ run }: Pick<Item, 'run'>,
	upid: string,
	waiting: { timeoutSeconds: number; maxPollSeconds: number; stopOnCancel: boolean },
): Promise<TaskEnd> {
	const signal = run.context.getExecutionCancelSignal();
	return await waitForTask(run.client, upid, { ...waiting, signal }).catch(async (error: unknown) => {
		await stopIfCancelled(run, upid, waiting);
		throw error;
	});
}

/** Stops a task whose wait has ended, where that is because the execution was cancelled, and the item asks for it. */
export async function stopIfCancelled({ context, credential }: Run, upid: string, { stopOnCancel }: { stopOnCancel: boolean }): Promise<void> {
	if (stopOnCancel && context.getExecutionCancelSignal()?.aborted) await stopTask(context, credential, upid);
}

/** A task's end in the words of the output. */
export const taskOutput = (upid: string, end: TaskEnd | undefined): Omit<TaskOutput, 'durationMs'> => ({
	upid,
	status: end === undefined ? 'running' : end.warnings.length > 0 || end.exitStatus !== 'OK' ? 'warnings' : 'ok',
	exitStatus: end?.exitStatus ?? null,
	warnings: end?.warnings ?? [],
	startedAt: parseUpid(upid)?.startedAt.toISOString() ?? null,
});
