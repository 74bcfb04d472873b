import { fieldOf, type Catalogue } from '../catalogue/catalogue';

/**
 * An unknown name as a message may show it. Where its value is the name of a parameter, name and value were
 * swapped, and the name may be a password.
 */
export const unknownName = (catalogue: Catalogue, name: string, value: unknown): string =>
	typeof value === 'string' && fieldOf(catalogue, value.trim()) !== undefined
		? `A name whose value is ${value.trim()}`
		: name;
