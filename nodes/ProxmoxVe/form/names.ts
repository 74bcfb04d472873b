import { createGroups, restoreGroups, updateGroups } from '../catalogue/qemu';
import type {
	DeviceField,
	FamilyField,
	Field,
	Group,
	PlainField,
	SshKeysField,
	TextField,
} from '../catalogue/fields';
import { perObject } from './memoizeByObject';

/** The ways in which a VM is described: to be made, to be made from a backup, to be changed. */
export type Purpose = 'create' | 'restore' | 'update';

export const groupsOf: Readonly<Record<Purpose, readonly Group[]>> = {
	create: createGroups,
	restore: restoreGroups,
	update: updateGroups,
};

/** A field as one option of a group's list: sub-options of a single device stand in it one by one. */
export interface Option {
	/** The n8n parameter's name. */
	readonly name: string;
	/** The API's parameter. */
	readonly parameter: string;
	/** The device's sub-option, where the option is one. */
	readonly sub?: string;
	readonly field: PlainField | SshKeysField | DeviceField;
}

/** A family as a list. */
export interface ListOption {
	/** The n8n parameter's name. */
	readonly name: string;
	/** The API's parameter, `net[n]`. */
	readonly parameter: string;
	readonly field: FamilyField;
}

/** `net[n]` -> `net`: what the list of a family is called, and its slots begin with. */
export const familyBase = (parameter: string): string => parameter.replace('[n]', '');

/** `numa[n]` and `numa` both exist, so the name of a family's list says that it is one. */
export const familyName = (parameter: string): string => `${familyBase(parameter)}List`;

/** The options that the editor offers for a field: one, or one for each sub-option of a device. */
function optionsOf(parameter: string, field: Exclude<Field, FamilyField>): Option[] {
	if (field.kind !== 'device' || field.asText) return [{ name: parameter, parameter, field }];
	// What holds for the whole device is told with each of its sub-options.
	const shared = {
		...(field.since ? { since: field.since } : {}),
		...(field.rootOnly ? { rootOnly: field.rootOnly } : {}),
	};
	return Object.entries(field.fields).map(([sub, subField]) => ({
		name: `${parameter}_${sub}`,
		parameter,
		sub,
		field: { ...shared, ...subField },
	}));
}

/** Fields and lists that stand by themselves in the editor instead of among the options of their group. */
const BY_THEMSELVES: readonly string[] = ['node', 'vmid', 'name', 'archive', 'cores', 'memory'];

/** The families that the one list "Disks" stands for. */
const DISKS: readonly string[] = ['scsi[n]', 'virtio[n]', 'sata[n]', 'ide[n]'];

/**
 * The lists of a group. They stand beside its collection, never in it: n8n drops a list that is empty
 * yet when another option of the same collection is added.
 */
export const groupLists = perObject((group: Group): readonly ListOption[] =>
	Object.entries(group.fields).flatMap(([parameter, field]) =>
		field.kind === 'family' && !DISKS.includes(parameter)
			? [{ name: familyName(parameter), parameter, field }]
			: [],
	),
);

/** Groups that everyone sees; the others are shown when they are chosen under More Settings. */
export const COMMON_GROUPS: readonly string[] = [
	'target',
	'restore',
	'general',
	'network',
	'cloudInit',
	'processor',
];

/** The options that can be added in a group, in the catalogue's order. */
export const groupOptions = perObject((group: Group): readonly Option[] =>
	Object.entries(group.fields)
		.filter(([parameter]) => !BY_THEMSELVES.includes(parameter))
		.flatMap(([parameter, field]) => (field.kind === 'family' ? [] : optionsOf(parameter, field))),
);

/** The n8n parameters of what everyone sets. */
export const CORES = 'cores';
export const MEMORY = 'memory_current';

/** The single field of a list's entry, where the entry is no device (`serial[n]`). */
export const ENTRY_VALUE = 'value';
/** The collection of an entry's rarer options. */
export const ENTRY_OPTIONS = 'options';
/** The option of an entry that fixes its number. */
export const ENTRY_SLOT = 'slot';

/** What an entry of a family shows at once, and what is added to it as options. */
export function entryFields(item: TextField | DeviceField): {
	primary: Array<[string, PlainField]>;
	rest: Array<[string, PlainField]>;
} {
	if (item.kind === 'text') return { primary: [[ENTRY_VALUE, item]], rest: [] };
	const shown = item.primary ?? Object.keys(item.fields);
	const all = Object.entries(item.fields);
	return {
		primary: shown.flatMap((name) => all.filter(([key]) => key === name)),
		rest: all.filter(([name]) => !shown.includes(name)),
	};
}
