/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { faultCases } from './faults/cases';
import { cell, reliabilityDocument, type Row } from './faults/document';
import { introduction } from './faults/introduction';
import { runCase } from './faults/runCase';
import { howMany } from '../support/howMany';

const DOCUMENT = join(__dirname, '../../docs/reliability.md');
const rows: Row[] = [];

describe.each([...new Set(faultCases.map(({ phase }) => phase))])('%s', (phase) => {
	// They wait most of the time, each for a cluster of its own: several run at once.
	it.concurrent.each(
		faultCases.filter((one) => one.phase === phase).map((one) => [one.fault, one] as const),
	)('%s', async (_fault, faultCase) => {
		const { only, status, vms, containers, leftBehind = 0, posts, upid } = faultCase;
		const isWithPassword = howMany(faultCases.indexOf(faultCase) % 2 === 0, true);
		const kinds = [
			only ?? 'apiToken',
			...(only === undefined && isWithPassword ? ['password' as const] : []),
		];
		const isWithContainers = containers === true || (containers === 'deep' && howMany(0, 1) > 0);
		const outcomes = await Promise.all([
			...kinds.map(async (kind) => await runCase(faultCase, kind)),
			...(isWithContainers ? [runCase(faultCase, 'apiToken', 'container')] : []),
		]);
		for (const outcome of outcomes) {
			expect(outcome).toMatchObject({ leaks: [], unused: [], status, vms, upid });
			if (posts === 'several') expect(outcome.posts).toBeGreaterThan(1);
			else expect(outcome.posts).toBe(posts);
			expect(outcome.leftBehind).toHaveLength(leftBehind);
			for (const vmid of outcome.leftBehind) {
				expect(outcome.sees.join('\n')).toMatch(
					new RegExp(
						`(?:qm|pct) unlock ${vmid}(?: && (?:qm|pct) destroy ${vmid})?|Whether (?:VM|CT) ${vmid} exists .* could not be read`,
					),
				);
			}
		}
		const [first] = outcomes;
		if (first) rows.push({ ...first, faultCase });
	});
});

const varying = faultCases
	.filter(({ seesVary }) => seesVary)
	.map(({ fault }) => `| ${cell(fault)}`);

/** The document without what chance decides: the next free IDs, and what the user sees where a case says that it varies. */
const whatIsCertain = (document: string): string =>
	document
		.split('\n')
		.map((line) => {
			const isVarying = varying.some(
				(start) => line.startsWith(`${start} |`) || line.startsWith(`${start} (`),
			);
			return line
				.split(/(?<!\\) \| /)
				.filter((_cell, index) => !(isVarying && index === 1))
				.join(' | ')
				.replace(/\b(VM|qm unlock|qm destroy) \d+/g, '$1 ID');
		})
		.join('\n');

/** The new document, with the old lines that differ only by chance. */
function updated(old: string, document: string): string {
	const lines = new Map(old.split('\n').map((line) => [whatIsCertain(line), line]));
	return document
		.split('\n')
		.map((line) => lines.get(whatIsCertain(line)) ?? line)
		.join('\n');
}

it('docs/reliability.md says what came of them (else: WRITE_DOCS=1 npx jest test/reliability/faults.test.ts)', () => {
	// Without all of them, as with jest's -t, there is nothing to compare.
	if (rows.length < faultCases.length) return;
	rows.sort((a, b) => faultCases.indexOf(a.faultCase) - faultCases.indexOf(b.faultCase));
	const document = reliabilityDocument(introduction(faultCases.length), rows);
	const old = readFileSync(DOCUMENT, 'utf8');
	if (process.env.WRITE_DOCS) writeFileSync(DOCUMENT, updated(old, document));
	expect(whatIsCertain(readFileSync(DOCUMENT, 'utf8'))).toBe(whatIsCertain(document));
});
