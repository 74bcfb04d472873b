/** One value as it comes from a form, a webhook or JSON. */
export type PlainValue = string | number | boolean;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
export const isPlain = (value: unknown): value is PlainValue =>
	typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
/** Nothing was given. An empty text, 0 and false are answers, and are not unset. */
export const isUnset = (value: unknown): value is undefined | null =>
	value === undefined || value === null;

/**
 * What a table itself holds under a name that came from outside: every object has a `constructor` and a `toString`
 * without holding them.
 */
export const getOwn = <Value>(
	table: Readonly<Record<string, Value>> | undefined,
	name: string,
): Value | undefined =>
	table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;

/** The items of a list as Proxmox splits it: commas, semicolons and white space are the same. */
export const splitList = (text: string): string[] =>
	text.split(/[,;\s]+/).filter((item) => item !== '');
