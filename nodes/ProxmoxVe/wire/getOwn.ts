/**
 * What a table itself holds under a name that came from outside: every object has a `constructor` and a `toString`
 * without holding them.
 */
export const own = <Value>(
	table: Readonly<Record<string, Value>> | undefined,
	name: string,
): Value | undefined =>
	table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
