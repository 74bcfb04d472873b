/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The first exchange of the recordings, and the first verdict. */
const [exchange, verdict] = ['recordings.jsonl', 'validation.jsonl'].map((file) => {
	const [line = ''] = readFileSync(join(__dirname, 'facts', file), 'utf8').split('\n', 1);
	return JSON.parse(line) as Record<string, unknown> & { response?: Record<string, unknown> };
});

const folder = mkdtempSync(join(tmpdir(), 'fidelity-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command on a file of these lines, named as one sees it from the file's folder. */
function run(lines: string[]): { code: number | null; output: string } {
	writeFileSync(join(folder, 'mine.jsonl'), lines.join('\n'));
	const env = { ...process.env, npm_lifecycle_event: 'fidelity', INIT_CWD: folder };
	const script = join(__dirname, '../scripts/fidelity.mjs');
	const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'mine.jsonl'], { env, encoding: 'utf8' });
	return { code: status, output: stdout + stderr };
}

describe('npm run fidelity', () => {
	test('ends with 0 where all match, in a file of both forms', () => {
		const { statusLine, ...response } = exchange?.response ?? {};
		// The same answer, with its status line in parts only.
		const inParts = { ...exchange, response };
		const { code, output } = run([exchange, inParts, verdict].map((line) => JSON.stringify(line)));
		expect(code).toBe(0);
		expect(output).toMatch(/^matched \/ total: 3 \/ 3$/m);
		expect(statusLine).toMatch(/^HTTP/);
	});

	test('ends with 1 where one differs, and says in what', () => {
		const wrong = { ...verdict, ok: verdict?.ok !== true };
		const { code, output } = run([exchange, wrong].map((line) => JSON.stringify(line)));
		expect(code).toBe(1);
		expect(output).toMatch(/^mine\.jsonl:2 \[verdicts\] .* expected to be refused, got 403/m);
		expect(output).toMatch(/^matched \/ total: 1 \/ 2$/m);
	});

	test.each([
		['is not JSON', ['{"group":'], 'mine.jsonl:1 is not JSON\n'],
		['has another form', ['', '{"a":1}'], 'mine.jsonl:2 is neither a recorded exchange nor a verdict\n'],
	])('ends with 2 where a line %s', (_title, lines, text) => {
		const { code, output } = run(lines);
		expect(code).toBe(2);
		expect(output).toContain(text);
	});
});
