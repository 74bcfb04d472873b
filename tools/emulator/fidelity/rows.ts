import { isRecord, typeOf } from './json';

/** The types that each key was seen with. */
type Shape = Map<string, Set<string>>;

interface RowClass {
	/** Keys that every recorded row of the class has. */
	required: Set<string>;
	allowed: Shape;
}

/** Rows of one list may be of several kinds: a pool and a VM in /cluster/resources, a running task and one that ended. */
function classOf(row: Record<string, unknown>): string {
	const kind = 'upid' in row ? 'task' : String(row.type ?? '');
	return /^running$/i.test(String(row.status)) ? `running ${kind}` : kind;
}

function learnClasses(rows: Array<Record<string, unknown>>): Map<string, RowClass> {
	const classes = new Map<string, RowClass>();
	for (const row of rows) {
		const known = classes.get(classOf(row));
		const { required, allowed } = known ?? {
			required: new Set(Object.keys(row)),
			allowed: new Map() as Shape,
		};
		for (const key of required) if (!(key in row)) required.delete(key);
		for (const [key, value] of Object.entries(row)) {
			allowed.set(key, (allowed.get(key) ?? new Set()).add(typeOf(value)));
		}
		classes.set(classOf(row), { required, allowed });
	}
	return classes;
}

/** Columns that say something of one guest or task, which may have been none of those listed. */
const ofOneAlone = new Set(['tags', 'lock', 'pool', 'hastate', 'serial', 'tokenid']);

/** Columns that are now a number, now a text, even within one list. */
const typedByChance = new Set(['saved']);

function findShapeErrors(row: Record<string, unknown>, { required, allowed }: RowClass): string[] {
	const missing = [...required]
		.filter((key) => !(key in row) && !ofOneAlone.has(key))
		.map((key) => `a row lacks '${key}'`);
	const wrong = Object.entries(row).flatMap(([key, value]) => {
		const types = allowed.get(key);
		if (!types && ofOneAlone.has(key)) return [];
		if (!types) return [`a row has '${key}', which none has`];
		return types.has(typeOf(value)) || typedByChance.has(key)
			? []
			: [`'${key}' is ${typeOf(value)} instead of ${[...types].join(' or ')}`];
	});
	return [...missing, ...wrong];
}

/** The columns that hold one and the same value in all recorded rows, because the query asked for that value. */
function findFiltered(
	rows: Array<Record<string, unknown>>,
	query: URLSearchParams,
): Array<[string, string]> {
	const asked = new Set(query.values());
	const first = rows[0] ?? {};
	return Object.entries(first).flatMap(([key, value]) => {
		const text = String(value);
		return asked.has(text) && rows.every((row) => String(row[key]) === text)
			? [[key, text] as [string, string]]
			: [];
	});
}

/**
 * Compares two lists of what was there at a moment: whether there was anything, the rows' keys and types, and whether
 * a filter of the query held. Returns what differs, each in words.
 */
export function compareRows(
	expected: unknown[],
	actual: unknown[],
	query: URLSearchParams,
): string[] {
	if (expected.length === 0 && actual.length > 0) return [`${actual.length} rows instead of none`];
	if (expected.length > 0 && actual.length === 0) return [`no rows instead of ${expected.length}`];
	const recorded = expected.filter(isRecord);
	const rows = actual.filter(isRecord);
	if (rows.length !== actual.length) return ['rows are not objects'];
	const limit = Number(query.get('limit'));
	const differences =
		limit > 0 && rows.length > limit ? [`${rows.length} rows in spite of limit=${limit}`] : [];
	const classes = learnClasses(recorded);
	for (const row of rows) {
		const rowClass = classes.get(classOf(row));
		if (rowClass) differences.push(...findShapeErrors(row, rowClass));
	}
	for (const [key, value] of findFiltered(recorded, query)) {
		if (rows.some((row) => String(row[key]) !== value))
			differences.push(`the filter ${key}=${value} does not hold`);
	}
	return [...new Set(differences)];
}
