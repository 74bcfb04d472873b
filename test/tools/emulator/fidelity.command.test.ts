/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { compareFiles } from '../../../tools/emulator/fidelity/compareFiles';
import type { Verdict } from '../../../tools/emulator/fidelity/records';
import { replay } from '../../../tools/emulator/fidelity/replay';

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
function runCommand(lines: string[]): { code: number | null; output: string } {
	writeFileSync(join(folder, 'mine.jsonl'), lines.join('\n'));
	const env = { ...process.env, npm_lifecycle_event: 'fidelity', INIT_CWD: folder };
	const script = join(__dirname, '../../../scripts/fidelity.mjs');
	const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'mine.jsonl'], {
		env,
		encoding: 'utf8',
	});
	return { code: status, output: stdout + stderr };
}

/** What the command does, in this process. */
async function run(
	lines: string[],
	{ file = 'mine.jsonl', state = undefined as string | undefined } = {},
): Promise<{ isRight: boolean; output: string }> {
	writeFileSync(join(folder, file), lines.join('\n'));
	const output: string[] = [];
	const isRight = await compareFiles([join(folder, file)], {
		state: state === undefined ? undefined : join(folder, state),
		print: (text) => output.push(text),
	});
	return { isRight, output: output.join('\n') };
}

/** The first exchange with another request and another response. */
const altered = (request: Record<string, unknown>, response: unknown): string =>
	JSON.stringify({ group: 'mine', name: 'mine', request: { headers, ...request }, response });

describe('npm run fidelity', () => {
	test('ends with 0 if all match, in a file of both forms', () => {
		const { statusLine, ...response } = exchange?.response ?? {};
		// The same answer, with its status line in parts only.
		const inParts = { ...exchange, response };
		const { code, output } = runCommand(
			[exchange, inParts, verdict].map((line) => JSON.stringify(line)),
		);
		expect(code).toBe(0);
		expect(output).toMatch(/^matched \/ total: 3 \/ 3$/m);
		expect(statusLine).toMatch(/^HTTP/);
	});

	test('ends with 1 if one differs, and says in what', () => {
		const wrong = { ...verdict, ok: verdict?.ok !== true };
		const { code, output } = runCommand([exchange, wrong].map((line) => JSON.stringify(line)));
		expect(code).toBe(1);
		expect(output).toMatch(/^mine\.jsonl:2 \[verdicts\] .* expected to be refused, got 403/m);
		expect(output).toMatch(/^matched \/ total: 1 \/ 2$/m);
	});

	test('reports a task that was started if an error is expected, and continues with the next line', async () => {
		const failed = altered(start, { status: 500, statusText: 'foo', body: { data: null } });
		const { isRight, output } = await run([failed, JSON.stringify(exchange)]);
		expect(isRight).toBe(false);
		expect(output).toMatch(/^mine\.jsonl:1 \[mine\] mine: expected 500 "foo", got 200 "OK"$/m);
		expect(output).toMatch(/^matched \/ total: 1 \/ 2$/m);
	});

	test('compares an answer that was not given, and refuses a line without any', async () => {
		const unanswered = altered({ method: 'GET', path: '/api2/json/version' }, null);
		expect((await run([unanswered])).output).toContain(
			'mine.jsonl:1 [mine] mine: expected no answer, got 200 "OK"',
		);
		await expect(run([altered(start, undefined)])).rejects.toThrow('mine.jsonl:1 has no response');
	});

	test('starts from a state that is given, or lies beside the recording under the same number', async () => {
		const state = JSON.parse(
			readFileSync(join(__dirname, '../../../tools/facts/state.json'), 'utf8'),
		) as { version: Record<string, string> };
		const body = { data: { ...state.version, version: '9.9.9' } };
		writeFileSync(join(folder, 'state-7.json'), JSON.stringify({ ...state, version: body.data }));
		const line = altered(
			{ method: 'GET', path: '/api2/json/version' },
			{ status: 200, statusText: 'OK', body },
		);
		expect(await run([line])).toMatchObject({ isRight: false });
		expect(await run([line], { state: 'state-7.json' })).toMatchObject({ isRight: true });
		expect(await run([line], { file: 'recordings-7.jsonl' })).toMatchObject({ isRight: true });
		await expect(run([line], { state: 'mine.jsonl' })).rejects.toThrow('is no state of a server');
	});

	test('ends with 2 if a line is not JSON', () => {
		const { code, output } = runCommand(['{"group":']);
		expect(code).toBe(2);
		expect(output).toContain('mine.jsonl:1 is not JSON\n');
	});

	test('refuses a line of another form', async () => {
		await expect(run(['', '{"a":1}'])).rejects.toThrow(
			'mine.jsonl:2 is neither a recorded exchange nor a verdict',
		);
	});

	test('finds a wrong verdict over HTTP and past it', async () => {
		const { param = '', form = {} } = (verdict ?? {}) as unknown as Partial<Verdict>;
		const wrong = { origin: 'mine.jsonl:1', param, form, ok: false, errors: { acpi: 'no' } };
		const records = { exchanges: [], verdicts: [wrong, wrong] };
		const outcomes = await replay(records, undefined, { everyNth: 2 });
		expect(outcomes.map(({ differences }) => differences.length)).toEqual([1, 1]);
	});
});
