import { isoTime } from '../ProxmoxVe/api/isoTime';
import type { IDataObject } from 'n8n-workflow';

import { factsOf, statusOf as statusOfExit } from '../ProxmoxVe/api/tasks/taskFacts';
import { parseUpid } from '../ProxmoxVe/api/upid';

/** A task as in Proxmox's task lists. Its times are seconds of its node's clock. */
export interface ListedTask {
	readonly upid: string;
	/** Set once Proxmox has noticed the end, some seconds late at most. */
	readonly endtime?: number;
	/** The exit status, or `RUNNING`. */
	readonly status?: string;
}

export const STATUSES = ['ok', 'warnings', 'error'] as const;

/** The result of a finished task. */
export type Status = (typeof STATUSES)[number];

export const statusOf = ({ status = '' }: ListedTask): Status =>
	STATUSES.find((one) => one === statusOfExit(status)) ?? 'error';

/** When a task started, in seconds of its node's clock; 0 if the UPID is invalid. */
export const startOf = (upid: string): number => (parseUpid(upid)?.startedAt.getTime() ?? 0) / 1000;

/**
 * A task in the state of its node, in a quarter of the bytes of its UPID: start, process, and start of the process. No node
 * starts two processes with one number in the same second.
 */
export function keyOf(upid: string): string {
	const [, , pid = '', processStart = '', start = ''] = upid.split(':');
	return [start, pid, processStart].map((hex) => parseInt(hex, 16).toString(36)).join('.');
}

/** When a stored task started. */
export const startOfKey = (key: string): number => parseInt(key, 36) || 0;

/** Earliest end first, and always the same order. */
export const byEnd = (a: ListedTask, b: ListedTask): number =>
	(a.endtime ?? 0) - (b.endtime ?? 0) ||
	startOf(a.upid) - startOf(b.upid) ||
	(a.upid < b.upid ? -1 : 1);

/** What the trigger emits for a finished task. */
export function itemOf(task: ListedTask, log: string): IDataObject {
	const { endtime } = task;
	return {
		...factsOf(task.upid),
		// Proxmox drops old tasks from its list; the end time of such a task is unknown.
		endedAt: endtime === undefined ? null : isoTime(endtime),
		durationMs: endtime === undefined ? null : (endtime - startOf(task.upid)) * 1000,
		status: statusOf(task),
		exitStatus: task.status ?? '',
		log,
	};
}
