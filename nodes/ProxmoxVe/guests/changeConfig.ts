import { isOutcomeUnknown, isTransient, PveError, TaskError } from '../api/errors';
import { sleep, stopwatch } from '../api/sleep';
import { changedNothingOf, followTask, type Follow, type TaskOutput } from '../runtime/followTask';
import { createGate, type Gate } from '../runtime/concurrency';
import type { GuestLocation } from './locateGuest';
import { UnknownOutcomeError } from '../runtime/errors';
import { possibleTasks, reachedWarning, untilEnded, type LostRequest } from './lostChange';
import type { Item } from '../runtime/operation';
import type { Run } from '../runtime/run';

/** A change of a VM's configuration, made for the configuration that was just read. */
export interface ConfigChange<Before> {
	/** What was read. */
	readonly before: Before;
	/** The digest of what was read. Of all requests with one digest Proxmox carries out one at most. */
	readonly digest: string;
	/** The digest that the user named instead: then no other one is tried. */
	readonly fixedDigest?: string;
	/** Sends it. @returns the UPID; null if it was carried out at once */
	send(): Promise<string | null>;
	/**
	 * What became of an earlier request with a lost response, now that the configuration is another one.
	 * `reached`: what it asks for is so. `notReached`: it was not carried out, or may be carried out twice.
	 */
	judge(earlier: Before): 'reached' | 'notReached' | 'unknown';
}

/** Thrown by `prepare` where the VM is already as it should be. */
export class NothingToChange extends Error {}

/** Pauses before a change is prepared again because the VM was changed meanwhile, in milliseconds; the last one repeats. */
const PAUSES_MS = [200, 500, 1_000, 2_000];
/** How often it is tried in all. */
const MOST_TRIES = 12;

/** The changes of one run take turns by VM, so that none makes the digest of another one stale. */
interface Turns {
	readonly gate: Gate;
	/** By VM: the task of the last change, if its item does not wait for it. */
	readonly started: Map<number, string>;
}
const turns = new WeakMap<Run, Turns>();
function turnsOf(run: Run): Turns {
	const found = turns.get(run) ?? { gate: createGate(1), started: new Map() };
	turns.set(run, found);
	return found;
}

/** Does something with a VM while no other item of the run changes its configuration or its snapshots. */
export const takeTurn = async <Result>(
	run: Run,
	vmid: number,
	act: () => Promise<Result>,
): Promise<Result> => await turnsOf(run).gate(String(vmid), act);

/**
 * Changes the configuration of a VM once, whatever happens on the way. The digest of what was read goes with each
 * request, so a request with a lost response may be sent again as long as the configuration is still the same.
 * @throws as followTask does; UnknownOutcomeError if the outcome of a request is unknown
 */
export async function changeConfig<Before>(
	item: Item,
	place: GuestLocation,
	described: Described<Before>,
): Promise<TaskOutput> {
	const { gate, started } = turnsOf(item.run);
	return await gate(String(place.vmid), async () => {
		const before = started.get(place.vmid);
		if (before !== undefined) await untilEnded(item, [before], described.waiting);
		const task = await inTurn(item, place, described);
		if (task.taskStatus === 'running' && task.upid !== null) started.set(place.vmid, task.upid);
		return task;
	});
}

/** A change, as long as it is the same for all tries. */
interface Described<Before>
	extends Pick<Follow, 'label' | 'waiting' | 'mayEndAtOnce' | 'inGate' | 'onAccepted'> {
	/** The types of its task in UPIDs. */
	readonly types: readonly string[];
	/** Reads the VM and makes the change for it. */
	prepare(): Promise<ConfigChange<Before>>;
}

