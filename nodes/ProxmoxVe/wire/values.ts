import type { PlainValue } from './readPlain';

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
export const isPlain = (value: unknown): value is PlainValue =>
	typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
/** Nothing was given. An empty text, 0 and false are answers, and are not unset. */
export const isUnset = (value: unknown): value is undefined | null =>
	value === undefined || value === null;
