import type { PlainValue } from './values';
import { encodePlain } from './encodePropertyString';

/** An operation's own values as the API takes them; one that is not set is not sent. */
export const encodeFields = (
	values: Readonly<Record<string, PlainValue | undefined>>,
): Record<string, string> =>
	Object.fromEntries(
		Object.entries(values).flatMap(([name, value]) =>
			value === undefined ? [] : [[name, encodePlain(value)]],
		),
	);
