import { isLost, PveError } from '../pve/errors';
import { pause } from '../pve/pause';
import { parseUpid } from '../pve/upid';
import type { Item } from './operation';
import { tasksOf } from './ownTask';

/** Pauses before each look for the task, in milliseconds. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000];

/**
 * The task of a request whose answer was lost. The request is not sent again: a disk would grow twice.
 * @param types the types that the task may have in UPIDs
 * @param begun when the request was sent, by the clock of n8n in milliseconds
 * @returns its UPID
 * @throws the error, where it is another one or there is no such task
 */
export async function lostTask({ run, trace }: Item, error: unknown, types: readonly string[], begun: number): Promise<string> {
	const { node, vmid } = trace;
	if (!(error instanceof PveError) || !isLost(error) || node === undefined || vmid === undefined) throw error;
	for (const wait of PAUSES_MS) {
		await pause(wait, run.context.getExecutionCancelSignal());
		for (const taskType of types) {
			const { own } = await tasksOf(run.client, { node, vmid, taskType });
			const upid = own.find((one) => (parseUpid(one)?.startedAt.getTime() ?? 0) >= begun - 60_000);
			if (upid !== undefined) return upid;
		}
	}
	throw error;
}
