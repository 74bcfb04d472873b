import { fieldOf, splitNumber, type Catalogue, type ParametersOf } from '../catalogue/catalogue';
import type { Field } from '../catalogue/fields';
import { didYouMean, nearest } from './nearest';
import type { Problem } from './problem';
import { joinList, mustBePlain, readDevice } from './readDevice';
import { readPlain, readSshKeys, trimmed } from './readPlain';
import { shown } from './shown';
import { synonymOf } from './synonyms';
import { unknownName } from './unknownName';
import { isPlain, isUnset } from './values';

/** Problems with which a likely name is suggested: to find one costs a comparison with all known names. */
const MOST_SUGGESTIONS = 5;
/** A longer name is not a typo, and its digits would be put into each known name. */
const LONGEST_NAME = 64;

/**
 * Reads the parameters of one guest against its catalogue: the one gate that fields, JSON and tests
 * all pass before a request is made.
 * @param raw by the API's parameter names; devices as objects or as property strings.
 *   null and undefined mean unset.
 * @returns typed values for `encodeBody`, and everything that is wrong (then nothing may be sent)
 */
export function readParameters<C extends Catalogue>(
	catalogue: C,
	raw: Readonly<Record<string, unknown>>,
): { parameters: ParametersOf<C>; problems: Problem[] } {
	const values: Record<string, unknown> = {};
	const problems: Problem[] = [];
	for (const [name, value] of Object.entries(raw)) {
		if (isUnset(value)) continue;
		const field = fieldOf(catalogue, name)?.field;
		if (!field) {
			const hint = problems.length < MOST_SUGGESTIONS ? suggestion(catalogue, name) : '';
			problems.push({
				parameter: name,
				label: shown(unknownName(catalogue, name, value)),
				message: `is not a parameter that Proxmox VE accepts here${hint}`,
			});
			continue;
		}
		const read = readField(catalogue, field, value);
		problems.push(...read.problems.map((problem) => ({ parameter: name, ...problem })));
		if (read.problems.length === 0) values[name] = read.value;
	}
	for (const [name, value] of Object.entries(raw)) {
		const requires = fieldOf(catalogue, name)?.field.requires;
		if (requires !== undefined && !isUnset(value) && isUnset(raw[requires])) {
			problems.push({ parameter: requires, message: `is needed with ${name}` });
		}
	}
	// The loop above puts in only names of the catalogue with values of their own fields.
	return { parameters: values as ParametersOf<C>, problems };
}

function readField(
	catalogue: Catalogue,
	field: Field,
	raw: unknown,
): { value?: unknown; problems: Array<Omit<Problem, 'parameter'>> } {
	if (field.kind === 'device') return readDevice(catalogue, field, raw);
	if (field.kind === 'family') return readField(catalogue, field.item, raw);
	const plain = joinList(field, raw);
	if (!isPlain(plain)) return { problems: [{ message: mustBePlain(field) }] };
	const read =
		field.kind === 'sshKeys'
			? readSshKeys(field, plain)
			: readPlain(field, trimmed(field, plain), 'topLevel');
	return 'problem' in read
		? { problems: [{ message: read.problem }] }
		: { value: read.value, problems: [] };
}

/** Names the parameter that was most likely meant; a family by the slot that was asked for. */
function suggestion(catalogue: Catalogue, name: string): string {
	if (name.length > LONGEST_NAME) return '';
	const { base, digits } = splitNumber(name);
	const slot = digits === '' ? '0' : digits;
	const keys = Object.keys(catalogue.parameters);
	if (fieldOf(catalogue, `${name}0`)) return didYouMean(`${name}0`);
	const synonym =
		synonymOf(catalogue.synonyms, name, keys) ?? synonymOf(catalogue.synonyms, base, keys);
	const known = keys.map((key) => key.replace('[n]', slot));
	const meant = synonym?.replace('[n]', slot) ?? nearest(name, known) ?? nearest(base, known);
	return meant !== undefined && meant !== name && fieldOf(catalogue, meant)
		? didYouMean(meant)
		: '';
}
