import type { IDataObject } from 'n8n-workflow';

import { parseUpid } from '../ProxmoxVe/pve/upid';

/** A task as the lists of Proxmox have it. Its times are seconds of its node's own clock. */
export interface ListedTask {
	readonly upid: string;
	/** Set once Proxmox has noticed the end, up to some seconds late. */
	readonly endtime?: number;
	/** Proxmox's word for the end, or `RUNNING`. */
	readonly status?: string;
}

export const STATUSES = ['ok', 'warnings', 'error'] as const;

/** How a task ended. */
export type Status = (typeof STATUSES)[number];

export function statusOf({ status }: ListedTask): Status {
	if (status === 'OK') return 'ok';
	return /^WARNINGS: \d+$/.test(status ?? '') ? 'warnings' : 'error';
}

/** When a task started, in seconds of its node's clock; 0 where the UPID is none. */
export const startOf = (upid: string): number => (parseUpid(upid)?.startedAt.getTime() ?? 0) / 1000;

/** Earliest end first, and always the same order. */
export const byEnd = (a: ListedTask, b: ListedTask): number =>
	(a.endtime ?? 0) - (b.endtime ?? 0) || startOf(a.upid) - startOf(b.upid) || (a.upid < b.upid ? -1 : 1);

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** User and token of `user@realm!token`. */
export function splitUser(owner: string): { user: string; token: string | null } {
	const [user = '', token = null] = owner.split('!');
	return { user, token };
}

/** The VM or container that a task is about; null where it is about none. */
export const vmidOf = (id: string): number | null => (/^[1-9]\d{2,8}$/.test(id) ? Number(id) : null);

/** What the trigger emits for a finished task. */
export function itemOf(task: ListedTask, log: string): IDataObject {
	const { node = '', type = '', id = '', user: owner = '' } = parseUpid(task.upid) ?? {};
	const start = startOf(task.upid);
	const { endtime } = task;
	return {
		upid: task.upid,
		node,
		type,
		id,
		vmid: vmidOf(id),
		...splitUser(owner),
		startedAt: isoOf(start),
		// Proxmox's list forgets old tasks; one that was in it no more has no end that could be told.
		endedAt: endtime === undefined ? null : isoOf(endtime),
		durationMs: endtime === undefined ? null : (endtime - start) * 1000,
		status: statusOf(task),
		exitStatus: task.status ?? '',
		log,
	};
}
