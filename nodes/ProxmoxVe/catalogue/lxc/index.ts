import { catalogueOf } from '../catalogue';
import type { Group } from '../fields';
import { access } from './access';
import { changeFields } from './change';
import { general } from './general';
import { isolation } from './isolation';
import { network } from './network';
import { parameters } from './parameters';
import { profiles } from './profiles';
import { resources } from './resources';
import { restore, source } from './source';
import { synonyms } from './synonyms';
import { system } from './system';
import { target } from './target';
import { volumes } from './volumes';

/** What Create shows, in the editor's order. */
const createGroups = [
	target,
	source,
	general,
	access,
	resources,
	volumes,
	network,
	isolation,
	system,
] as const;

/** What Restore shows: the backup, and what the API lets one change of the container in it. Password and keys are ignored. */
const restoreGroups = [
	target,
	restore,
	general,
	resources,
	volumes,
	network,
	isolation,
	system,
] as const;

/** What only a create takes. Converting an existing container into a template is an operation by itself. */
const NOT_ON_UPDATE: readonly string[] = [
	'pool',
	'start',
	'ha-managed',
	'template',
	'unprivileged',
	// Proxmox stores a size as it is, without a volume, and the container never starts again.
	'rootfs',
];

/** A group without those; the very same one where it has none of them, so that the editor's form is shared. */
function changeable(group: Group): Group {
	const fields = Object.entries(group.fields).filter(([name]) => !NOT_ON_UPDATE.includes(name));
	return fields.length === Object.keys(group.fields).length
		? group
		: { ...group, fields: Object.fromEntries(fields) };
}

/** What Update shows: what the API lets one change of an existing container. */
const updateGroups: readonly Group[] = [
	general,
	resources,
	volumes,
	network,
	isolation,
	system,
].map(changeable);

/** What Proxmox takes for a container. */
export const lxc = catalogueOf({
	parameters,
	groups: { create: createGroups, restore: restoreGroups, update: updateGroups },
	untypedOnUpdate: ['isolation', 'system'],
	alwaysShown: [
		{ property: 'ostemplate', parameter: 'ostemplate' },
		{ property: 'hostname', parameter: 'hostname' },
		{ property: 'cores', parameter: 'cores' },
		{ property: 'memory_current', parameter: 'memory' },
		{ property: 'password', parameter: 'password' },
		{ property: 'sshkeys', parameter: 'ssh-public-keys' },
		{ property: 'start', parameter: 'start' },
	],
	firstDevices: { volume: 'rootfs', card: 'net0' },
	name: 'hostname',
	archive: 'ostemplate',
	restoreFlag: 'restore',
	cloudInit: [],
	diskFamilies: [],
	changeFields,
	synonyms,
	profiles,
});
