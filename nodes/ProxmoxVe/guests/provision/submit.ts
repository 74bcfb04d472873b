import { sleep, stopwatch } from '../../api/sleep';
import type { PveClient } from '../../api/client';
import {
	isIdTaken,
	isOutcomeUnknown,
	isNotStarted,
	wasNotExecuted,
	isVmLocked,
	PveError,
} from '../../api/errors';
import { pollInterval } from '../../api/tasks/pollInterval';
import { isUpidOf } from '../../api/upid';
import { rememberTask, tasksOf, type ExpectedVmTask } from '../../api/tasks/findOwnTask';
import type { GuestKind } from '../kinds';
import { isConfigComplete, readConfig, type VmConfig } from './guestState';
import { LostAnswerError } from '../../runtime/errors';

/** One VM to create, restore or clone. */
export interface CreateRequest {
	readonly kind: GuestKind;
	/** Where the VM comes to be. */
	readonly node: string;
	/** What it is posted to. */
	readonly path: string;
	/** The IDs to try in turn, until one is free or there are no more. */
	readonly ids: VmIdSource;
	/** How its task is listed. */
	taskOf(vmid: number): ExpectedVmTask;
	/**
	 * What the POST itself takes, before its task runs. Only if that is a free `id`, a repeated POST cannot make
	 * a second VM. A restore that overwrites takes a `vm` that is there, and a clone `nothing`.
	 */
	readonly takes: 'id' | 'vm' | 'nothing';
	/** The body for an ID. */
	body(vmid: number): Record<string, string>;
	/** Whose VM it is, by its complete config: of this very POST, of another one, or undefined if it does not show. */
	whose(config: VmConfig): 'ours' | 'others' | undefined;
	/** Called when Proxmox refuses the POST with 403. @returns whether the body has changed, so that it is worth another try */
	onForbidden?(error: PveError): Promise<boolean>;
	/** Called with each ID before it is tried, so that an error can name it. */
	onAttempt(vmid: number): void;
	/** Called when Proxmox refuses to create a VM with an ID, and no other one is tried. */
	onRefused(): void;
	/** Called when it is unknown whether a POST was handled. */
	onUnknownOutcome(vmid: number, error: PveError): void;
	/** Called with the tasks that may be those of a POST with an unknown outcome, when they are first seen. */
	onSeen(vmid: number, upids: readonly string[]): void;
	/** Called when an empty, locked VM is left behind and the next ID is tried. */
	onLeft?(vmid: number): void;
	/** Asked when an ID is taken: the VM that has it, if that is the one to be made. */
	findExisting?(vmid: number, error: PveError): Promise<Accepted | undefined>;
	/** Longest to wait for a task that may be ours, in seconds. */
	readonly timeoutSeconds: number;
	/** Longest pause between two looks at it, in seconds. */
	readonly maxPollSeconds: number;
	readonly signal?: AbortSignal;
}

/** IDs that a VM may get. */
export interface VmIdSource {
	/** Whether there may be another, if one is taken; not, if left out. */
	readonly hasOthers?: boolean;
	/** The next one to try; undefined if there is no other. */
	next(): Promise<number | undefined>;
	/** Marks an ID as taken by another request. */
	wasTaken(vmid: number): void;
	/** Marks an ID as free again: nothing is left of the VM under it. */
	wasFreed?(vmid: number): void;
}

export interface Accepted {
	readonly vmid: number;
	readonly node: string;
	/** Undefined for a VM whose task is not known: Proxmox has forgotten it, or it could not be read. */
	readonly upid: string | undefined;
	/** It was there before, and nothing was made. */
	readonly existing: boolean;
	/** The name of one that was there before. */
	readonly name?: string;
}

/** What came of one ID. */
type Outcome =
	| Accepted
	/** It belongs to another request; the error says so, or is that of the POST whose response was lost. */
	| { readonly taken: PveError }
	/** An empty, locked VM is left there, which no task works on. */
	| { readonly left: PveError };

/** IDs to try when others take them first. */
const MOST_IDS = 100;
/** Pauses before each further look and try after a lost response or a lock, in milliseconds. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
/** How often a VM that is not complete is looked at before it is believed that no task works on it: its lock is there before its task is listed. */
const IDLE_LOOKS = 3;

