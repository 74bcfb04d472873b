import { fieldOf } from '../catalogue/qemu';

/**
 * An unknown name as a message may show it. Where its value is the name of a parameter, name and value were
 * swapped, and the name may be a password.
 */
export const unknownName = (name: string, value: unknown): string =>
	typeof value === 'string' && fieldOf(value.trim()) !== undefined
		? `A name whose value is ${value.trim()}`
		: name;
