import { synonymOf } from './synonyms';

/** A longer word is not a typo, and the cost of comparing grows with its length. */
const LONGEST = 64;

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

/** How many slips a word may have: in a short one two of them make another word, and a wrong suggestion is worse than none. */
const slipsIn = ({ length }: string): number =>
	length < 4 ? 0 : length < 6 ? 1 : Math.max(2, Math.floor(length / 4));

/**
 * The known name that was most likely meant.
 * @param synonyms words of other tools, and the known name for each
 * @returns undefined if none is near enough to be meant
 */
export function nearest(
	name: string,
	known: readonly string[],
	synonyms: Readonly<Record<string, string>> = {},
): string | undefined {
	if (name.length > LONGEST) return undefined;
	const synonym = synonymOf(synonyms, name, known);
	if (synonym !== undefined) return synonym === '' ? undefined : synonym;
	const lower = name.toLowerCase();
	let best: { name: string; distance: number } | undefined;
	for (const candidate of known) {
		const found = distance(lower, candidate.toLowerCase());
		if (!best || found < best.distance) best = { name: candidate, distance: found };
	}
	return best && best.distance <= slipsIn(name) ? best.name : undefined;
}

/** The end of a message that names what was most likely meant; empty if that cannot be said. */
export const didYouMean = (meant: string | undefined): string =>
	meant === undefined ? '' : `; did you mean ${meant}?`;
