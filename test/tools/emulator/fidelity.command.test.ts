/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The first exchange of the recordings, and the first verdict. */
const [exchange, verdict] = ['recordings.jsonl', 'validation.jsonl'].map((file) => {
	const [line = ''] = readFileSync(join(__dirname, '../../../tools/facts', file), 'utf8').split(
		'\n',
		1,
	);
	return JSON.parse(line) as Record<string, unknown> & { response?: Record<string, unknown> };
});

/** A token with all rights, as the recordings send it. */
const headers = { Authorization: 'PVEAPIToken=root@pam!full=00000000-0000-4000-8000-000000000000' };
const start = { method: 'POST', path: '/api2/json/nodes/pve1/qemu/100/status/start' };

const folder = mkdtempSync(join(tmpdir(), 'fidelity-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command on a file of these lines, named as one sees it from the file's folder. */
function run(
	lines: string[],
	{ file = 'mine.jsonl', options = [] as string[] } = {},
): { code: number | null; output: string } {
	writeFileSync(join(folder, file), lines.join('\n'));
	const env = { ...process.env, npm_lifecycle_event: 'fidelity', INIT_CWD: folder };
	const script = join(__dirname, '../../../scripts/fidelity.mjs');
	const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options, file], {
		env,
		encoding: 'utf8',
	});
	return { code: status, output: stdout + stderr };
}

/** The first exchange with another request and another response. */
const altered = (request: Record<string, unknown>, response: unknown): string =>
	JSON.stringify({ group: 'mine', name: 'mine', request: { headers, ...request }, response });

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

	test('reports a task that was started where an error is expected, and goes on with the next line', () => {
		const failed = altered(start, { status: 500, statusText: 'foo', body: { data: null } });
		const { code, output } = run([failed, JSON.stringify(exchange)]);
		expect(code).toBe(1);
		expect(output).toMatch(/^mine\.jsonl:1 \[mine\] mine: expected 500 "foo", got 200 "OK"$/m);
		expect(output).toMatch(/^matched \/ total: 1 \/ 2$/m);
	});

	test('compares an answer that was not given, and refuses a line without any', () => {
		const unanswered = altered({ method: 'GET', path: '/api2/json/version' }, null);
		expect(run([unanswered]).output).toContain(
			'mine.jsonl:1 [mine] mine: expected no answer, got 200 "OK"',
		);
		const empty = run([altered(start, undefined)]);
		expect(empty.code).toBe(2);
		expect(empty.output).toContain('mine.jsonl:1 has no response');
	});

	test('starts from a state that is given, or lies beside the recording under the same number', () => {
		const state = JSON.parse(
			readFileSync(join(__dirname, '../../../tools/facts/state.json'), 'utf8'),
		) as { version: Record<string, string> };
		const body = { data: { ...state.version, version: '9.9.9' } };
		writeFileSync(join(folder, 'state-7.json'), JSON.stringify({ ...state, version: body.data }));
		const line = altered(
			{ method: 'GET', path: '/api2/json/version' },
			{ status: 200, statusText: 'OK', body },
		);
		expect(run([line]).code).toBe(1);
		expect(run([line], { options: ['--state', 'state-7.json'] }).code).toBe(0);
		expect(run([line], { file: 'recordings-7.jsonl' }).code).toBe(0);
		expect(run([line], { options: ['--state', 'mine.jsonl'] })).toMatchObject({
			code: 2,
			output: expect.stringContaining('is no state of a server') as string,
		});
	});

	test.each([
		['is not JSON', ['{"group":'], 'mine.jsonl:1 is not JSON\n'],
		[
			'has another form',
			['', '{"a":1}'],
			'mine.jsonl:2 is neither a recorded exchange nor a verdict\n',
		],
	])('ends with 2 where a line %s', (_title, lines, text) => {
		const { code, output } = run(lines);
		expect(code).toBe(2);
		expect(output).toContain(text);
	});
});
