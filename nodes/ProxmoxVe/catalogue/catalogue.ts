import type { Field, Fields, Group, PlainField, ValuesOf } from './fields';

/** The ways in which a guest is described: to be created, to be restored from a backup, to be changed. */
export type Purpose = 'create' | 'restore' | 'update';

/** A parameter that the editor always shows, outside the groups. */
export interface AlwaysShown {
	/** The n8n parameter's name. It is stored in users' workflows: never change it. */
	readonly property: string;
	/** The API's parameter. */
	readonly parameter: string;
	/** The device's sub-option, if the parameter is a device. */
	readonly sub?: string;
	/** Whether its group has it too, because the field is shown for some profiles only. */
	readonly alsoInGroup?: true;
}

/**
 * What Proxmox takes for one kind of guest, as data. The form, the request and the docs are derived from it, so the
 * functions that make them take it as an argument.
 */
export interface Catalogue<F extends Fields = Fields> {
	/** Every parameter of the endpoint that creates a guest of this kind, by its name in the API; families as `net[n]`. */
	readonly parameters: F;
	/** The groups that each operation shows, in the editor's order. */
	readonly groups: Readonly<Record<Purpose, readonly Group[]>>;
	/** Names of the groups that Update has one list for, in place of fields: a type definition stays small enough for models. */
	readonly untypedOnUpdate: readonly string[];
	/** What the editor shows beside the groups, in their order. */
	readonly alwaysShown: readonly AlwaysShown[];
	/** The parameter that names the guest. */
	readonly name: string;
	/** The parameter that names the backup to restore. */
	readonly archive: string;
	/** The flag without which the archive is a template, and not a backup. */
	readonly restoreFlag?: string;
	/** The first devices, where Create has fields for one volume and one card of these names; without it, for disks of any bus. */
	readonly firstDevices?: { readonly volume: string; readonly card: string };
	/** How to change a guest: parameters of its configuration endpoint that are no settings. */
	readonly changeFields: Readonly<Record<string, PlainField>>;
	/** The parameters that reach the guest only through a cloud-init drive. */
	readonly cloudInit: readonly string[];
	/** The families that the list Disks covers. */
	readonly diskFamilies: readonly string[];
	/** Words of other tools for parameters, in lower case and without - and _; an empty one means that there is no single parameter for it. */
	readonly synonyms: Readonly<Record<string, string>>;
	/** What kinds of guests need, by the value of the editor's choice. */
	readonly profiles: Readonly<Record<string, Profile>>;
}

/** What a kind of guest needs to boot and run well, by the API's names. What the user sets wins. */
export interface Profile<Values = Readonly<Record<string, unknown>>> {
	readonly label: string;
	readonly help: string;
	/** Parameters of the guest. A device is merged: a sub-option that the user sets wins. */
	readonly parameters: Values;
	/** The bus of disks that leave it open, and sub-options of each disk that is created or imported, if its bus has them. Without it the profile is about parameters only. */
	readonly disk?: {
		readonly bus: 'scsi' | 'sata';
		readonly discard?: 'on';
		readonly iothread?: true;
	};
	/** Volumes, without their `file`: they are made on the storage of the first disk. */
	readonly volumes?: Values;
	/** The model of the network card that the panel's own field adds. */
	readonly card?: 'virtio' | 'e1000';
	/** Whether the installation needs a second ISO image, with drivers. */
	readonly needsDriversIso?: boolean;
	/** Whether the guest reads its settings from a cloud-init drive, and gets its address by DHCP. */
	readonly hasCloudInit?: boolean;
}

/** The values of a request by the catalogue's parameter names: `vmid`, `bios`, `net0` … */
export type ParametersOf<C extends Catalogue> = ValuesOf<C['parameters']>;

/** The values of a request for any kind of guest: these parameters have the same name and meaning for all of them. */
export type GuestParameters = ParametersOf<Catalogue> & {
	readonly node?: string;
	readonly vmid?: number;
	readonly description?: string;
	readonly force?: boolean;
	readonly start?: boolean;
	readonly template?: boolean;
};

/** Makes a catalogue, so that its type has each of its parameters. */
export const catalogueOf = <const F extends Fields>(catalogue: Catalogue<F>): Catalogue<F> =>
	catalogue;

export interface FoundField {
	readonly field: Field;
	/** The number at the end of the name, if the field is a family. */
	readonly slot?: number;
}

/** `net3` -> `net` and `3`. Read from the end: a regular expression would try each digit of a long run again. */
export function splitNumber(name: string): { readonly base: string; readonly digits: string } {
	let end = name.length;
	while (end > 0 && name.charCodeAt(end - 1) >= 48 && name.charCodeAt(end - 1) <= 57) end--;
	return { base: name.slice(0, end), digits: name.slice(end) };
}

/**
 * Finds what the API means by a parameter's name.
 * @param name as it is sent: `cores`, or `net3` of the family `net[n]`
 * @returns the field, and the slot of a family; undefined for a name the API does not have, such as
 * `net32` (there are 32 slots), `net03` and `net`
 */
export function fieldOf({ parameters }: Catalogue, name: string): FoundField | undefined {
	if (Object.hasOwn(parameters, name)) {
		const field = parameters[name];
		return field === undefined || field.kind === 'family' ? undefined : { field };
	}
	const { base, digits } = splitNumber(name);
	const family = `${base}[n]`;
	const slot = Number(digits);
	if (String(slot) !== digits || !Object.hasOwn(parameters, family)) return undefined;
	const field = parameters[family];
	return field?.kind === 'family' && slot < field.count ? { field, slot } : undefined;
}

/** The name in the catalogue of a parameter as it is sent: `net3` -> `net[n]`; any other name is itself. */
export const parameterOf = (catalogue: Catalogue, name: string): string =>
	fieldOf(catalogue, name)?.slot === undefined ? name : `${splitNumber(name).base}[n]`;
