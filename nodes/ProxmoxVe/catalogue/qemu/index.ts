import { advanced } from './advanced';
import { boot } from './boot';
import { cloudInit } from './cloudInit';
import { disks, disksOnRestore } from './disks';
import { display } from './display';
import type { Field, Group, ValuesOf } from '../fields';
import { firmware, firmwareOnRestore } from './firmware';
import { general } from './general';
import { memory } from './memory';
import { network } from './network';
import { passthrough } from './passthrough';
import { ports } from './ports';
import { processor } from './processor';
import { restore } from './restore';
import { security } from './security';
import { target } from './target';

/** What Create shows, in the editor's order. */
export const createGroups = [
	target,
	general,
	disks,
	network,
	cloudInit,
	processor,
	memory,
	firmware,
	display,
	boot,
	passthrough,
	ports,
	security,
	advanced,
] as const;

/** What Restore shows: the backup, and what the API lets one change of the VM in it. */
export const restoreGroups = [
	target,
	restore,
	general,
	network,
	cloudInit,
	processor,
	memory,
	disksOnRestore,
	firmwareOnRestore,
	display,
	boot,
	passthrough,
	ports,
	security,
	advanced,
] as const;

/** What only a VM in the making takes. To make one that is there a template is an operation of its own. */
const NOT_ON_UPDATE: readonly string[] = [
	'pool',
	'start',
	'ha-managed',
	'template',
	'live-restore',
	'bwlimit',
];

/** A group without those; the very same one where it has none of them, so that the editor's form is shared. */
function changeable(group: Group): Group {
	const fields = Object.entries(group.fields).filter(([name]) => !NOT_ON_UPDATE.includes(name));
	return fields.length === Object.keys(group.fields).length
		? group
		: { ...group, fields: Object.fromEntries(fields) };
}

/** What Update shows: what the API lets one change of a VM that is there. */
export const updateGroups: readonly Group[] = createGroups
	.filter((group) => group !== target)
	.map(changeable);

/** Every parameter of `POST /nodes/{node}/qemu` by its name in the API; families as `net[n]`. */
export const parameters = {
	...target.fields,
	...restore.fields,
	...general.fields,
	...disks.fields,
	...network.fields,
	...cloudInit.fields,
	...processor.fields,
	...memory.fields,
	...firmware.fields,
	...display.fields,
	...boot.fields,
	...passthrough.fields,
	...ports.fields,
	...security.fields,
	...advanced.fields,
};

/** The values of a request by API name: `vmid`, `bios`, `net0` … */
export type VmParameters = ValuesOf<typeof parameters>;

export interface FoundField {
	readonly field: Field;
	/** The number at the end of the name, where the field is a family. */
	readonly slot?: number;
}

const byName: Readonly<Record<string, Field>> = parameters;

/** `net3` -> `net` and `3`. Read from the end: a regular expression would try each digit of a long run anew. */
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
export function fieldOf(name: string): FoundField | undefined {
	if (Object.hasOwn(byName, name)) {
		const field = byName[name];
		return field === undefined || field.kind === 'family' ? undefined : { field };
	}
	const { base, digits } = splitNumber(name);
	const family = `${base}[n]`;
	const slot = Number(digits);
	if (String(slot) !== digits || !Object.hasOwn(byName, family)) return undefined;
	const field = byName[family];
	return field?.kind === 'family' && slot < field.count ? { field, slot } : undefined;
}
