/**
 * Does something for each of a number of items, several at a time, and keeps their order.
 * @param count how many items
 * @param limit how many at a time
 * @param work done for each index; where it throws, no further item is begun, but those under way are ended
 * @returns what came of each item that was begun: nothing half done is left out
 */
export async function inParallel<Result>(
	count: number,
	limit: number,
	work: (index: number) => Promise<Result>,
): Promise<Array<PromiseSettledResult<Result>>> {
	const results: Array<PromiseSettledResult<Result>> = [];
	let next = 0;
	let stopped = false;
	const worker = async (): Promise<void> => {
		while (!stopped && next < count) {
			const index = next++;
			results[index] = await work(index).then(
				(value) => ({ status: 'fulfilled', value }) as const,
				(reason: unknown) => {
					stopped = true;
					return { status: 'rejected', reason } as const;
				},
			);
		}
	};
	await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
	return results;
}