/**
 * Posts a VM so that there is one of it, whatever happens on the way.
 *
 * - The ID is taken: it is the very VM that is wanted, or the next ID is tried, if there is one.
 * - The response is lost: the VM itself shows whether it is that of this POST, once its config is complete. A task
 *   proves nothing, since another worker may have sent the same request. Where there is no VM, the same ID is
 *   posted again, which cannot make a second one, since the first to arrive takes the ID. A restore that
 *   overwrites and a clone have no such guard and are only looked for.
 * - A lock was not to be had, or the node was not to be reached: tried again, a few times.
 * - The task could not be started: the ID is left locked, and the next one is tried, if there is one.
 *
 * Source: `POST /nodes/{node}/qemu`, `POST /nodes/{node}/qemu/{vmid}/clone`, `GET /nodes/{node}/qemu/{vmid}/config`,
 * `GET /nodes/{node}/tasks`.
 * @throws PveError if Proxmox refuses it, LostAnswerError if its outcome is unknown
 */
export async function submit(client: PveClient, order: CreateRequest): Promise<Accepted> {
	let last: PveError | undefined;
	const refuse = (error: PveError): PveError => {
		const isThere = order.takes === 'vm' || isOutcomeUnknown(error) || isNotStarted(error);
		if (!isThere) order.onRefused();
		return error;
	};
	for (let tried = 0; tried < MOST_IDS; tried++) {
		const vmid = await order.ids.next();
		if (vmid === undefined) break;
		order.onAttempt(vmid);
		const outcome = await submitAs(client, order, vmid).catch((error: unknown) => {
			throw error instanceof PveError ? refuse(error) : error;
		});
		if ('vmid' in outcome) {
			if (outcome.upid !== undefined && !outcome.existing)
				rememberTask(outcome.upid, await client.cluster());
			return outcome;
		}
		if ('left' in outcome) {
			if (!order.ids.hasOthers) throw outcome.left;
			order.onLeft?.(vmid);
			last = outcome.left;
		} else {
			const existing = await order.findExisting?.(vmid, outcome.taken);
			if (existing) return existing;
			last = outcome.taken;
		}
		order.ids.wasTaken(vmid);
	}
	throw last ? refuse(last) : new Error('there is no VM ID to try');
}

async function submitAs(client: PveClient, order: CreateRequest, vmid: number): Promise<Outcome> {
	const outcome = await sendOnce(client, order, vmid);
	if (typeof outcome === 'string') return accepted(order, vmid, outcome);
	if (isIdTaken(outcome, vmid)) return { taken: outcome };
	if (!isUnresolved(outcome)) throw outcome;
	order.onUnknownOutcome(vmid, outcome);
	return await (order.takes === 'id'
		? resolveById(client, order, vmid, outcome)
		: resolveOnce(client, order, vmid, outcome));
}

const accepted = ({ node }: CreateRequest, vmid: number, upid: string | undefined): Accepted => ({
	vmid,
	node,
	upid,
	existing: false,
});

/** Whether a POST may yet be, or become, a VM, or is worth another try. */
const isUnresolved = (error: PveError): boolean =>
	isOutcomeUnknown(error) || wasNotExecuted(error) || isNotStarted(error);

/**
 * Finds out what became of the POST of a VM under a free ID, and sends it again where that is safe. What decides is the
 * VM's config: it is complete when its task has ended. Until then the VM of another worker, which
 * took the ID a moment before, cannot be distinguished from ours, so its task is waited for.
 */
