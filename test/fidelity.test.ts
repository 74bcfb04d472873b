/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { join } from 'node:path';
import { knownDifferences } from './emulator/fidelity/knownDifferences';
import type { KnownDifference } from './emulator/fidelity/knownDifferences';
import { readRecords } from './emulator/fidelity/records';
import { replay } from './emulator/fidelity/replay';
import type { Outcome } from './emulator/fidelity/replay';
import { countMatches, printReport } from './emulator/fidelity/report';

const LONGEST_REPLAY = 600_000;

/** How much of each file must match; the rest has to be known. */
const ENOUGH = 0.95;

function isKnownFor({ group, name }: Outcome, text: string): (known: KnownDifference) => boolean {
	return (known) => known.group === group && known.name === name && text.startsWith(known.differs);
}

describe.each(['recordings.jsonl', 'validation.jsonl'])('the emulator, against %s', (file) => {
	let outcomes: Outcome[] = [];

	beforeAll(async () => {
		outcomes = await replay(readRecords(join(__dirname, 'facts', file)));
	}, LONGEST_REPLAY);

	test('differs only where it is known to', () => {
		const unknown = outcomes.map((outcome) => ({
			...outcome,
			differences: outcome.differences.filter((text) => !knownDifferences.some(isKnownFor(outcome, text))),
		}));
		const { matched, total } = countMatches(unknown);
		// The report names each line; a bare count would tell nothing.
		expect(matched === total ? [] : printReport(unknown)).toEqual([]);
	});

	test('matches in at least 95 of 100 lines', () => {
		const { matched, total } = countMatches(outcomes);
		expect(matched / total).toBeGreaterThanOrEqual(ENOUGH);
	});

	test('has no known difference that is none any more', () => {
		const groups = new Set(outcomes.map(({ group }) => group));
		const stale = knownDifferences.filter(
			(known) =>
				groups.has(known.group) &&
				!outcomes.some((outcome) => outcome.differences.some((text) => isKnownFor(outcome, text)(known))),
		);
		expect(stale).toEqual([]);
	});
});
