import type { PveClient } from '../api/client';
import { PveError, TaskError, TaskTimeoutError, undefinedIfTransient } from '../api/errors';
import { sleep, stopwatch } from '../api/sleep';
import { pollInterval } from '../api/tasks/pollInterval';
import { readTasks } from '../api/tasks/readTasks';
import { waitForTask, type TaskEnd, type WaitOptions } from '../api/tasks/wait';
import { parseUpid } from '../api/upid';
import type { GuestLocation } from './locateGuest';
import { StartError } from '../runtime/errors';
import { powerOf } from './powerOf';

/** A VM that was made with `start=1`. */
export interface MadeVm extends GuestLocation {
	/** The task that made it: its start comes after it. Undefined if it could not be read; then the start is not looked for. */
	readonly upid: string | undefined;
	/** It was there before, and is returned as it is: stopped, if it has been stopped since. */
	readonly existing: boolean;
}

/** How the start ended. One that was there before may have been stopped since. */
export interface StartEnd extends TaskEnd {
	readonly runs: boolean;
}

/** A look at the deadline still gets some time for its answer, in milliseconds. */
const SHORTEST_LOOK_MS = 1_000;
/** How often a VM is looked at that was started and does not run, before that is believed. */
const STOPPED_LOOKS = 3;

/**
 * Waits until a VM that was made with `start=1` runs. The create says OK before it does, and whether or
 * not it ever does: the start is a separate task (`hastart` under high availability).
 * Source: `GET /nodes/{node}/tasks`, `GET /nodes/{node}/qemu/{vmid}/status/current`.
 * @param onStart gets the UPID of the start
 * @returns how the start ended
 * @throws StartError if it failed or the VM does not run at the deadline
 */
export async function followStart(
	client: PveClient,
	vm: MadeVm,
	options: WaitOptions,
	onStart: (upid: string) => void,
): Promise<StartEnd> {
	let upid: string | undefined;
	let status: string | undefined;
	return await watch().catch((error: unknown) => {
		if (options.signal?.aborted) throw error;
		const isRead =
			error instanceof TaskError ||
			(error instanceof TaskTimeoutError ? error.lastError === undefined : status !== undefined);
		throw new StartError(error, upid, error instanceof PveError || !isRead);
	});

	/** Waits for the start, and names the timeout as the user has it. */
	async function waitFor(task: string, leftMs: number): Promise<TaskEnd> {
		return await waitForTask(client, task, { ...options, timeoutSeconds: leftMs / 1000 }).catch(
			(error: unknown) => {
				throw error instanceof TaskTimeoutError
					? new TaskTimeoutError(task, options.timeoutSeconds, error.lastError)
					: error;
			},
		);
	}

	async function watch(): Promise<StartEnd> {
		const elapsed = stopwatch();
		const timeLeft = (): number => Math.max(0, options.timeoutSeconds * 1000 - elapsed());
		const lookMs = (): number => Math.max(SHORTEST_LOOK_MS, timeLeft());
		let end: TaskEnd | undefined;
		let stopped = 0;
		for (;;) {
			const left = timeLeft();
			if (upid === undefined && (upid = await findStart(client, vm, lookMs()))) onStart(upid);
			if (upid !== undefined) end ??= await waitFor(upid, timeLeft());
			status = await powerOf(client, vm, lookMs());
			if (status === 'running')
				return { ...(end ?? { exitStatus: 'OK', warnings: [] }), runs: true };
			if (status === 'stopped' && vm.existing) {
				return {
					exitStatus: 'OK',
					warnings: [`VM ${vm.vmid} already exists and is not running`],
					runs: false,
				};
			}
			// Under high availability the task only hands the VM over; it runs some time later.
			const isOver =
				status === 'stopped' &&
				end !== undefined &&
				parseUpid(upid)?.type === vm.kind.taskTypes.start;
			if (isOver && ++stopped === STOPPED_LOOKS)
				throw new Error('it started and then stopped again');
			if (left === 0)
				throw new Error(
					`${status === undefined ? 'no response' : upid === undefined ? 'no task to start it was found' : 'it had not started'} after ${options.timeoutSeconds} s`,
				);
			await sleep(
				Math.min(pollInterval(elapsed(), [], options.maxPollSeconds * 1000), left),
				options.signal,
			);
		}
	}
}

/**
 * The start since the VM was made. Under high availability that is `hastart`; the start after it is root's, and not its last word.
 * Times count only if both tasks are of one node, and so of one clock; else any start counts.
 */
async function findStart(
	client: PveClient,
	{ kind, node, vmid, upid }: MadeVm,
	timeoutMs: number,
): Promise<string | undefined> {
	if (upid === undefined) return undefined;
	const made = parseUpid(upid);
	const since = made?.node === node ? made.startedAt.getTime() / 1000 : 0;
	// A host that does not answer for a while is asked again; one that refuses is not.
	const tasks = await readTasks(client, node, { source: 'all', vmid, since }, timeoutMs).catch(
		undefinedIfTransient,
	);
	const first = (type: string): string | undefined =>
		tasks?.find((task) => task.type === type)?.upid;
	return first('hastart') ?? first(kind.taskTypes.start);
}
