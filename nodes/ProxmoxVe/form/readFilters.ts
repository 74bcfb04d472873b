import type { PlainField, ValuesOf } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { isRecord, isUnset } from '../wire/values';
import { joinList } from '../wire/readDevice';
import { NO_VALUE, readFields } from './readFields';
import type { GetParameter } from './unwrap';

/**
 * Reads the collection Filters. An empty text filters nothing, as a filter that was just added; an expression that
 * gives nothing is a mistake, because all that it was to leave out would be in the list. What is wrong is added to
 * the problems.
 */
export function readFilters<F extends Readonly<Record<string, PlainField>>>(
	fields: F,
	get: GetParameter,
	problems: Problem[],
): ValuesOf<F> {
	const filters = get('filters', {});
	const given: Record<string, unknown> = {};
	const labelled = Object.fromEntries(
		Object.entries(fields).map(([name, field]) => [
			name,
			{ ...field, label: `Filters → ${field.label}` },
		]),
	);
	for (const [name, field] of Object.entries(labelled)) {
		if (!isRecord(filters) || !Object.hasOwn(filters, name)) continue;
		const filter = filters[name];
		const value = isRecord(filter) && filter.__rl === true ? filter.value : filter;
		if (isUnset(value)) problems.push({ parameter: name, label: field.label, message: NO_VALUE });
		else given[name] = joinList(field, value);
	}
	const read = readFields(labelled, given);
	problems.push(...read.problems);
	// The fields are the same ones, under longer labels.
	return read.values as ValuesOf<F>;
}
