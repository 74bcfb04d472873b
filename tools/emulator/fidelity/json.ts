export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON's name of a value's type. */
export function typeOf(value: unknown): string {
	if (value === null || value === undefined) return 'null';
	return Array.isArray(value) ? 'array' : typeof value;
}

const LONGEST = 160;

/** A value for a one-line report. */
export function show(value: unknown): string {
	const text = JSON.stringify(value) ?? 'nothing';
	return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
