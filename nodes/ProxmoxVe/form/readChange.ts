import { changeFields } from '../catalogue/actions';
import { fieldOf, updateGroups, type VmParameters } from '../catalogue';
import type { ValuesOf } from '../catalogue/fields';
import type { ConfigValue } from '../wire/decodeConfig';
import type { Problem } from '../wire/problem';
import { isPlain, isRecord, isUnset } from '../wire/values';
import { readParameters } from '../wire/readParameters';
import { readFields } from './readFields';
import { readForm, unwrap, type GetParameter } from './readForm';
import { optionValues } from './readOptions';
import { readAdditional, readJson } from './readRequest';

/** A VM as it is, for a change to be fitted into. */
export interface Present {
	/** Every setting that is there, in effect or waiting for the next start. */
	readonly names: ReadonlySet<string>;
	/** What is configured, with what waits. */
	readonly config: Readonly<Record<string, ConfigValue>>;
}

/** A change of a VM, read and checked. */
export interface Change {
	readonly parameters: VmParameters;
	/** What the user sends beside the catalogue, as it is. */
	readonly additional: Readonly<Record<string, string>>;
	/** How to change it, and what to remove. */
	readonly steering: ValuesOf<typeof changeFields>;
	/** Whether slots or devices were taken from the VM as it is: it must still be so when it is changed. */
	readonly isFitted: boolean;
}

/**
 * Reads one item's change of a VM. The fields are fitted into the VM: a device without a slot gets a free
 * one, and one that is there keeps what is not set. JSON says what it says to the API: a device in it
 * takes the place of the whole one.
 * @param present the VM as it is; without it only what is wrong with the change itself is found
 */
export function readChange(get: GetParameter, present?: Present): { change: Change } | { problems: Problem[] } {
	const isJson = get('specifyVm', 'fields') === 'json';
	const raw = isJson ? readJson(get('vmJson', '')) : readForm('update', get, present?.names);
	const problems = [...raw.problems];
	const steering = readSteering(raw.values, get, problems);
	const values = changesOf(raw.values, get, problems);
	const fitted = isJson || !present ? values : fit(values, present.config);

	const read = readParameters(fitted);
	// What a device lacks, the VM may have.
	problems.push(...read.problems.filter(({ isLacking }) => isJson || present !== undefined || isLacking !== true));
	const additional = readAdditional(get, read.parameters, problems);
	const isEmpty = Object.keys({ ...values, ...additional }).length === 0 && steering.delete === undefined && steering.revert === undefined;
	if (isEmpty && problems.length === 0) {
		problems.push({ parameter: 'vm', label: 'Update', message: 'changes nothing: set a field, or name a setting to remove' });
	}
	if (problems.length > 0) return { problems };
	return { change: { parameters: read.parameters, additional, steering, isFitted: !isJson && Object.entries(values).some(isOfDevice) } };
}

/** What is removed, and how, from its fields or (the API has it in the same body) from the JSON. */
function readSteering(values: Readonly<Record<string, unknown>>, get: GetParameter, problems: Problem[]): Change['steering'] {
	const fields: Record<string, unknown> = { ...optionValues(get), delete: get('delete', '') };
	const given = Object.entries(changeFields).map(([name, { label }]) => {
		const [field, json] = [fields[name] === '' ? undefined : fields[name], values[name]];
		if (!isUnset(field) && !isUnset(json)) problems.push({ parameter: name, label, message: 'is set in its field and in the JSON' });
		const value = field ?? json;
		return [name, Array.isArray(value) && value.every(isPlain) ? value.join(',') : value] as const;
	});
	// A guard that was added and gives nothing is a mistake; one that was not added is none.
	const isAdded = (name: string): boolean => Object.hasOwn(optionValues(get), name) || Object.hasOwn(values, name);
	const read = readFields(changeFields, Object.fromEntries(given.filter(([name, value]) => !isUnset(value) || isAdded(name))));
	problems.push(...read.problems);
	return read.values;
}

const CHANGEABLE = new Set(updateGroups.flatMap(({ fields }) => Object.keys(fields)));
const keyOf = (name: string): string => (fieldOf(name)?.slot === undefined ? name : name.replace(/\d+$/, '[n]'));

/** What is changed, without what only says how, or which VM. */
function changesOf(given: Readonly<Record<string, unknown>>, get: GetParameter, problems: Problem[]): Record<string, unknown> {
	const changes: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(given)) {
		if (Object.hasOwn(changeFields, name) || isUnset(value)) continue;
		if (name === 'vmid') {
			const vm = String(unwrap(get('vm', '')));
			if (vm !== String(value)) problems.push({ parameter: name, message: `is "${vm}" in its field and "${String(value)}" in the JSON` });
		} else if (name === 'template') {
			problems.push({ parameter: name, message: 'would leave the disks as they are: choose the operation Convert to Template' });
		} else if (fieldOf(name) && !CHANGEABLE.has(keyOf(name))) {
			problems.push({ parameter: name, message: 'cannot be changed of a VM that is there' });
		} else {
			changes[name] = value;
		}
	}
	return changes;
}

/** A disk of the list is a whole one, with its source and its options. */
const isDisk = (name: string): boolean => /^(?:ide|sata|scsi|virtio)\d+$/.test(name);

/** Devices of the fields with what the VM has of them already. */
const fit = (values: Readonly<Record<string, unknown>>, config: Present['config']): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(values).map(([name, value]) => {
			const before = config[name];
			return [name, isRecord(value) && isRecord(before) && !isDisk(name) ? { ...before, ...withoutUnset(value) } : value];
		}),
	);

const withoutUnset = (values: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => !isUnset(value)));

const isOfDevice = ([name, value]: [string, unknown]): boolean => isRecord(value) || fieldOf(name)?.slot !== undefined;
