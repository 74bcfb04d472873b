import { pause } from '../pve/pause';
import type { PveClient } from '../pve/client';
import { isIdTaken, isLost, isPutOff, isVmLocked, PveError } from '../pve/errors';
import { parseUpid } from '../pve/upid';
import { findOwnTask, rememberTask, type TaskTraits } from './ownTask';
import { remainsOf } from './remains';

/** One VM to make. */
export interface Order {
	readonly node: string;
	/** What it is posted to. */
	readonly path: string;
	/** The IDs to try in turn, until one is free or there are no more. */
	readonly ids: Candidates;
	/** How its task is listed. */
	taskOf(vmid: number): TaskTraits;
	/**
	 * It is sent once, and only looked for where its answer is lost: the ID would not stop a second one, since it
	 * is that of the VM which a restore overwrites, or is taken by the task of a clone and not by its request.
	 */
	readonly isOnce: boolean;
	/** The body for an ID. */
	body(vmid: number): Record<string, string>;
	/** Told of each ID before it is tried, so that an error can name it. */
	onTry(vmid: number): void;
	/** Told when it is open whether a POST was handled, before its task is looked for. */
	onDoubt(vmid: number, error: PveError): void;
	/** Asked when an ID is taken: the VM that has it, if that is the one to be made. */
	whoHas?(vmid: number, error: PveError): Promise<Accepted | undefined>;
	readonly signal?: AbortSignal;
}

/** IDs that a VM may get. */
export interface Candidates {
	/** Whether there may be another, where one is taken; not, if left out. */
	readonly hasOthers?: boolean;
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
const MOST_IDS = 100;
/** Pauses before each further look and try after a lost answer or a lock, in milliseconds. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
/** How often a VM whose task is not ours is looked at before it is taken for another's. */
const STRANGER_LOOKS = 3;

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
 *   A restore that overwrites and a clone have no such guard and are only looked for.
 * - A lock was not to be had, or the node was not to be reached: tried again, a few times.
 *
 * Source: `POST /nodes/{node}/qemu`, `POST /nodes/{node}/qemu/{vmid}/clone`, `GET /nodes/{node}/tasks`.
 * @throws PveError where Proxmox refuses it, LostAnswerError where nobody can tell
 */
export async function submit(client: PveClient, order: Order): Promise<Accepted> {
	let taken: PveError | undefined;
	for (let tried = 0; tried < MOST_IDS; tried++) {
		const vmid = await order.ids.next();
		if (vmid === undefined) break;
		order.onTry(vmid);
		const outcome = await submitAs(client, order, vmid);
		if (typeof outcome === 'string') {
			rememberTask(outcome);
			return { vmid, node: order.node, upid: outcome, existing: false };
		}
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
	const outcome = await post(client, order, vmid);
	if (typeof outcome === 'string' || isIdTaken(outcome, vmid)) return outcome;
	if (!isOpen(outcome)) throw outcome;
	order.onDoubt(vmid, outcome);
	return await reconcile(client, order, { vmid, begun, doubt: outcome });
}

/** Whether a POST may yet be, or become, a VM. */
const isOpen = (error: PveError): boolean => isLost(error) || isPutOff(error);

/** Finds out what became of a POST: its task is looked for, and it is sent again where that is safe. */
async function reconcile(
	client: PveClient,
	order: Order,
	{ vmid, begun, doubt }: { vmid: number; begun: number; doubt: PveError },
): Promise<string | PveError> {
	let lost = isLost(doubt) ? doubt : undefined;
	let taken: PveError | undefined;
	let strangers = 0;
	for (const wait of [...PAUSES_MS, undefined]) {
		const { isRead, upid } = await findOwnTask(client, { ...order.taskOf(vmid), begun });
		if (upid !== undefined) return upid;
		// The VM is there before its task is listed, so a stranger's is believed only on the third look.
		if (taken && isRead && ++strangers === STRANGER_LOOKS) {
			if (order.whoHas || (await remainsOf(client, order.node, vmid)) !== 'locked') return taken;
			// Nothing but a lock and no task: this may be what is left of the lost POST, so no other ID is taken.
			throw lost ? new LostAnswerError(lost, 'No task is making it.') : taken;
		}
		// A VM in the making holds its lock for as long as that takes: it has the ID.
		const mayTurn = !lost && (order.ids.hasOthers || order.whoHas !== undefined);
		if (mayTurn && isVmLocked(doubt, vmid) && (await remainsOf(client, order.node, vmid)) !== 'nothing') return doubt;
		if (wait === undefined) break;
		await pause(wait, order.signal);
		if (taken || (lost && order.isOnce)) continue;

		const outcome = await post(client, order, vmid);
		if (typeof outcome === 'string') return outcome;
		if (isIdTaken(outcome, vmid)) taken = outcome;
		else if (isLost(outcome)) lost = outcome;
		else if (!isOpen(outcome)) throw outcome;
	}
	if (!lost) throw taken ?? doubt;
	throw new LostAnswerError(
		lost,
		order.isOnce ? 'Such a request is never sent twice.' : 'Nobody could tell, though it was asked for half a minute.',
	);
}

/** Posts once. @returns the UPID, or what failed: also a success that tells no UPID */
async function post(client: PveClient, order: Order, vmid: number): Promise<string | PveError> {
	const answer = await client.post<unknown>(order.path, order.body(vmid)).catch((error: unknown) => {
		if (error instanceof PveError) return error;
		throw error;
	});
	if (answer instanceof PveError) return answer;
	if (typeof answer === 'string' && parseUpid(answer)) return answer;
	return new PveError({ status: 200, message: 'The answer tells no task', request: `POST ${order.path}` });
}
