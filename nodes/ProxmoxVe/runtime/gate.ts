/** Lets in so many at a time for each key, the others wait in the order in which they came. */
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
