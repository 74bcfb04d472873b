import type { PlainField, ValuesOf } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { mustBePlain } from '../wire/readDevice';
import { readPlain, trimmed } from '../wire/readPlain';

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

/** To describe a field that is in no catalogue. */
export { choice, flag, integer, text } from '../catalogue/fields';

/** What to say of a guard whose expression gives nothing. */
export const NO_VALUE =
	'has no value: its expression returns nothing. Correct the expression, or remove it';

/**
 * Reads an operation's own fields: the typed readers of all parameters that are not settings
 * of the VM. An empty field is unset, except one that guards something (a key, an age,
 * a digest, a preview, a range): once it is there, an expression that gives nothing is a mistake, never "off".
 * @param given values by the fields' names, from wherever the editor has them; without a name where it was not added
 * @returns typed values, and everything that is wrong
 */
export function readFields<F extends Readonly<Record<string, PlainField>>>(
	fields: F,
	given: Readonly<Record<string, unknown>>,
): { values: ValuesOf<F>; problems: Problem[] } {
	const values: Record<string, unknown> = {};
	const problems: Problem[] = [];
	for (const [name, field] of Object.entries(fields)) {
		const wrong = (message: string): void =>
			void problems.push({ parameter: name, label: field.label, message });
		const item = unwrap(given[name]);
		const value = trimmed(field, item);
		if (isUnset(value) || (typeof value === 'string' && value.trim() === '')) {
			if (field.required) wrong('is needed');
			else if (field.guards && Object.hasOwn(given, name)) wrong(NO_VALUE);
			continue;
		}
		if (!isPlain(value)) {
			wrong(mustBePlain(field));
			continue;
		}
		const read = readPlain(field, value, 'topLevel');
		if ('problem' in read) wrong(read.problem);
		else values[name] = read.value;
	}
	for (const [name, { label, requires }] of Object.entries(fields)) {
		if (requires !== undefined && values[name] !== undefined && values[requires] === undefined) {
			problems.push({
				parameter: requires,
				label: fields[requires]?.label ?? requires,
				message: `is needed with ${label}`,
			});
		}
	}
	// The loop above puts in only values of the fields themselves.
	return { values: values as ValuesOf<F>, problems };
}