async function resolveById(
	client: PveClient,
	order: CreateRequest,
	vmid: number,
	first: PveError,
): Promise<Outcome> {
	const sincePost = stopwatch();
	const seen = sightings(order, vmid);
	const pauses = [...PAUSES_MS];
	let doubt = first;
	let lost = isOutcomeUnknown(first) ? first : undefined;
	let unstarted = isNotStarted(first) ? first : undefined;
	let taken: PveError | undefined;
	let idle = 0;
	/** Looks at an incomplete VM beyond the pauses: the last POST may just have been handled. */
	let looks = IDLE_LOOKS;
	let isEmpty = true;
	const unknown = async (error: PveError, why: string): Promise<LostAnswerError> => {
		seen.add((await tasksOf(client, order.taskOf(vmid))).own);
		return new LostAnswerError(error, why, seen.upids());
	};

	for (;;) {
		const node = nodeNamedIn(order.kind, taken) ?? order.node;
		const config = await readConfig(client, { kind: order.kind, node, vmid });
		const isThere = typeof config !== 'string';
		isEmpty = config === 'nothing';
		const whose =
			isThere && isConfigComplete(config) ? (order.whose(config) ?? 'unclear') : undefined;
		// What was left empty is gone, if there is nothing or a whole VM.
		if (config === 'nothing' || whose !== undefined) unstarted = undefined;
		if (whose === 'ours')
			return { ...accepted(order, vmid, await newestTask(client, order, vmid)), node };
		if (taken && whose === 'others') return { taken };
		if (taken && whose === 'unclear') {
			if (lost && !order.findExisting)
				throw await unknown(
					lost,
					`VM ${vmid} exists, but it is unknown whether this request created it.`,
				);
			return { taken };
		}
		if (taken && config === 'nothing') {
			// A guest of another kind has it, or one on a node that is not named. One that has gone leaves its ID to us.
			if (nodeNamedIn(order.kind, taken) === undefined) return { taken };
			taken = undefined;
		}
		// Only the lock of another request's VM was in the way, and nothing of ours can be there.
		const isOnlyLocked = !lost && !unstarted && !taken && isVmLocked(doubt, vmid);
		const isUnclear =
			!isOnlyLocked &&
			((isThere && whose === undefined) || ((taken || unstarted) && config === 'unreadable'));
		if (config !== 'nothing' && isOnlyLocked && (order.ids.hasOthers || order.findExisting))
			return { taken: doubt };
		if (isUnclear) {
			const tasks = await tasksOf(client, order.taskOf(vmid));
			seen.add(tasks.own);
			if (tasks.isBusy) {
				const elapsed = sincePost();
				const left = order.timeoutSeconds * 1000 - elapsed;
				if (left <= 0) {
					if (!lost) throw taken ?? doubt;
					throw await unknown(
						lost,
						`A task was still working on VM ${vmid} after ${order.timeoutSeconds} s. Whether it belongs to this request is known only when it has ended.`,
					);
				}
				idle = 0;
				await sleep(
					Math.min(pollInterval(elapsed, [], order.maxPollSeconds * 1000), left),
					order.signal,
				);
				continue;
			}
			if (tasks.isRead && ++idle >= IDLE_LOOKS) {
				if (unstarted) return { left: unstarted };
				if (order.findExisting) return { taken: taken ?? lost ?? doubt };
				if (lost)
					throw await unknown(
						lost,
						isThere
							? 'No task is creating it.'
							: `VM ${vmid} exists, but cannot be read: this needs VM.Audit on /vms/${vmid} or on its pool.`,
					);
				return { taken: taken ?? doubt };
			}
		}

		const wait = pauses.shift() ?? (isUnclear && looks-- > 0 ? PAUSES_MS[1] : undefined);
		if (wait === undefined) break;
		await sleep(wait, order.signal);
		// The ID is taken, and whose VM it is shows at the next look.
		if (taken || unstarted || isUnclear) continue;
		const outcome = await sendOnce(client, order, vmid);
		if (typeof outcome === 'string') return accepted(order, vmid, outcome);
		if (isIdTaken(outcome, vmid)) taken = outcome;
		else if (isNotStarted(outcome)) unstarted = outcome;
		else if (isOutcomeUnknown(outcome)) lost = outcome;
		else if (isUnresolved(outcome)) doubt = outcome;
		else
			throw lost && config !== 'nothing'
				? await unknown(lost, `A second attempt was refused: ${outcome.message}.`)
				: outcome;
	}
	if (!lost) throw taken ?? doubt;
	// What is there may carry the key, which is looked for with more patience. Without anything there a POST may yet arrive.
	if (order.findExisting && !isEmpty) return { taken: taken ?? lost };
	throw await unknown(lost, 'Its task and its VM could not be found within 30 s.');
}

/**
 * Finds out what became of a POST that is never repeated once its response was lost: of a restore that overwrites, or of a
 * clone. Unless an idempotency key shows in the VM, or the VM is clearly another one, its outcome is unknown.
 */
