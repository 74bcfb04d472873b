import { flag, integer } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { readFields } from './readFields';
import type { GetParameter } from './unwrap';

const listFields = {
	returnAll: flag({ label: 'Return All', guards: true }),
	limit: integer({ label: 'Limit', min: 1, guards: true }),
};

/**
 * Reads Return All and Limit. What is wrong is added to the problems.
 * @returns how many results at most; Infinity for all
 */
export function readLimit(get: GetParameter, problems: Problem[]): number {
	const { returnAll, limit } = listFields;
	const all = readFields({ returnAll }, { returnAll: get('returnAll', false) });
	problems.push(...all.problems);
	if (all.values.returnAll) return Infinity;
	const read = readFields({ limit }, { limit: get('limit', 50) });
	problems.push(...read.problems);
	return read.values.limit ?? 1;
}
