import { isLost, PveError } from '../api/errors';
import { changePower } from './changePower';
import type { Place } from './locateGuest';
import type { Item } from '../runtime/operation';

/** An item that works within the turn of another: it waits for its tasks, and does not queue for the node again. */
export const inTurn = (item: Item): Item => ({
	...item,
	run: { ...item.run, gate: async (_node, work) => await work() },
});

const waiting = (item: Item, place: Place): Item => ({
	...inTurn(item),
	get: (name, fallback) => (name === 'waitForCompletion' ? true : item.get(name, fallback)),
	trace: { ...place },
});

/**
 * Turns a VM off for what comes next, and waits until it is off, whether or not the item waits for that. Call it in
 * the item's turn: else VMs are off long before what they are stopped for.
 * @returns starts the VM again, where the error says that the next request was refused. @param request as a PveError names it
 * @throws as changePower does; AbortError where the execution is cancelled
 */
export async function turnOff(
	item: Item,
	place: Place,
	request: string,
): Promise<(error: unknown) => Promise<void>> {
	item.run.context.getExecutionCancelSignal()?.throwIfAborted();
	const stopping = waiting(item, place);
	const { upid } = await changePower(stopping, place, 'stop').catch((error: unknown) => {
		Object.assign(item.trace, { ...place, upid: stopping.trace.upid });
		throw error;
	});
	Object.assign(item.trace, { ...place, stopUpid: upid });
	return async (error) => {
		if (error instanceof PveError && error.failure.request === request && !isLost(error))
			await turnOnAgain(item, place);
	};
}

/** Starts a VM that was stopped in vain. What becomes of it goes into the error's trace, and nothing is thrown. */
async function turnOnAgain({ trace, ...item }: Item, place: Place): Promise<void> {
	const starting = waiting({ trace, ...item }, place);
	const failure = await changePower(starting, place, 'start').then(
		() => undefined,
		(error: unknown) => (error instanceof Error ? error.message : String(error)),
	);
	Object.assign(trace, { restartUpid: starting.trace.upid, notRestarted: failure });
}
