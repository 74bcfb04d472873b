import type { SubOptionFacts } from './facts';
import {
	compilePattern,
	countCharacters,
	looksLikeInteger,
	looksLikeNumber,
	numericValue,
} from './perl';

/** Error texts by the parameter's name (`net0`) or, inside a property string, its path (`net0.mtu`). */
export type Errors = Record<string, string>;

/** What stands under a name: a text, JSON's true or false, an array or object of a JSON body, or nothing. */
export type Scalar = string | boolean | unknown[] | object | null | undefined;

/** Returns the error text of a value's format, with its line feed. */
export type CheckFormatOf<Facts> = (facts: Facts, text: string, path: string) => string | undefined;

/** Adds an error under its path; two under one path are joined by a backslash and an n, as Proxmox does. */
function addError(errors: Errors, path: string, text: string): void {
	const key = path === '' ? '_root' : path;
	errors[key] = errors[key] === undefined ? text : `${errors[key]}\\n${text}`;
}

function isMissing(value: Scalar): value is null | undefined {
	return value === undefined || value === null;
}

function nameReference(value: boolean | unknown[] | object): string {
	if (typeof value === 'boolean') return 'JSON::PP::Boolean';
	return Array.isArray(value) ? 'ARRAY' : 'HASH';
}

function findTypeError(
	facts: SubOptionFacts,
	value: string | boolean | unknown[] | object,
): string | undefined {
	const { type } = facts;
	if (type === 'array') return Array.isArray(value) ? undefined : "type check ('array') failed";
	if (typeof value !== 'string') {
		if (type === 'boolean' && typeof value === 'boolean') return undefined;
		return `type check ('${type}') failed - got ${nameReference(value)}`;
	}
	const fits =
		type === 'boolean'
			? value === '0' || value === '1'
			: type === 'integer'
				? looksLikeInteger(value)
				: type === 'number'
					? looksLikeNumber(value)
					: true;
	return fits ? undefined : `type check ('${type}') failed - got '${value}'`;
}

function findRangeError({ minimum, maximum }: SubOptionFacts, text: string): string | undefined {
	if (!looksLikeNumber(text)) return undefined;
	if (maximum !== undefined && numericValue(text) > maximum)
		return `value must have a maximum value of ${maximum}`;
	if (minimum !== undefined && numericValue(text) < minimum)
		return `value must have a minimum value of ${minimum}`;
	return undefined;
}

/** The first thing wrong with a text that has the right type, in the order in which Proxmox looks. */
function findTextError<Facts extends SubOptionFacts>(
	facts: Facts,
	text: string,
	path: string,
	checkFormatOf: CheckFormatOf<Facts>,
): string | undefined {
	const formatError = checkFormatOf(facts, text, path);
	if (formatError !== undefined) return `invalid format - ${formatError}`;
	if (facts.pattern !== undefined && !compilePattern(facts.pattern).test(text)) {
		return 'value does not match the regex pattern';
	}
	if (facts.maxLength !== undefined && countCharacters(text) > facts.maxLength) {
		return `value may only be ${facts.maxLength} characters long`;
	}
	if (facts.minLength !== undefined && countCharacters(text) < facts.minLength) {
		return `value must be at least ${facts.minLength} characters long`;
	}
	const rangeError = findRangeError(facts, text);
	if (rangeError !== undefined) return rangeError;
	if (facts.enum && !facts.enum.includes(text)) {
		return `value '${text}' does not have a value in the enumeration '${facts.enum.join(', ')}'`;
	}
	return undefined;
}

function findError<Facts extends SubOptionFacts>(
	facts: Facts,
	value: Scalar,
	path: string,
	checkFormatOf: CheckFormatOf<Facts>,
): string | undefined {
	if (isMissing(value)) {
		return facts.optional || facts.alias !== undefined
			? undefined
			: 'property is missing and it is not optional';
	}
	const typeError = findTypeError(facts, value);
	if (typeError !== undefined || typeof value !== 'string') return typeError;
	return findTextError(facts, value, path, checkFormatOf);
}

export interface CheckValuesOptions<Facts> {
	/** The facts of a name that was sent, also of a slot (`net3`). */
	find: (name: string) => Facts | undefined;
	/** The names that must be there. */
	required: string[];
	checkFormatOf: CheckFormatOf<Facts>;
	/** What the paths begin with: `net0` inside a property string, nothing at the top. */
	path?: string;
}

/**
 * Checks a set of named values, as Proxmox does for the parameters of a call and for the sub-options of a property
 * string: unknown names, missing ones, types, formats, patterns, lengths, ranges, enumerations and `requires`.
 */
export function checkValues<Facts extends SubOptionFacts>(
	values: Record<string, Scalar>,
	{ find, required, checkFormatOf, path }: CheckValuesOptions<Facts>,
): Errors {
	// Without a prototype, which a parameter `__proto__` would set.
	const errors = Object.create(null) as Errors;
	const pathOf = (name: string) => (path === undefined ? name : `${path}.${name}`);
	for (const name of new Set([...required, ...Object.keys(values)])) {
		const facts = find(name);
		const error = facts && findError(facts, values[name], pathOf(name), checkFormatOf);
		if (error !== undefined) addError(errors, pathOf(name), error);
	}
	for (const name of Object.keys(values)) {
		const facts = find(name);
		if (!facts) {
			addError(
				errors,
				pathOf(name),
				'property is not defined in schema and the schema does not allow additional properties',
			);
		} else if (facts.requires !== undefined && isMissing(values[facts.requires])) {
			addError(errors, pathOf(facts.requires), `missing property required by '${pathOf(name)}'`);
		}
	}
	return errors;
}
