import { isoTime } from '../isoTime';
import { splitAuthId } from '../../../../credentials/account';
import type { PveClient } from '../client';
import { parseUpid, taskPath } from '../upid';
import { readTasks } from './readTasks';

/** A task as the operations of this resource emit it. */
export type TaskFacts = {
	upid: string;
	/** The node that it runs on. */
	node: string;
	/** What it does: `qmcreate`, `qmrestore`, `vzdump` … */
	type: string;
	/** What it does it to, in Proxmox's words: a VM ID, `100@local`, or nothing. */
	id: string;
	/** The VM that it is about; null if it is about none. */
	vmid: number | null;
	/** Who started it: `user@realm`. */
	user: string;
	/** The token with which; null if it was none. */
	token: string | null;
	status: 'running' | 'ok' | 'warnings' | 'error';
	/** Proxmox's own word for its end; null while it runs. */
	exitStatus: string | null;
	/** ISO 8601. */
	startedAt: string;
	/** ISO 8601; null while it runs, or if Proxmox does not say. */
	endedAt: string | null;
};

/** What a UPID alone says about its task. @throws Error if it is not a UPID */
export function factsOf(upid: string): Omit<TaskFacts, 'status' | 'exitStatus' | 'endedAt'> {
	const task = parseUpid(upid);
	if (!task) throw new Error(`Proxmox VE returned no task: "${upid}"`);
	const { node, type, id, user: owner, startedAt } = task;
	return {
		upid,
		node,
		type,
		id,
		vmid: vmidOf(id),
		...splitAuthId(owner),
		startedAt: startedAt.toISOString(),
	};
}

/** The VM in a task's ID: `100`, or `100@local` where it is about a volume of the VM. */
const vmidOf = (id: string): number | null => {
	const vmid = /^(\d+)(?:@|$)/.exec(id)?.[1];
	return vmid === undefined ? null : Number(vmid);
};

/** @param exitStatus undefined while the task runs */
export function statusOf(exitStatus: string | undefined): TaskFacts['status'] {
	if (exitStatus === undefined) return 'running';
	if (exitStatus === 'OK') return 'ok';
	return /^WARNINGS: \d+$/.test(exitStatus) ? 'warnings' : 'error';
}

/**
 * Whether a task runs. Source: `GET /nodes/{node}/tasks/{upid}/status`.
 * @param timeoutMs longest that it may take, in milliseconds
 * @returns an exit status where it has ended
 * @throws PveError if there is no such task, or it may not be read
 */
export async function readStatus(
	client: PveClient,
	upid: string,
	timeoutMs?: number,
): Promise<{ exitStatus?: string }> {
	const { data } = await client.get<{ status: string; exitstatus?: string }>(
		`${taskPath(upid)}/status`,
		{},
		timeoutMs,
	);
	return data.status === 'stopped' ? { exitStatus: data.exitstatus ?? '' } : {};
}

/** Reads a task, and when it ended, which is not in its status. @throws PveError as above */
export async function readTask(client: PveClient, upid: string): Promise<TaskFacts> {
	const { exitStatus } = await readStatus(client, upid);
	return {
		...factsOf(upid),
		status: statusOf(exitStatus),
		exitStatus: exitStatus ?? null,
		endedAt: exitStatus === undefined ? null : await endOf(client, upid),
	};
}

/** When a task ended, if the node's list has it. Source: `GET /nodes/{node}/tasks`. */
export async function endOf(client: PveClient, upid: string): Promise<string | null> {
	const task = parseUpid(upid);
	if (!task) return null;
	const second = task.startedAt.getTime() / 1000;
	const listed = await readTasks(client, task.node, {
		source: 'all',
		typefilter: task.type,
		since: second,
		until: second,
	}).catch(() => undefined);
	const endtime = listed?.find((one) => one.upid === upid)?.endtime;
	return endtime === undefined ? null : isoTime(endtime);
}