async function inTurn<Before>(
	item: Item,
	place: GuestLocation,
	described: Described<Before>,
): Promise<TaskOutput> {
	const { run } = item;
	const { label: what, types } = described;
	const elapsed = stopwatch();
	const signal = run.context.getExecutionCancelSignal();
	let lost: Lost<Before> | undefined;
	for (let tried = 1; ; tried++) {
		const change = await preparedAfter(item, place, described, lost);
		if (lost !== undefined && change !== undefined && change.digest !== lost.change.digest) {
			const { own, isRead } = await possibleTasks(item, place.node, lost.request);
			const verdict = change.judge(lost.change.before);
			if (verdict === 'reached') {
				const warnings = [reachedWarning(what, own)];
				return {
					upid: null,
					taskStatus: 'warnings',
					exitStatus: null,
					warnings,
					startedAt: null,
					durationMs: elapsed(),
				};
			}
			if (verdict === 'unknown' && (own.length > 0 || !isRead))
				throw new UnknownOutcomeError(lost.error, what, own);
			lost = undefined;
		}
		const sent = change && (await sendOnce(item, place, described, change));
		if (sent?.task) return { ...sent.task, durationMs: elapsed() };
		if (change !== undefined && sent?.lost) {
			lost ??= {
				error: sent.lost,
				change,
				request: { what, types, startedAt: sent.at, id: String(place.vmid) },
			};
			run.context.logger.warn(
				`The response to the ${what} was lost (${sent.lost.message}): its effect is looked for`,
				{ ...item.trace },
			);
		} else if (
			sent?.outdated &&
			(!mayTryAnew(change, lost) || (tried >= MOST_TRIES && lost === undefined))
		) {
			throw sent.outdated;
		}
		if (tried >= MOST_TRIES && lost !== undefined)
			throw new UnknownOutcomeError(
				lost.error,
				what,
				(await possibleTasks(item, place.node, lost.request)).own,
			);
		await sleep(PAUSES_MS[Math.min(tried, PAUSES_MS.length) - 1] ?? 0, signal);
	}
}

/** A request with a lost response. */
interface Lost<Before> {
	readonly error: PveError;
	readonly change: ConfigChange<Before>;
	readonly request: LostRequest;
}

/** Whether a change that came too late may be made for the VM as it is now. A digest of the user's says no, unless its own request may have made it stale. */
const mayTryAnew = <Before>(
	change: ConfigChange<Before> | undefined,
	lost: Lost<Before> | undefined,
): boolean =>
	change?.fixedDigest === undefined || (lost !== undefined && change.fixedDigest === change.digest);

/**
 * The change for the VM as it is now. After a lost response the tasks that may be its own are awaited first, and
 * what cannot be read is left for the next try.
 * @throws UnknownOutcomeError if the lost request, once executed, does not allow the change again
 */
async function preparedAfter<Before>(
	item: Item,
	place: GuestLocation,
	{ waiting, prepare }: Described<Before>,
	lost: Lost<Before> | undefined,
): Promise<ConfigChange<Before> | undefined> {
	if (lost === undefined) return await prepare();
	const { running, own } = await possibleTasks(item, place.node, lost.request);
	await untilEnded(item, running, waiting);
	return await prepare().catch((error: unknown) => {
		if (item.run.context.getExecutionCancelSignal()?.aborted) throw error;
		if (error instanceof NothingToChange) throw error;
		if (error instanceof PveError && isTransient(error)) return undefined;
		throw new UnknownOutcomeError(lost.error, lost.request.what, own);
	});
}

/** What came of one request: its task, no response, or a VM that was no longer as it was. @throws every other failure */
interface Sent {
	readonly at: number;
	readonly task?: TaskOutput;
	readonly lost?: PveError;
	readonly outdated?: PveError | TaskError;
}

async function sendOnce<Before>(
	item: Item,
	place: GuestLocation,
	{ label, types, waiting, mayEndAtOnce, inGate, onAccepted }: Described<Before>,
	{ send }: ConfigChange<Before>,
): Promise<Sent> {
	const at = Date.now();
	return await followTask(item, {
		...place,
		label,
		types,
		waiting,
		mayEndAtOnce,
		inGate,
		onAccepted,
		start: send,
		changedNothing: changedNothingOf(place.vmid),
	}).then(
		(task) => ({ at, task }),
		(error: unknown) => {
			if (error instanceof PveError && isOutcomeUnknown(error)) return { at, lost: error };
			if (isOutdated(error)) return { at, outdated: error };
			throw error;
		},
	);
}

/** Whether a change was refused because the VM is no longer as it was. */
const isOutdated = (error: unknown): error is PveError | TaskError =>
	(error instanceof PveError || error instanceof TaskError) &&
	/checksum mis+match|detected modified configuration/.test(error.message);
