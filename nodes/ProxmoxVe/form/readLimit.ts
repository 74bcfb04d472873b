import type { Problem } from '../wire/problem';
import type { GetParameter } from './readForm';

/**
 * Reads Return All and Limit. What is wrong is added to the problems.
 * @returns how many results at most; Infinity for all
 */
export function readLimit(get: GetParameter, problems: Problem[]): number {
	if (get('returnAll', false) === true) return Infinity;
	const given = get('limit', 50);
	const limit = Number(given);
	if (Number.isInteger(limit) && limit >= 1) return limit;
	problems.push({ parameter: 'limit', label: 'Limit', message: `must be a whole number of at least 1, got "${String(given)}"` });
	return 1;
}
