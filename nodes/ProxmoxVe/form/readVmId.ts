import { integer } from '../catalogue/fields';
import type { Problem } from '../wire/problem';
import { readPlain, trimmed } from '../wire/readPlain';
import { shown } from '../wire/shown';
import { isPlain } from '../wire/values';
import { HIGHEST_ID, LOWEST_ID } from './limits';
import { unwrap } from './unwrap';

const vmId = integer({ label: 'VM ID', min: LOWEST_ID, max: HIGHEST_ID });

/**
 * Reads a VM's ID, from a list or by itself. What is wrong is added to the problems.
 * @param of what an error is to name
 */
export function readVmId(
	given: unknown,
	of: Omit<Problem, 'message'>,
	problems: Problem[],
): number {
	const value = unwrap(given);
	const read =
		isPlain(value) && typeof value !== 'boolean'
			? readPlain(vmId, trimmed(vmId, value), 'topLevel')
			: undefined;
	if (read !== undefined && 'value' in read) return Number(read.value);
	problems.push({ ...of, message: `must be a VM ID from 100 to 999999999, got "${shown(value)}"` });
	return 0;
}
