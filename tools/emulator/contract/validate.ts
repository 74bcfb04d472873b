import { checkValues } from './checkValues';
import type { Errors, Scalar } from './checkValues';
import type { EndpointFacts, ParameterFacts } from './facts';
import { findParameter } from './families';
import { checkFormat } from './formats';
import { printNumber } from './perl';
import { parsePropertyString } from './propertyString';

/**
 * A parameter as a handler sees it: booleans are 1 or 0, integers in plain digits are numbers, all else stays the text
 * that was sent (also `+2`, which passes as an integer and makes the task fail). Null stands for a name that was sent
 * without a value: JSON's null, or a form's `name` without `=`.
 */
export type ParameterValue = string | number | string[] | null;

export interface ValidatedRequest {
	values: Record<string, ParameterValue>;
	/** Empty where the request is right; else what Proxmox answers as `errors`, with status 400. */
	errors: Errors;
}

function checkFormatOf(facts: ParameterFacts, text: string, path: string): string | undefined {
	if (facts.format === undefined) return undefined;
	if (facts.subOptions)
		return parsePropertyString(facts.subOptions, text, { path, format: facts.format }).error;
	return checkFormat(facts.format, text);
}

/** Turns what a form, a query or a JSON body holds into what Perl would; arrays become lists where a list is due. */
function toScalar(facts: ParameterFacts | undefined, value: unknown): Scalar {
	if (typeof value === 'number') return printNumber(value);
	if (Array.isArray(value)) {
		const isList = facts?.type === 'string' && facts.format?.endsWith('-list');
		return isList ? value.map(String).join(',') : value;
	}
	if (facts?.type === 'array' && typeof value === 'string' && value !== '' && value !== '0')
		return [value];
	if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'object')
		return value;
	return undefined;
}

function toParameterValue(facts: ParameterFacts, value: Scalar): ParameterValue {
	if (value === undefined || value === null) return null;
	if (typeof value === 'boolean') return value ? 1 : 0;
	if (Array.isArray(value)) return value.map(String);
	if (typeof value === 'object') return null;
	const isWhole =
		facts.type === 'boolean' || (facts.type === 'integer' && /^\d{1,15}$/.test(value));
	return isWhole ? Number(value) : value;
}

/**
 * Checks a call's parameters (those of the path, the query and the body together) against an endpoint's facts.
 * `raw` holds texts, or the values of a JSON body; a key with an undefined value is one that was sent without.
 * The texts are those of Proxmox's JSONSchema: parameter -> text, `_root` for the empty name.
 */
export function validateRequest(
	endpoint: EndpointFacts,
	raw: Record<string, unknown>,
): ValidatedRequest {
	const find = (name: string) => findParameter(endpoint, name);
	const scalars = Object.fromEntries(
		Object.entries(raw).map(([name, value]) => [name, toScalar(find(name), value)]),
	);
	const required = Object.keys(endpoint.parameters).filter(
		(name) => !endpoint.parameters[name]?.optional && !name.endsWith('[n]'),
	);
	const errors = checkValues(scalars, { find, required, checkFormatOf });
	const values: Record<string, ParameterValue> = {};
	for (const [name, scalar] of Object.entries(scalars)) {
		const facts = find(name);
		if (facts && errors[name] === undefined) values[name] = toParameterValue(facts, scalar);
	}
	return { values, errors };
}
