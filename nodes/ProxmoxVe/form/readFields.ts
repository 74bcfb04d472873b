import type { PlainField, ValuesOf } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { isPlain, isUnset } from '../wire/values';
import { readPlain } from '../wire/readPlain';
import { unwrap } from './readForm';

/**
 * Reads the fields that an operation has of its own. A field that stands empty in the editor is unset.
 * @param given values by the fields' names, from wherever the editor has them
 * @returns typed values, and everything that is wrong
 */
export function readFields<F extends Readonly<Record<string, PlainField>>>(
	fields: F,
	given: Readonly<Record<string, unknown>>,
): { values: ValuesOf<F>; problems: Problem[] } {
	const values: Record<string, unknown> = {};
	const problems: Problem[] = [];
	for (const [name, field] of Object.entries(fields)) {
		const wrong = (message: string): void => void problems.push({ parameter: name, label: field.label, message });
		const item = unwrap(given[name]);
		const value = typeof item === 'string' ? item.trim() : item;
		if (isUnset(value) || value === '') {
			if (field.required) wrong('is needed');
			continue;
		}
		if (!isPlain(value)) {
			wrong('must be a plain value');
			continue;
		}
		const read = readPlain(field, value, 'topLevel');
		if ('problem' in read) wrong(read.problem);
		else values[name] = read.value;
	}
	for (const [name, { label, requires }] of Object.entries(fields)) {
		if (requires !== undefined && values[name] !== undefined && values[requires] === undefined) {
			problems.push({ parameter: requires, label: fields[requires]?.label ?? requires, message: `is needed with ${label}` });
		}
	}
	// The loop above puts in only values of the fields themselves.
	return { values: values as ValuesOf<F>, problems };
}
