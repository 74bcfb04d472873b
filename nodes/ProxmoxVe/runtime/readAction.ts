import type { PlainField, ValuesOf } from '../catalogue/fields';
import { readFields } from '../form/readFields';
import { readWaiting, type Waiting } from '../form/readOptions';
import type { Item } from './operation';
import { BadInputError } from './errors';

/**
 * Reads what an operation has to know of a task that it is to start: its own fields, and how to wait.
 * @param given values by the fields' names, from wherever the editor has them
 * @throws BadInputError with everything that is wrong, before any request
 */
export function readAction<F extends Readonly<Record<string, PlainField>>>(
	{ get }: Item,
	fields: F,
	given: Readonly<Record<string, unknown>>,
): ValuesOf<F> {
	const { values, problems } = readFields(fields, given);
	const waiting = readWaiting(get);
	if ('problems' in waiting) problems.push(...waiting.problems);
	if (problems.length > 0) throw new BadInputError(problems);
	return values;
}

/** How an item waits for its task. @throws BadInputError */
export function waitingOf({ get }: Item): Waiting {
	const read = readWaiting(get);
	if ('problems' in read) throw new BadInputError(read.problems);
	return read.waiting;
}
