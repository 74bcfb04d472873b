import { pause } from '../pve/pause';
import { segment, type PveClient } from '../pve/client';
import { isIdTaken, isLockTimeout, isLost, PveError } from '../pve/errors';
import { parseUpid } from '../pve/upid';

/** One VM to make. */
export interface Order {
	readonly node: string;
	/** The IDs to try in turn, until one is free or there are no more. */
	readonly ids: Candidates;
	/** The task's type in UPIDs. */
	readonly taskType: 'qmcreate' | 'qmrestore';
	/** It goes over a VM that is there: sending it twice would not be stopped by the ID. */
	readonly overwrites: boolean;
	/** The body for an ID. */
	body(vmid: number): Record<string, string>;
	/** Told of each ID before it is tried, so that an error can name it. */
	onTry(vmid: number): void;
	/** Asked when an ID is taken: the VM that has it, if that is the one to be made. */
	whoHas?(vmid: number, error: PveError): Promise<Accepted | undefined>;
	readonly signal?: AbortSignal;
}

/** IDs that a VM may get. */
export interface Candidates {
	/** The next one to try; undefined where there is no other. */
	next(): Promise<number | undefined>;
	/** Tells that another had an ID before. */
	wasTaken(vmid: number): void;
}

export interface Accepted {
	readonly vmid: number;
	readonly node: string;
	/** Undefined for a VM that was there before, and whose task Proxmox has forgotten. */
	readonly upid: string | undefined;
	/** It was there before, and nothing was made. */
	readonly existing: boolean;
}

/** IDs to try when others take them first. */
const MOST_IDS = 30;
/** Pauses before each further try after a lost answer or a lock, in milliseconds. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
/** How often a VM whose task is not ours is looked at before it is taken for another's. */
const STRANGER_LOOKS = 3;
/** How far the clocks of n8n and Proxmox may be apart, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;

/** The answer to a POST was lost, and what became of it could not be found out. */
export class LostAnswerError extends Error {
	constructor(
		readonly reason: PveError,
		/** What was tried, and why it is left at that. */
		readonly advice: string,
	) {
		super(reason.message);
		this.name = 'LostAnswerError';
	}
}

/**
 * Posts a VM so that there is one of it, whatever happens on the way.
 *
 * - Another has the ID first: it is the very VM that is wanted, or the next ID is tried, if there is one.
 * - The answer is lost: the task of this very POST is looked for and adopted. Where there is none, the
 *   same ID is posted again, which cannot make a second VM, since the first to arrive takes the ID.
 *   A restore that overwrites has no such guard and is only looked for.
 * - A lock was not to be had and nothing was left behind: tried again, a few times.
 *
 * Source: `POST /nodes/{node}/qemu`, `GET /nodes/{node}/tasks`.
 * @throws PveError where Proxmox refuses it, LostAnswerError where nobody can tell
 */
export async function submit(client: PveClient, order: Order): Promise<Accepted> {
	let taken: PveError | undefined;
	for (let tried = 0; tried < MOST_IDS; tried++) {
		const vmid = await order.ids.next();
		if (vmid === undefined) break;
		order.onTry(vmid);
		const outcome = await submitAs(client, order, vmid);
		if (typeof outcome === 'string') return { vmid, node: order.node, upid: outcome, existing: false };
		const existing = await order.whoHas?.(vmid, outcome);
		if (existing) return existing;
		taken = outcome;
		order.ids.wasTaken(vmid);
	}
	throw taken ?? new Error('there is no VM ID to try');
}

/** @returns the UPID, or the error that says that the ID is another's */
async function submitAs(client: PveClient, order: Order, vmid: number): Promise<string | PveError> {
	const begun = Date.now();
	let lost: PveError | undefined;
	let strangers = 0;
	for (const wait of [...PAUSES_MS, undefined]) {
		const outcome = await post(client, order, vmid);
		if (typeof outcome === 'string') return outcome;
		const isTaken = isIdTaken(outcome, vmid);
		if (isTaken && !lost) return outcome;
		if (isLost(outcome)) lost = outcome;
		else if (!isTaken && !isLockTimeout(outcome)) throw outcome;
		if (lost) {
			const task = await findTask(client, order, vmid, begun);
			if (typeof task === 'string') return task;
			if (order.overwrites) throw new LostAnswerError(lost, 'A restore that overwrites a VM is never sent twice.');
			// The VM is there before its task is listed, so a stranger's is believed only on the third look.
			if (isTaken && task.none && ++strangers === STRANGER_LOOKS) return outcome;
		}
		if (wait === undefined) throw lost ? new LostAnswerError(lost, 'It was sent again several times, and nobody could tell.') : outcome;
		await pause(wait, order.signal);
	}
	throw new Error('not to be reached: the last pause is undefined');
}

const post = async (client: PveClient, order: Order, vmid: number): Promise<string | PveError> =>
	await client.post<string>(`/nodes/${segment(order.node)}/qemu`, order.body(vmid)).catch((error: unknown) => {
		if (error instanceof PveError) return error;
		throw error;
	});

/**
 * The task of this POST: same VM, same user or token, begun since.
 * @returns its UPID; else `none` tells whether there is none, or nobody could say
 */
async function findTask(client: PveClient, order: Order, vmid: number, begun: number): Promise<string | { none: boolean }> {
	const since = begun - CLOCK_SKEW_MS;
	const query = { source: 'all', vmid, typefilter: order.taskType, since: Math.floor(since / 1000) };
	const listed = await client.get<Array<{ upid: string }>>(`/nodes/${segment(order.node)}/tasks`, query).catch(() => undefined);
	if (!listed) return { none: false };
	const identity = await client.identity();
	const ours = listed.data.filter(({ upid: text }) => {
		const upid = parseUpid(text);
		return upid?.user === identity && upid.id === String(vmid) && upid.startedAt.getTime() >= since;
	});
	const [newest] = ours.sort((a, b) => startOf(b.upid) - startOf(a.upid));
	return newest?.upid ?? { none: true };
}

const startOf = (upid: string): number => parseUpid(upid)?.startedAt.getTime() ?? 0;
