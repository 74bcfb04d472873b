import type { Records } from './records';
import type { Outcome } from './replay';

/** `12 / 14`: how many of the lines match. */
export function countMatches(outcomes: Outcome[]): { matched: number; total: number } {
	return { matched: outcomes.filter(({ differences }) => differences.length === 0).length, total: outcomes.length };
}

/** How many lines a file has that have to be compared. */
export function countLines({ exchanges, verdicts }: Records): number {
	return exchanges.length + verdicts.length;
}

/** Why a run proves nothing, though all that it compared match: it did not get through the file. */
export function describeGap(compared: number, lines: number): string | undefined {
	return compared === lines ? undefined : `compared ${compared} of ${lines} lines: the run is incomplete`;
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
