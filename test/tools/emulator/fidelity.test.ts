/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { join } from 'node:path';
import { knownDifferences } from '../../../tools/emulator/fidelity/knownDifferences';
import type { KnownDifferences } from '../../../tools/emulator/fidelity/knownDifferences';
import { readRecords } from '../../../tools/emulator/fidelity/records';
import { replay } from '../../../tools/emulator/fidelity/replay';
import type { Outcome } from '../../../tools/emulator/fidelity/replay';
import { countLines, printReport } from '../../../tools/emulator/fidelity/report';
import { findStateFile, readStateFile } from '../../../tools/emulator/fidelity/stateFile';
import { howMany } from '../../support/howMany';

const LONGEST_REPLAY = 600_000;
const FILES = [
	'recordings.jsonl',
	'recordings-2.jsonl',
	'recordings-3.jsonl',
	'recordings-4.jsonl',
	'validation.jsonl',
	'validation-lxc.jsonl',
];

const numberOf = ({ origin }: Outcome): number => Number(origin.split(':')[1]);

const ascending = (lines: number[]): number[] => [...lines].sort((a, b) => a - b);

describe.each(FILES)('the emulator, against %s', (file) => {
	const path = join(__dirname, '../../../tools/facts', file);
	const records = readRecords(path);
	const known = knownDifferences.filter((entry) => entry.file === file);
	const linesOf = (entries: KnownDifferences[]) => new Set(entries.flatMap(({ lines }) => lines));
	let outcomes: Outcome[] = [];

	beforeAll(async () => {
		const state = findStateFile(path);
		outcomes = await replay(records, state === undefined ? undefined : readStateFile(state), {
			// All are checked by the same code; a prime meets texts of every kind.
			everyNth: howMany(13, 1),
		});
	}, LONGEST_REPLAY);

	test('compares every line', () => {
		expect(outcomes).toHaveLength(countLines(records));
	});

	test('differs in no line that is not known to', () => {
		const expected = linesOf(known);
		const unexpected = outcomes.filter(
			(outcome) => outcome.differences.length > 0 && !expected.has(numberOf(outcome)),
		);
		// The report names each line; a bare number would say nothing.
		expect(unexpected.length === 0 ? [] : printReport(unexpected)).toEqual([]);
	});

	test('has no known difference that is none any more', () => {
		const matching = new Set(
			outcomes.filter(({ differences }) => differences.length === 0).map(numberOf),
		);
		expect(ascending([...linesOf(known)].filter((line) => matching.has(line)))).toEqual([]);
	});

	test('refuses what it cannot do, and nothing else', () => {
		const refused = outcomes
			.filter(({ differences }) => differences.some((text) => /got 501\b/.test(text)))
			.map(numberOf);
		expect(refused).toEqual(ascending([...linesOf(known.filter(({ isRefused }) => isRefused))]));
	});
});
