import type { PlainField, ValuesOf } from '../catalogue/fields';
import { readFields } from '../form/readFields';
import { readWaiting, type Waiting } from '../form/readOptions';
import type { Problem } from '../wire/problem';
import type { Item } from './operation';
import { BadInputError } from './toNodeError';

/**
 * Reads what an operation has to know of a task that it is to start: its own fields, and how to wait.
 * @param given values by the fields' names, from wherever the editor has them
 * @param earlier what was found wrong before
 * @throws BadInputError with everything that is wrong, before any request
 */
export function readAction<F extends Readonly<Record<string, PlainField>>>(
	{ get }: Item,
	fields: F,
	given: Readonly<Record<string, unknown>>,
	earlier: readonly Problem[] = [],
): { values: ValuesOf<F>; waiting: Waiting } {
	const { values, problems } = readFields(fields, given);
	problems.unshift(...earlier);
	const read = readWaiting(get);
	if ('problems' in read) throw new BadInputError([...problems, ...read.problems]);
	if (problems.length > 0) throw new BadInputError(problems);
	return { values, waiting: read.waiting };
}
