import type { INodeProperties } from 'n8n-workflow';

import { parameters } from '../catalogue';
import type { Group } from '../catalogue/fields';
import { familyProperty, helpOf, locator, optionCollection, optionProperty } from './describeField';
import { diskProperty } from './disks';
import { familyName, groupOptions, groupsOf, type Purpose } from './names';
import { creationOptions, nodeProperty, waitProperty } from './sharedProperties';

const FIELDS = { specifyVm: ['fields'] };
const JSON_MODE = { specifyVm: ['json'] };
const only = (property: INodeProperties, show: Record<string, string[]>): INodeProperties => ({
	...property,
	displayOptions: { show },
});

const vmIdMode: INodeProperties = {
	displayName: 'VM ID',
	name: 'vmIdMode',
	type: 'options',
	options: [
		{ name: 'Next Free ID', value: 'next', description: 'The lowest ID that the cluster has free' },
		{ name: 'Fixed ID', value: 'fixed', description: 'An ID that you choose' },
	],
	default: 'next',
};

const fixedId: INodeProperties = {
	displayName: 'Fixed VM ID',
	name: 'vmId',
	...locator('searchVirtualMachines', '100'),
	default: { mode: 'name', value: '' },
	required: true,
	description: `${helpOf(parameters.vmid)} (100 to 999999999). A Restore may take the ID of a VM that it overwrites.`,
	displayOptions: { show: { vmIdMode: ['fixed'] } },
};

const archive: INodeProperties = {
	displayName: parameters.archive.label,
	name: 'archive',
	...locator('searchBackups', parameters.archive.placeholder),
	required: true,
	description: helpOf(parameters.archive),
	displayOptions: { show: FIELDS },
};

const specifyVm: INodeProperties = {
	displayName: 'Specify VM',
	name: 'specifyVm',
	type: 'options',
	options: [
		{ name: 'Using Fields Below', value: 'fields' },
		{ name: 'Using JSON', value: 'json' },
	],
	default: 'fields',
};

const json = (example: object, description: string): INodeProperties => ({
	displayName: 'JSON',
	name: 'vmJson',
	type: 'json',
	typeOptions: { rows: 6 },
	default: JSON.stringify(example, null, 2),
	description,
	displayOptions: { show: JSON_MODE },
});

const createJson = json(
	{ name: 'web-1', cores: 2, memory: 2048, scsi0: 'local-lvm:32', net0: { model: 'virtio', bridge: 'vmbr0' } },
	'The VM by the parameter names of the Proxmox API. Devices as objects or in the form that Proxmox writes them. May hold node and vmid too.',
);
const restoreJson = json(
	{ storage: 'local-lvm', unique: true },
	'Settings of the restore and of the VM by the parameter names of the Proxmox API. May hold archive, node and vmid too.',
);
const updateJson = json(
	{ cores: 4, net1: { model: 'virtio', bridge: 'vmbr1' } },
	'What to change, by the parameter names of the Proxmox API. Devices as objects or in the form that Proxmox writes them.',
);

const name: INodeProperties = {
	displayName: parameters.name.label,
	name: 'name',
	type: 'string',
	default: '',
	placeholder: parameters.name.placeholder,
	description: helpOf(parameters.name),
	displayOptions: { show: FIELDS },
};

const disks = only(diskProperty(), FIELDS);

const networkCards = only(
	familyProperty({ name: familyName('net[n]'), parameter: 'net[n]', field: parameters['net[n]'] }, parameters['net[n]']),
	FIELDS,
);

const additionalParameters: INodeProperties = {
	displayName: 'Additional Parameters',
	name: 'additionalParameters',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Parameter',
	default: {},
	description: 'Parameters of the Proxmox API that are newer than this node. They are sent as they are.',
	options: [
		{
			displayName: 'Parameter',
			name: 'values',
			values: [
				{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'cores' },
				{ displayName: 'Value', name: 'value', type: 'string', default: '' },
			],
		},
	],
};

/** A group's options as a collection, made once so that operations which show the same group share it. */
const collections = new Map<Group, INodeProperties>();
function collectionOf(group: Group): INodeProperties[] {
	const options = groupOptions(group).map(optionProperty);
	if (options.length === 0) return [];
	const made = only(optionCollection(group.name, group.label, options), FIELDS);
	const found = collections.get(group) ?? (group.help === undefined ? made : { ...made, description: group.help });
	collections.set(group, found);
	return [found];
}
const groupProperties = (purpose: Purpose): INodeProperties[] => groupsOf[purpose].flatMap(collectionOf);

/** What Create asks for. */
export const createProperties: readonly INodeProperties[] = [
	nodeProperty,
	vmIdMode,
	fixedId,
	specifyVm,
	createJson,
	name,
	disks,
	networkCards,
	...groupProperties('create'),
	additionalParameters,
	waitProperty,
	creationOptions,
];

/** What Restore asks for. */
export const restoreProperties: readonly INodeProperties[] = [
	nodeProperty,
	vmIdMode,
	fixedId,
	archive,
	specifyVm,
	restoreJson,
	name,
	networkCards,
	...groupProperties('restore'),
	additionalParameters,
	waitProperty,
	creationOptions,
];

/** What Update asks for, beside which VM it is. */
export const changeProperties: readonly INodeProperties[] = [
	specifyVm,
	updateJson,
	name,
	disks,
	networkCards,
	...groupProperties('update'),
	additionalParameters,
];
