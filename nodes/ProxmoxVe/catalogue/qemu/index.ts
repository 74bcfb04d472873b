import { advanced } from './advanced';
import { boot } from './boot';
import { changeFields } from './change';
import { cloudInit } from './cloudInit';
import { disks, disksOnRestore } from './disks';
import { display } from './display';
import { catalogueOf } from '../catalogue';
import type { Group } from '../fields';
import { firmware, firmwareOnRestore } from './firmware';
import { general } from './general';
import { memory } from './memory';
import { network } from './network';
import { parameters } from './parameters';
import { passthrough } from './passthrough';
import { ports } from './ports';
import { processor } from './processor';
import { profiles } from './profiles';
import { restore } from './restore';
import { security } from './security';
import { synonyms } from './synonyms';
import { target } from './target';

/** What Create shows, in the editor's order. */
const createGroups = [
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
const restoreGroups = [
	target,
	restore,
	general,
	disksOnRestore,
	network,
	cloudInit,
	processor,
	memory,
	firmwareOnRestore,
	display,
	boot,
	passthrough,
	ports,
	security,
	advanced,
] as const;

/** What only a create takes. Converting an existing VM into a template is an operation by itself. */
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

/** What Update shows: what the API lets one change of an existing VM. */
const updateGroups: readonly Group[] = createGroups
	.filter((group) => group !== target)
	.map(changeable);

/** What Proxmox takes for a VM. */
export const qemu = catalogueOf({
	parameters,
	groups: { create: createGroups, restore: restoreGroups, update: updateGroups },
	untypedOnUpdate: [
		'disks',
		'memory',
		'firmware',
		'display',
		'boot',
		'passthrough',
		'ports',
		'security',
		'advanced',
	],
	alwaysShown: [
		{ property: 'name', parameter: 'name' },
		{ property: 'cores', parameter: 'cores' },
		{ property: 'memory_current', parameter: 'memory', sub: 'current' },
		{ property: 'start', parameter: 'start' },
		{ property: 'ciuser', parameter: 'ciuser', alsoInGroup: true },
		{ property: 'sshkeys', parameter: 'sshkeys', alsoInGroup: true },
	],
	name: 'name',
	archive: 'archive',
	changeFields,
	cloudInit: Object.keys(cloudInit.fields),
	diskFamilies: ['scsi[n]', 'virtio[n]', 'sata[n]', 'ide[n]'],
	synonyms,
	profiles,
});
