/** How many letters must be added, dropped, changed or swapped with a neighbour to get from a to b. */
function distance(a: string, b: string): number {
	let beforePrevious: number[] = [];
	let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let row = 1; row <= a.length; row++) {
		const current = [row];
		for (let column = 1; column <= b.length; column++) {
			const same = a[row - 1] === b[column - 1];
			let best = Math.min(
				(previous[column] ?? 0) + 1,
				(current[column - 1] ?? 0) + 1,
				(previous[column - 1] ?? 0) + (same ? 0 : 1),
			);
			if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
				best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
			}
			current.push(best);
		}
		[beforePrevious, previous] = [previous, current];
	}
	return previous[b.length] ?? 0;
}

/**
 * The known name that a mistyped one most likely stands for.
 * @returns the nearest name, or undefined where none is near enough to be meant
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
	const lower = name.toLowerCase();
	let best: { name: string; distance: number } | undefined;
	for (const candidate of known) {
		const found = distance(lower, candidate.toLowerCase());
		if (!best || found < best.distance) best = { name: candidate, distance: found };
	}
	return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.name : undefined;
}
