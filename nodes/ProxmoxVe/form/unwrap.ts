import { isPlain, isRecord } from '../wire/values';

/** Reads one n8n parameter of the current item, expressions resolved. */
export type GetParameter = (name: string, fallback: unknown) => unknown;

/** A resource locator's value; nothing chosen is unset. Everything else is as it is, level by level. */
export function unwrap(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(unwrap);
	if (!isRecord(value)) return value;
	if (value.__rl === true) return value.value === '' ? undefined : value.value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item)]));
}

/** A plain text, without the blanks around it; '' for nothing, and for a list or an object. */
export function textOf(value: unknown): string {
	const plain = unwrap(value);
	return isPlain(plain) ? String(plain).trim() : '';
}
