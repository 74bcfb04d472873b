import type { Catalogue } from '../catalogue/catalogue';
import type {
	DeviceField,
	FamilyField,
	Field,
	Group,
	PlainField,
	SshKeysField,
	TextField,
} from '../catalogue/fields';
import { memoizeByObject } from './memoizeByObject';

/** A field as one option of a group's list: sub-options of a single device are listed in it one by one. */
export interface Option {
	/** The n8n parameter's name. */
	readonly name: string;
	/** The API's parameter. */
	readonly parameter: string;
	/** The device's sub-option, if the option is one. */
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
	// What is true of the whole device is said with the sub-option that it must have, or its first one.
	const shared = {
		...(field.since ? { since: field.since } : {}),
		...(field.rootOnly ? { rootOnly: field.rootOnly } : {}),
	};
	const subs = Object.entries(field.fields);
	const [speaker] = subs.find(([, { required }]) => required) ?? subs[0] ?? [];
	return subs.map(([sub, subField]) => ({
		name: `${parameter}_${sub}`,
		parameter,
		sub,
		field: sub === speaker ? { ...shared, ...subField } : subField,
	}));
}

/** Parameters that the editor shows beside the options of their group. */
const besideGroups = ({
	alwaysShown,
	archive,
	restoreFlag = archive,
}: Catalogue): readonly string[] => [
	'node',
	'vmid',
	archive,
	restoreFlag,
	...alwaysShown.flatMap(({ parameter, alsoInGroup }) => (alsoInGroup ? [] : [parameter])),
];

/** Memoizes what is made of a group of a catalogue. */
const perGroup = <Made>(make: (catalogue: Catalogue, group: Group) => Made) => {
	const of = memoizeByObject((catalogue: Catalogue) =>
		memoizeByObject((group: Group) => make(catalogue, group)),
	);
	return (catalogue: Catalogue, group: Group): Made => of(catalogue)(group);
};

/**
 * The lists of a group. They are beside its collection, never in it: n8n drops a list that is still empty when
 * another option of the same collection is added.
 */
export const groupLists = perGroup(({ diskFamilies }, group): readonly ListOption[] =>
	Object.entries(group.fields).flatMap(([parameter, field]) =>
		field.kind === 'family' && !diskFamilies.includes(parameter)
			? [{ name: familyName(parameter), parameter, field }]
			: [],
	),
);

/** The options that can be added in a group, in the catalogue's order. */
export const groupOptions = perGroup((catalogue, group): readonly Option[] =>
	Object.entries(group.fields)
		.filter(([parameter]) => !besideGroups(catalogue).includes(parameter))
		.flatMap(([parameter, field]) => (field.kind === 'family' ? [] : optionsOf(parameter, field))),
);

/** The single field of a list's entry, if the entry is no device (`serial[n]`). */
export const ENTRY_VALUE = 'value';
/** The collection of an entry's rarer options. */
export const ENTRY_OPTIONS = 'options';
/** The option of a disk that fixes its bus. */
export const ENTRY_BUS = 'bus';
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
