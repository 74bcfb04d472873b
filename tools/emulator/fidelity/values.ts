import { isRecord, show, typeOf } from './json';
import { compareRows } from './rows';
import { isMomentary, isUnordered, maskVolatile } from './volatile';

/** The lines of a text in any order, for Proxmox orders some at random; it also joins some by a backslash and an n. */
function sortLines(text: string): string {
	return text
		.split(/\n|\\n/)
		.sort()
		.join('\n');
}

/** A text of such a length, of which a recording keeps how it begins. */
function isShortened(expected: string, actual: string): boolean {
	const [, count, first] =
		/^\((\d+) characters, (?:all \S+|the first: (.*))\)$/s.exec(expected) ?? [];
	return count !== undefined && actual.length === Number(count) && actual.startsWith(first ?? '');
}

function compareTexts(path: string, expected: string, actual: string, sent: string): string[] {
	const normalise = (text: string) => {
		const masked = sortLines(maskVolatile(text, sent));
		return isUnordered(lastName(path)) ? masked.split(',').sort().join(',') : masked;
	};
	if (isShortened(expected, actual)) return [];
	return normalise(expected) === normalise(actual)
		? []
		: [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}

function lastName(path: string): string {
	return path.split('.').at(-1) ?? '';
}

/** The column that tells a row of a list from the others, if there is one. */
function findIdentity(rows: Array<Record<string, unknown>>): string | undefined {
	return ['id', 'iface', 'storage', 'poolid', 'key', 'name', 'node'].find(
		(key) =>
			rows.every((row) => key in row) && new Set(rows.map((row) => row[key])).size === rows.length,
	);
}

/** Lists of VMs, volumes, tasks and nodes hold what was there at a moment; other lists hold what is set up. */
function isOfTheMoment(rows: Array<Record<string, unknown>>): boolean {
	return rows.some((row) => 'vmid' in row || 'volid' in row || 'upid' in row || 'uptime' in row);
}

/** Compares two lists of objects: those of the moment by the shape of their rows, others row by row, in any order. */
export function compareLists(
	path: string,
	expected: unknown[],
	actual: unknown[],
	query: URLSearchParams,
): string[] {
	const shapes = compareRows(expected, actual, query).map((text) => `${path}: ${text}`);
	const before = expected.filter(isRecord);
	const after = actual.filter(isRecord);
	const identity = findIdentity(before);
	if (shapes.length > 0 || identity === undefined || isOfTheMoment(before)) return shapes;
	const byIdentity = (rows: typeof before) =>
		Object.fromEntries(rows.map((row) => [`[${row[identity]}]`, row]));
	return compareValues(path, byIdentity(before), byIdentity(after));
}

/** A JSON text that does not depend on the order of keys. */
function printCanonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(printCanonical).join(',')}]`;
	if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
	const keys = Object.keys(value).sort();
	return `{${keys.map((key) => `${JSON.stringify(key)}:${printCanonical(value[key])}`).join(',')}}`;
}

function compareArrays(path: string, expected: unknown[], actual: unknown[]): string[] {
	if (expected.concat(actual).every(isRecord))
		return compareLists(path, expected, actual, new URLSearchParams());
	const [before, after] = [expected, actual].map((list) => list.map(printCanonical).sort().join());
	return before === after ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}

function compareTypes(path: string, expected: unknown, actual: unknown): string[] {
	if (typeOf(expected) !== typeOf(actual))
		return [`${path}: expected ${typeOf(expected)}, got ${typeOf(actual)}`];
	if (!isRecord(expected) || !isRecord(actual)) return [];
	const missing = Object.keys(expected).filter((key) => !(key in actual));
	return missing.map((key) => `${path}.${key}: missing`);
}

/**
 * Compares two JSON values: keys, types and values, except that what differs from run to run is compared by its form.
 * `sent` is what the request said; parts of it are compared to the letter. Returns what differs, each in words.
 */
export function compareValues(
	path: string,
	expected: unknown,
	actual: unknown,
	sent = '',
): string[] {
	const onlyTypes = isMomentary(lastName(path), expected) || typeOf(expected) !== typeOf(actual);
	if (onlyTypes) return compareTypes(path, expected, actual);
	if (typeof expected === 'string' && typeof actual === 'string')
		return compareTexts(path, expected, actual, sent);
	if (Array.isArray(expected) && Array.isArray(actual))
		return compareArrays(path, expected, actual);
	if (isRecord(expected) && isRecord(actual)) {
		const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
		return keys.flatMap((key) => {
			if (!(key in actual)) return [`${path}.${key}: missing, expected ${show(expected[key])}`];
			if (!(key in expected)) return [`${path}.${key}: not expected, got ${show(actual[key])}`];
			return compareValues(`${path}.${key}`, expected[key], actual[key], sent);
		});
	}
	return expected === actual ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}
