import type { Since } from '../catalogue/fields';

/** For each release with new fields, the last one known not to have them: for those in between it is unknown. */
const LAST_WITHOUT: Readonly<Record<Since, string>> = {
	'8.4': '7.4',
	'9.1': '9.0',
	'9.2': '8.4',
	'9.2.11': '9.2.3',
};

/** Compares by as many numbers as the second has: 8.4.5 counts as 8.4. */
function isAtMost(version: string, limit: string): boolean {
	const numbers = (text: string): number[] => text.split(/[.\-~]/).map(Number);
	const given = numbers(version);
	for (const [index, number] of numbers(limit).entries()) {
		const own = given[index] ?? 0;
		if (own !== number) return own < number;
	}
	return true;
}

/** Whether a cluster of this version certainly does not have what came with a release. */
export const lacks = (version: string, since: Since): boolean =>
	isAtMost(version, LAST_WITHOUT[since]);
