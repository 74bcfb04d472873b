import { decimal } from '../../catalogue/fields';
import type { Waiting } from '../../form/Form';
import { PveError, TaskTimeoutError } from '../../api/errors';
import { stopwatch } from '../../api/sleep';
import { readEnd, type TaskEnd } from '../../api/tasks/wait';
import { waitOrStop } from '../../runtime/followTask';
import type { Item, Execute } from '../../runtime/operation';
import type { Run } from '../../runtime/run';
import { readUpid } from './readUpid';
import { endOf, factsOf, readStatus, statusOf } from '../../api/tasks/taskFacts';

/** Positions of the outputs. */
const DONE = 0;
const STILL_RUNNING = 1;

const waitAtMostField = {
	waitAtMost: decimal({ label: 'Wait at Most (Seconds)', min: 0, guards: true }),
};

/** Source: `GET /nodes/{node}/tasks/{upid}/status`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const upid = readUpid(item);
	const waiting = form.waiting();
	const { waitAtMost } = form.options(waitAtMostField);
	form.check();

	const elapsed = stopwatch();
	const end = await endWithin(item, upid, waiting, waitAtMost);
	const json = {
		...factsOf(upid),
		status: statusOf(end?.exitStatus),
		exitStatus: end?.exitStatus ?? null,
		endedAt: end === undefined ? null : await endOf(run.client, upid),
		warnings: end?.warnings ?? [],
		durationMs: elapsed(),
	};
	return [{ json, output: end === undefined && !isTool(run) ? STILL_RUNNING : DONE }];
};

/**
 * How a task ended; undefined if it still runs after this number of seconds.
 * @param most undefined leaves it at the timeout, which is an error
 */
async function endWithin(
	item: Item,
	upid: string,
	waiting: Waiting,
	most: number | undefined,
): Promise<TaskEnd | undefined> {
	const { client } = item.run;
	const elapsed = stopwatch();
	const isShort = most !== undefined && most < waiting.timeoutSeconds;
	const seconds = isShort ? most : waiting.timeoutSeconds;
	const first = await readStatus(client, upid, most === 0 ? undefined : seconds * 1000).catch(
		(error: unknown) => {
			// A host that does not answer for a while does not end the wait.
			if (most !== 0 && error instanceof PveError && (error.failure.status ?? 500) >= 500)
				return undefined;
			throw error;
		},
	);
	if (first?.exitStatus !== undefined) return await readEnd(client, upid, first.exitStatus);
	if (most === 0) return undefined;
	// A last look is always taken: the first one may have had no answer.
	const timeoutSeconds = Math.max(Math.min(1, seconds), seconds - Math.floor(elapsed() / 1000));
	return await waitOrStop(item, upid, { ...waiting, timeoutSeconds }).catch((error: unknown) => {
		// Where its status could not be read in the end, it is unknown whether it still runs.
		if (isShort && error instanceof TaskTimeoutError && error.lastError === undefined)
			return undefined;
		throw error;
	});
}

/** An AI agent that uses the node as a tool sees its first output only. */
const isTool = ({ context }: Run): boolean => context.getNode().type.endsWith('Tool');
