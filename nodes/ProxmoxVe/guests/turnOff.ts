import type { Waiting } from '../form/Form';
import { isOutcomeUnknown, PveError } from '../api/errors';
import { changePower } from './changePower';
import { idOf, type GuestLocation } from './locateGuest';
import type { Item } from '../runtime/operation';

/**
 * Turns a VM off for what comes next, and waits until it is off, whether or not the item waits for its own task. Call
 * it while the item has its place in the gate: else VMs are off long before what they are stopped for.
 * @param request as a PveError names the one that comes next
 * @returns starts the VM again, if the error says that the next request was refused, or if no error is given
 * @throws as changePower does; AbortError if the execution is cancelled
 */
export async function turnOff(
	item: Item,
	place: GuestLocation,
	waiting: Waiting,
	request: string,
): Promise<(error?: unknown) => Promise<void>> {
	item.run.context.getExecutionCancelSignal()?.throwIfAborted();
	let upid: string | undefined;
	await changePower(item, place, 'stop', {
		waiting: { ...waiting, wait: true },
		inGate: true,
		onAccepted: (accepted) => (upid = accepted),
	}).catch((error: unknown) => {
		Object.assign(item.trace, { ...idOf(place), upid });
		throw error;
	});
	Object.assign(item.trace, { ...idOf(place), stopUpid: upid ?? null });
	return async (error) => {
		const isRefused =
			error instanceof PveError && error.failure.request === request && !isOutcomeUnknown(error);
		if (error === undefined || isRefused) await turnOnAgain(item, place, waiting);
	};
}

/** Starts a VM that was stopped in vain. The result goes into the error's trace, and nothing is thrown. */
async function turnOnAgain(item: Item, place: GuestLocation, waiting: Waiting): Promise<void> {
	let upid: string | undefined;
	const failure = await changePower(item, place, 'start', {
		waiting: { ...waiting, wait: true },
		inGate: true,
		onAccepted: (accepted) => (upid = accepted),
	}).then(
		() => undefined,
		(error: unknown) => (error instanceof Error ? error.message : String(error)),
	);
	Object.assign(item.trace, { restartUpid: upid, notRestarted: failure });
}
