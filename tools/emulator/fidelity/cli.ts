/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- a command line tool, neither shipped nor scanned */
// Usage: npm run fidelity -- [--state FILE.json] [FILE.jsonl …]
// Replays recorded exchanges and validator's verdicts (tools/facts/README.md describes their form) against the emulator.
// The emulator starts from the state file that is given, else from the one that lies beside a recording under the same
// number (recordings-2.jsonl and state-2.json), else from tools/facts/state.json.
// Prints every difference in one line, `matched / total` by group and of all, and ends with 0 only where all lines of
// the files were compared and match. Without a file: all of tools/facts. A file that cannot be read ends it with 2.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareFiles } from './compareFiles';

const facts = join(__dirname, '../../facts');

/** What is under way: the process also ends where nothing is left that it could wait for. */
let underWay: string | undefined = 'nothing was compared';

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		options: { state: { type: 'string' } },
		allowPositionals: true,
	});
	const own = readdirSync(facts)
		.filter((name) => name.endsWith('.jsonl'))
		.map((name) => join(facts, name));
	const isRight = await compareFiles(positionals.length > 0 ? positionals : own, {
		state: values.state,
		onStart: (text) => (underWay = text),
		print: console.log,
	});
	underWay = undefined;
	process.exitCode = isRight ? 0 : 1;
}

process.once('exit', () => {
	if (underWay === undefined) return;
	console.error(underWay);
	process.exitCode = 2;
});

main().catch((error: unknown) => {
	underWay = error instanceof Error ? error.message : String(error);
});
