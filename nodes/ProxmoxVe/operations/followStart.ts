import { segment, type PveClient } from '../pve/client';
import { PveError, TaskTimeoutError } from '../pve/errors';
import { pause } from '../pve/pause';
import { waitForTask, type TaskEnd, type WaitOptions } from '../pve/tasks';
import { parseUpid } from '../pve/upid';

/** The VM was made, and does not run. */
export class StartError extends Error {
	constructor(readonly reason: unknown) {
		super(reason instanceof Error ? reason.message : String(reason));
		this.name = 'StartError';
	}
}

/** Pause between two looks for the start, which comes a moment after the create has ended. */
const LOOK_PAUSE_MS = 500;

/**
 * Waits until a VM that was made with `start=1` runs. The create says OK before it does, and whether or
 * not it ever does: the start is a task of its own (`qmstart`, or `hastart` under high availability).
 * Source: `GET /nodes/{node}/tasks`, `GET /nodes/{node}/qemu/{vmid}/status/current`.
 * @param upid the task that made the VM: its start comes after it
 * @returns how the start ended
 * @throws StartError where it failed or the VM does not run at the deadline
 */
export async function followStart(
	client: PveClient,
	{ node, vmid, upid }: { node: string; vmid: number; upid: string },
	options: WaitOptions,
): Promise<TaskEnd> {
	const deadline = Date.now() + options.timeoutSeconds * 1000;
	const made = parseUpid(upid)?.startedAt.getTime() ?? 0;
	const left = (): number => Math.max(0, deadline - Date.now());
	let end: TaskEnd | undefined;

	while (left() > 0) {
		const task = end === undefined ? await findStart(client, node, vmid, made) : undefined;
		if (task !== undefined) {
			end = await waitForTask(client, task, { ...options, timeoutSeconds: left() / 1000 }).catch((error: unknown) => {
				throw new StartError(error);
			});
		}
		// Under high availability the task only hands the VM over; it runs some time later.
		if (await isRunning(client, node, vmid)) return end ?? { exitStatus: 'OK', warnings: [] };
		await pause(Math.min(LOOK_PAUSE_MS, left()), options.signal);
	}
	throw new StartError(new TaskTimeoutError(upid, options.timeoutSeconds));
}

async function findStart(client: PveClient, node: string, vmid: number, made: number): Promise<string | undefined> {
	const query = { source: 'all', vmid, since: Math.floor(made / 1000) };
	const listed = await orNothing(client.get<Array<{ upid: string }>>(`/nodes/${segment(node)}/tasks`, query));
	return listed?.data
		.map((task) => task.upid)
		.find((task) => ['qmstart', 'hastart'].includes(parseUpid(task)?.type ?? '') && (parseUpid(task)?.startedAt.getTime() ?? 0) >= made);
}

async function isRunning(client: PveClient, node: string, vmid: number): Promise<boolean> {
	const current = await orNothing(client.get<{ status: string }>(`/nodes/${segment(node)}/qemu/${vmid}/status/current`));
	return current?.data.status === 'running';
}

/** A host that does not answer for a while is asked again; one that refuses is not. */
const orNothing = async <Answer>(answer: Promise<Answer>): Promise<Answer | undefined> =>
	await answer.catch((error: unknown) => {
		if (error instanceof PveError && (error.failure.status ?? 500) >= 500) return undefined;
		throw error;
	});

