import { sleep } from '../api/sleep';

/** FIFO semaphore per key: work above the limit waits in the order in which it came. */
export type Gate = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export function createGate(limit: number): Gate {
	const inside = new Map<string, number>();
	const waiting = new Map<string, Array<() => void>>();

	return async (key, work) => {
		const count = inside.get(key) ?? 0;
		if (count < limit) {
			inside.set(key, count + 1);
		} else {
			// The one that leaves hands its place over.
			await new Promise<void>((enter) => {
				const queue = waiting.get(key) ?? [];
				queue.push(enter);
				waiting.set(key, queue);
			});
		}
		try {
			return await work();
		} finally {
			const first = waiting.get(key)?.shift();
			if (first) first();
			else inside.set(key, (inside.get(key) ?? 1) - 1);
		}
	};
}

/** How long items may keep the process busy until others get a turn: webhooks, other executions. In milliseconds. */
const TURN_MS = 15;

/**
 * Does something for each of a number of items, several at a time, and keeps their order.
 * @param count how many items
 * @param limit how many at a time
 * @param work done for each index; if it throws, no further item is started, but those under way are finished
 * @returns what came of each item that was started, so that nothing half done is left out
 */
export async function inParallel<Result>(
	count: number,
	limit: number,
	work: (index: number) => Promise<Result>,
): Promise<Array<PromiseSettledResult<Result>>> {
	const results: Array<PromiseSettledResult<Result>> = [];
	let next = 0;
	let stopped = false;
	const start = createGate(1);
	let turnEnds = performance.now() + TURN_MS;

	/** Starts the next item, and waits until it is done or waits for something itself: what it does before that stops all of n8n. */
	const startNext = async (): Promise<{ readonly done: Promise<void> } | undefined> => {
		if (performance.now() >= turnEnds) {
			await sleep(0);
			turnEnds = performance.now() + TURN_MS;
		}
		// The first ones start side by side, so what is wrong with them is reported together.
		if (next >= count || (stopped && next >= limit)) return undefined;
		const index = next++;
		const done = work(index).then(
			(value) => void (results[index] = { status: 'fulfilled', value }),
			(reason: unknown) => {
				stopped = true;
				results[index] = { status: 'rejected', reason };
			},
		);
		await Promise.race([done, sleep(0)]);
		return { done };
	};
	const worker = async (): Promise<void> => {
		for (;;) {
			const started = await start('', startNext);
			if (!started) return;
			await started.done;
		}
	};
	await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
	return results;
}
