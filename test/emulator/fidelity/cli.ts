/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- a command line tool, neither shipped nor scanned */
// Usage: npm run fidelity -- [FILE.jsonl …]
// Replays recorded exchanges and validator's verdicts (test/facts/README.md tells their form) against the emulator.
// Prints every difference in one line, `matched / total` by group and of all, and ends with 0 only where all match.
// Without a file: test/facts/recordings.jsonl and test/facts/validation.jsonl. A file that cannot be read ends it with 2.
import { join } from 'node:path';
import { readRecords } from './records';
import { replay } from './replay';
import { countMatches, printReport } from './report';

const facts = join(__dirname, '../../facts');

async function main(files: string[]): Promise<void> {
	const chosen = files.length > 0 ? files : [join(facts, 'recordings.jsonl'), join(facts, 'validation.jsonl')];
	let allMatch = true;
	for (const file of chosen) {
		const outcomes = await replay(readRecords(file));
		const { matched, total } = countMatches(outcomes);
		allMatch &&= matched === total;
		console.log([`== ${file}`, ...printReport(outcomes)].join('\n'));
	}
	process.exitCode = allMatch ? 0 : 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 2;
});
