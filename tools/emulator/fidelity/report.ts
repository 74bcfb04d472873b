import type { Records } from './records';
import type { Outcome } from './replay';

/** `12 / 14`: how many of the lines match. */
export function countMatches(outcomes: Outcome[]): { matched: number; total: number } {
	return {
		matched: outcomes.filter(({ differences }) => differences.length === 0).length,
		total: outcomes.length,
	};
}

/** How many lines a file has that have to be compared. */
export function countLines({ exchanges, verdicts }: Records): number {
	return exchanges.length + verdicts.length;
}

/** Whether all `lines` of a file were compared and match, and where fewer were compared, the text that says so. */
export function verdictOf(outcomes: Outcome[], lines: number): { isRight: boolean; gap?: string } {
	const { matched, total } = countMatches(outcomes);
	if (total === lines) return { isRight: matched === total };
	return { isRight: false, gap: `compared ${total} of ${lines} lines: the run is incomplete` };
}

/** The lines of a report: each difference, then the numbers by group, then those of all. */
export function printReport(outcomes: Outcome[]): string[] {
	const differences = outcomes.flatMap(({ origin, group, name, differences: ofLine }) =>
		ofLine.map((text) => `${origin} [${group}] ${name}: ${text}`.replace(/\s*\n\s*/g, ' ')),
	);
	const groups = [...new Set(outcomes.map(({ group }) => group))].map((group) => {
		const { matched, total } = countMatches(outcomes.filter((outcome) => outcome.group === group));
		return `${group}: ${matched} / ${total}`;
	});
	const { matched, total } = countMatches(outcomes);
	return [...differences, ...groups, `matched / total: ${matched} / ${total}`];
}
