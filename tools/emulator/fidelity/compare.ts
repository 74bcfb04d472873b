import type { Answer } from './client';
import { isRecord, show } from './json';
import type { RecordedResponse, RecordedTask } from './records';
import { compareRows } from './rows';
import { compareLists, compareValues } from './values';
import { maskVolatile } from './volatile';

export interface StatusLine {
	status: number;
	phrase: string;
}

/** `HTTP/1.1 500 some reason` in its parts. */
export function readStatusLine(line: string): StatusLine {
	const [, status, phrase = ''] = /^HTTP\/\S+ (\d+) ?(.*)$/.exec(line) ?? [];
	return { status: Number(status), phrase };
}

function compareStatus(expected: StatusLine, actual: StatusLine, sent: string): string[] {
	const isSame =
		expected.status === actual.status &&
		maskVolatile(expected.phrase, sent) === maskVolatile(actual.phrase, sent);
	if (isSame) return [];
	return [
		`expected ${expected.status} ${show(expected.phrase)}, got ${actual.status} ${show(actual.phrase)}`,
	];
}

/** Of the headers only what tells a client how to read the answer, or where to go. */
function compareHeaders(expected: Record<string, string>, actual: Answer['headers']): string[] {
	// Some exchanges were recorded without headers.
	if (Object.keys(expected).length === 0) return [];
	return ['Content-Type', 'Location'].flatMap((name) => {
		const [before, after] = [expected[name], actual[name.toLowerCase()]].map((value) =>
			maskVolatile(value ?? ''),
		);
		return before === after ? [] : [`header ${name}: expected ${show(before)}, got ${show(after)}`];
	});
}

const isLog = (rows: unknown[]) =>
	rows.length > 0 && rows.every((row) => isRecord(row) && 'n' in row && 't' in row);

function lastLine(lines: unknown): string {
	return String(lines).trimEnd().split('\n').at(-1) ?? '';
}

/** Log lines are those of QEMU's tools; only the last one is the API's own, and only if the log has ended. */
function compareLastLines(path: string, expected: string, actual: string): string[] {
	return expected.startsWith('TASK ') ? compareValues(path, expected, actual) : [];
}

function compareLogs(expected: unknown[], actual: unknown[], query: URLSearchParams): string[] {
	const [before, after] = [expected, actual].map((rows) => rows.filter(isRecord));
	return [
		...compareRows(expected, actual, query),
		...compareValues('first line number', before?.[0]?.n, after?.[0]?.n),
		...compareLastLines('last log line', String(before?.at(-1)?.t), String(after?.at(-1)?.t)),
	];
}

/** What only a running QEMU can say of a VM. */
const FROM_QEMU = [
	'balloon',
	'ballooninfo',
	'blockstat',
	'diskread',
	'diskwrite',
	'proxmox-support',
	'running-machine',
	'running-qemu',
];

/** On the host of the first recordings QEMU did not answer to questions: what it would have said is missing there. */
function withoutQemu(expected: unknown, actual: unknown): unknown {
	if (!isRecord(expected) || !isRecord(actual)) return actual;
	if (!('qmpstatus' in expected) || FROM_QEMU.some((name) => name in expected)) return actual;
	return Object.fromEntries(Object.entries(actual).filter(([name]) => !FROM_QEMU.includes(name)));
}

function compareData(
	expected: unknown,
	answered: unknown,
	query: URLSearchParams,
	sent: string,
): string[] {
	const actual = withoutQemu(expected, answered);
	if (Array.isArray(expected) && Array.isArray(actual)) {
		if (isLog(expected) && isLog(actual)) return compareLogs(expected, actual, query);
		const isList = [...expected, ...actual].every(isRecord);
		if (isList) return compareLists('data', expected, actual, query);
	}
	return compareValues('data', expected, actual, sent);
}

function compareBodies(
	expected: unknown,
	actual: unknown,
	query: URLSearchParams,
	sent: string,
): string[] {
	if (!isRecord(expected) || !isRecord(actual)) {
		const isText = typeof expected === 'string' && typeof actual === 'string';
		const isLongText = isText && expected.trimEnd().includes('\n');
		if (isLongText) return compareLastLines('last line', lastLine(expected), lastLine(actual));
		return compareValues('body', expected, actual, sent);
	}
	const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
	return keys.flatMap((key) => {
		if (!(key in actual)) return [`${key}: missing, expected ${show(expected[key])}`];
		if (!(key in expected)) return [`${key}: not expected, got ${show(actual[key])}`];
		if (key === 'data') return compareData(expected.data, actual.data, query, sent);
		return compareValues(key, expected[key], actual[key], sent);
	});
}

/** Some bodies were kept as the text they came in. */
function parseBody({ body }: RecordedResponse): unknown {
	return typeof body === 'string' && body.startsWith('{') ? (JSON.parse(body) as unknown) : body;
}

/** Compares an answer with the recorded one; `path` is the request's, `sent` all that the request said. */
export function compareAnswers(
	expected: RecordedResponse,
	actual: Answer,
	path: string,
	sent: string,
): string[] {
	const query = new URLSearchParams(path.split('?')[1] ?? '');
	const statusDifferences = compareStatus(readStatusLine(expected.statusLine), actual, sent);
	// A wrong status makes the rest of the answer another one altogether.
	if (statusDifferences.length > 0) return statusDifferences;
	return [
		...compareHeaders(expected.headers ?? {}, actual.headers),
		...compareBodies(parseBody(expected), actual.body, query, sent),
	];
}

/** Compares how a task ended: the status that the API reports, and the log's last line. */
export function compareTasks(
	expected: RecordedTask,
	status: unknown,
	log: string[],
	sent: string,
): string[] {
	return [
		...compareValues('task', expected.status, status, sent),
		...compareLastLines('last log line', expected.log.at(-1) ?? '', log.at(-1) ?? ''),
	];
}

/** Compares the config that a VM has after a task, or how the API said that there is none. */
export function compareConfigs(
	expected: Record<string, unknown>,
	actual: Answer,
	sent: string,
): string[] {
	if (typeof expected._status === 'string') {
		return compareStatus(readStatusLine(expected._status), actual, sent).map(
			(text) => `config: ${text}`,
		);
	}
	const data = isRecord(actual.body) ? actual.body.data : undefined;
	if (!isRecord(data)) return [`config: expected one, got ${actual.status} ${show(actual.phrase)}`];
	return compareValues('config', expected, data, sent);
}
