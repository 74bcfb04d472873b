import { segment } from './client';

/** What a UPID says about its task. */
export interface Task {
	readonly upid: string;
	readonly node: string;
	readonly startedAt: Date;
	/** When its process started, in hundredths of a second since the node was booted. */
	readonly processStart: number;
	readonly type: string;
	/** The VM ID, for tasks of a VM. */
	readonly id: string;
	/** User or token that started it: `user@realm` or `user@realm!token`. */
	readonly user: string;
}

const UPID =
	/^UPID:([^:]+):[0-9A-F]{8}:([0-9A-F]{8,9}):([0-9A-F]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/i;

/**
 * Takes apart `UPID:node:pid:pstart:starttime:type:id:user:` (pid, pstart and starttime in hex).
 * Source: pve-common `Tools.pm`, `upid_decode`.
 * @returns undefined if the text is no UPID
 */
export function parseUpid(text: unknown): Task | undefined {
	const match = typeof text === 'string' ? UPID.exec(text) : null;
	if (!match) return undefined;
	const [upid, node = '', processStart = '', start = '', type = '', id = '', user = ''] = match;
	return {
		upid,
		node,
		startedAt: new Date(parseInt(start, 16) * 1000),
		processStart: parseInt(processStart, 16),
		type,
		id,
		user,
	};
}

/** The path of a task in the API, under the node that its UPID names. */
export const taskPath = (upid: string): string =>
	`/nodes/${segment(parseUpid(upid)?.node ?? '')}/tasks/${segment(upid)}`;

/** What the task of a request must be like; whatever is left out may be anything. */
export interface ExpectedTask {
	/** The node that was asked; `localhost` means any. */
	readonly node?: string;
	readonly types?: readonly string[];
	readonly vmid?: number;
}

/** Whether a text is the UPID of a task that a request can have started: a proxy may answer with that of another one. */
export function isUpidOf(text: unknown, { node, types, vmid }: ExpectedTask): text is string {
	const upid = parseUpid(text);
	return (
		upid !== undefined &&
		(node === undefined || node === 'localhost' || upid.node === node) &&
		(types === undefined || types.length === 0 || types.includes(upid.type)) &&
		// Of a move between two guests it is `600-mp0>110-mp0`.
		(vmid === undefined || upid.id.split('-')[0] === String(vmid))
	);
}