async function resolveOnce(
	client: PveClient,
	order: CreateRequest,
	vmid: number,
	doubt: PveError,
): Promise<Outcome> {
	const sincePost = stopwatch();
	const seen = sightings(order, vmid);
	const pauses = [...PAUSES_MS];
	let lost = isOutcomeUnknown(doubt) ? doubt : undefined;
	for (;;) {
		if (lost) {
			const config = await readConfig(client, { kind: order.kind, node: order.node, vmid });
			const isWhole = typeof config !== 'string' && isConfigComplete(config);
			if (
				order.takes === 'nothing' &&
				order.ids.hasOthers &&
				isWhole &&
				order.whose(config) === 'others'
			)
				return { taken: lost };
			const tasks = await tasksOf(client, order.taskOf(vmid));
			seen.add(tasks.own);
			const existing = isWhole ? await order.findExisting?.(vmid, lost) : undefined;
			if (existing) return existing;
			if (seen.upids().length > 0 && !order.findExisting) break;
			const elapsed = sincePost();
			const left = order.timeoutSeconds * 1000 - elapsed;
			if (tasks.isBusy && order.findExisting && left > 0) {
				await sleep(
					Math.min(pollInterval(elapsed, [], order.maxPollSeconds * 1000), left),
					order.signal,
				);
				continue;
			}
		}
		const wait = pauses.shift();
		if (wait === undefined) break;
		// The VM to overwrite is locked, and no task will unlock it.
		if (isNotStarted(doubt) && order.takes === 'vm') return { left: doubt };
		await sleep(wait, order.signal);
		if (lost) continue;
		const outcome = await sendOnce(client, order, vmid);
		if (typeof outcome === 'string') return accepted(order, vmid, outcome);
		if (isIdTaken(outcome, vmid) && order.takes === 'nothing') return { taken: outcome };
		if (isNotStarted(outcome) && order.takes === 'vm') return { left: outcome };
		if (isOutcomeUnknown(outcome)) lost = outcome;
		else if (!isUnresolved(outcome)) throw outcome;
	}
	throw lost
		? new LostAnswerError(
				lost,
				'It was not sent again, because it could have been executed twice.',
				seen.upids(),
			)
		: doubt;
}

/** The node where a refusal says that the guest is; undefined for one of another kind, and where it names none. */
export const nodeNamedIn = (
	{ label }: Pick<GuestKind, 'label'>,
	taken: PveError | undefined,
): string | undefined => {
	const [, found, node] =
		/\b(VM|CT) \d+ already exists on node '([^']+)'/.exec(taken?.failure.message ?? '') ?? [];
	return found === label ? node : undefined;
};

/** Keeps the tasks that may be those of a POST. */
function sightings(
	order: CreateRequest,
	vmid: number,
): { add(upids: readonly string[]): void; upids(): string[] } {
	const seen = new Set<string>();
	return {
		add(upids) {
			const fresh = upids.filter((upid) => !seen.has(upid));
			for (const upid of fresh) seen.add(upid);
			if (fresh.length > 0) order.onSeen(vmid, fresh);
		},
		upids: () => [...seen],
	};
}

/** The task that made a VM which is certainly ours: the newest of its kind, since its ID was taken from then on. */
async function newestTask(
	client: PveClient,
	order: CreateRequest,
	vmid: number,
): Promise<string | undefined> {
	for (const wait of [...PAUSES_MS.slice(0, IDLE_LOOKS), undefined]) {
		const { own } = await tasksOf(client, order.taskOf(vmid));
		if (own[0] !== undefined || wait === undefined) return own[0];
		await sleep(wait, order.signal);
	}
	return undefined;
}

/** Posts once. @returns the UPID, or what failed: also a success that names no task, or that of another request */
async function sendOnce(
	client: PveClient,
	order: CreateRequest,
	vmid: number,
): Promise<string | PveError> {
	const answer = await client
		.post<unknown>(order.path, order.body(vmid))
		.catch((error: unknown) => {
			if (error instanceof PveError) return error;
			throw error;
		});
	if (answer instanceof PveError) {
		const isForbidden =
			answer.failure.status === 403 && (await order.onForbidden?.(answer)) === true;
		return isForbidden ? await sendOnce(client, order, vmid) : answer;
	}
	const { node, taskType, vmid: id } = order.taskOf(vmid);
	if (isUpidOf(answer, { node, types: [taskType], vmid: id })) return answer;
	return new PveError({
		status: 200,
		message: 'The response does not name a task of this request',
		request: `POST ${order.path}`,
	});
}
