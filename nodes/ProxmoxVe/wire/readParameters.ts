import { fieldOf, parameters as catalogue, type VmParameters } from '../catalogue';
import type { Field } from '../catalogue/fields';
import { nearest } from './nearest';
import type { Problem } from './problem';
import { joinList, readDevice } from './readDevice';
import { readPlain, readSshKeys } from './readPlain';
import { isPlain, isUnset } from './values';

/**
 * Reads the parameters of one VM against the catalogue: the one gate that fields, JSON and tests
 * all pass before a request is made.
 * @param raw by the API's parameter names; devices as objects or as property strings.
 *   null and undefined mean unset.
 * @returns typed values for `encodeBody`, and everything that is wrong (then nothing may be sent)
 */
export function readParameters(raw: Readonly<Record<string, unknown>>): {
	parameters: VmParameters;
	problems: Problem[];
} {
	const values: Record<string, unknown> = {};
	const problems: Problem[] = [];
	for (const [name, value] of Object.entries(raw)) {
		if (isUnset(value)) continue;
		const field = fieldOf(name)?.field;
		if (!field) {
			problems.push({ parameter: name, message: `is not a parameter that Proxmox VE takes here${suggestion(name)}` });
			continue;
		}
		const read = readField(field, value);
		problems.push(...read.problems.map((problem) => ({ parameter: name, ...problem })));
		if (read.problems.length === 0) values[name] = read.value;
	}
	for (const [name, value] of Object.entries(raw)) {
		const requires = fieldOf(name)?.field.requires;
		if (requires !== undefined && !isUnset(value) && isUnset(raw[requires])) {
			problems.push({ parameter: requires, message: `is needed with ${name}` });
		}
	}
	// The loop above puts in only names of the catalogue with values of their own fields.
	return { parameters: values as VmParameters, problems };
}

function readField(field: Field, raw: unknown): { value?: unknown; problems: Array<Omit<Problem, 'parameter'>> } {
	if (field.kind === 'device') return readDevice(field, raw);
	if (field.kind === 'family') return readField(field.item, raw);
	const plain = joinList(field, raw);
	if (!isPlain(plain)) return { problems: [{ message: 'must be a plain value' }] };
	const read = field.kind === 'sshKeys' ? readSshKeys(field, plain) : readPlain(field, plain, 'topLevel');
	return 'problem' in read ? { problems: [{ message: read.problem }] } : { value: read.value, problems: [] };
}

/** Names the parameter that was most likely meant; a family by the slot that was asked for. */
function suggestion(name: string): string {
	const [, base = name, slot] = /^(.*?)(\d+)?$/.exec(name) ?? [];
	const known = Object.keys(catalogue).map((key) => key.replace('[n]', slot ?? '0'));
	const meant = nearest(name, known) ?? nearest(base, known);
	return meant && meant !== name && fieldOf(meant) ? `; did you mean ${meant}?` : '';
}
