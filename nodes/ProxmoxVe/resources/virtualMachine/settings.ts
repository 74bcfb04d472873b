import type { INodeProperties } from 'n8n-workflow';

import type { Purpose } from '../../catalogue/catalogue';
import type { Group } from '../../catalogue/fields';
import { qemu } from '../../catalogue/qemu';
import { network } from '../../catalogue/qemu/network';
import { restore } from '../../catalogue/qemu/restore';
import {
	exampleOf,
	familyProperty,
	helpOf,
	locator,
	optionalNumber,
	optionCollection,
	optionProperty,
} from '../../form/describeField';
import { NO_PROFILE } from '../../form/applyProfile';
import { diskProperty } from '../../form/disks';
import { memoizeByObject } from '../../form/memoizeByObject';
import { groupLists, groupOptions } from '../../form/names';
import {
	creationOptions,
	idModeProperty,
	nodeProperty,
	restoreOptions,
	waitProperty,
} from '../../form/sharedProperties';

const FIELDS = { specifyVm: ['fields'] };
const JSON_MODE = { specifyVm: ['json'] };
const only = (property: INodeProperties, show: Record<string, string[]>): INodeProperties => ({
	...property,
	displayOptions: { show },
});

const vmIdMode = idModeProperty('vmIdMode', 'VM ID');

const FIXED = { vmIdMode: ['fixed'] };

const newId: INodeProperties = {
	displayName: 'Fixed VM ID',
	name: 'vmId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. 100',
	description: `${helpOf(qemu.parameters.vmid)}. From 100 to 999999999.`,
	displayOptions: { show: FIXED },
};

/** A restore may take the ID of a VM that is there, and overwrite it. */
const restoredId: INodeProperties = only(
	{
		displayName: 'Fixed VM ID',
		name: 'vmId',
		...locator('searchVirtualMachines', '100', 'By ID'),
		default: { mode: 'name', value: '' },
		required: true,
		description: 'The ID of the restored VM: a free ID, or the ID of the VM to overwrite',
	},
	FIXED,
);

/** JSON may say where the VM goes, so n8n must not insist on the field. */
const node = only(nodeProperty, FIELDS);
const nodeBesideJson = only({ ...nodeProperty, required: false }, JSON_MODE);

const profile: INodeProperties = {
	displayName: 'Profile',
	name: 'profile',
	type: 'options',
	options: [
		{
			name: 'None (API Defaults)',
			value: NO_PROFILE,
			description: 'Only what you set is sent',
		},
		...Object.entries(qemu.profiles).map(([value, { label, help }]) => ({
			name: label,
			value,
			description: help,
		})),
	],
	default: NO_PROFILE,
	description:
		'What the guest system needs to boot: controller, firmware, console and the like. Settings that you make below win. Options → Preview shows the result.',
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
	{
		name: 'web-1',
		cores: 2,
		memory: 2048,
		scsi0: 'local-lvm:32',
		net0: { model: 'virtio', bridge: 'vmbr0' },
	},
	'Settings of the VM by their names in the Proxmox API. Devices can be objects or property strings (virtio,bridge=vmbr0). Can include node and vmid.',
);
const restoreJson = json(
	{ storage: 'local-lvm', unique: true },
	'Settings of the restore and of the VM by their names in the Proxmox API. Can include archive, node and vmid.',
);
const updateJson = json(
	{ cores: 4, net1: { model: 'virtio', bridge: 'vmbr1' } },
	'Settings to change, by their names in the Proxmox API. Devices can be objects or property strings (virtio,bridge=vmbr0).',
);

const name: INodeProperties = {
	displayName: qemu.parameters.name.label,
	name: 'name',
	type: 'string',
	default: '',
	placeholder: exampleOf(qemu.parameters.name.placeholder),
	description: helpOf(qemu.parameters.name),
	displayOptions: { show: FIELDS },
};

const disks = only(diskProperty(qemu), FIELDS);
const disksOfUpdate = only(diskProperty(qemu, true), FIELDS);

const cores = only(optionalNumber('cores', qemu.parameters.cores), FIELDS);
const memory = only(
	optionalNumber('memory_current', qemu.parameters.memory.fields.current),
	FIELDS,
);

const isCommon = ({ name: group }: Group): boolean => qemu.commonGroups.includes(group);

const moreSettings: INodeProperties = only(
	{
		displayName: 'More Settings',
		name: 'moreSettings',
		type: 'multiOptions',
		options: qemu.groups.create
			.filter((group) => !isCommon(group))
			.map(({ label, name: value, help }) => ({ name: label, value, description: help })),
		default: [],
		description: 'Groups of settings to show. Settings that are not shown are not sent.',
	},
	FIELDS,
);

const additionalParameters: INodeProperties = {
	displayName: 'Additional Parameters',
	name: 'additionalParameters',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Parameter',
	default: {},
	description:
		'Parameters of the Proxmox API that this node does not know yet. They are sent unchanged.',
	options: [
		{
			displayName: 'Parameter',
			name: 'values',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. cores',
				},
				{ displayName: 'Value', name: 'value', type: 'string', default: '' },
			],
		},
	],
};

/** A group's collection and lists, made once so that operations which show the same group share them. */
const propertiesOf = memoizeByObject((group: Group): readonly INodeProperties[] => {
	const show = isCommon(group) ? FIELDS : { ...FIELDS, moreSettings: [group.name] };
	const options = groupOptions(qemu, group).map(optionProperty);
	const collection = optionCollection(group.name, group.label, options);
	const described =
		group.help === undefined ? collection : { ...collection, description: group.help };
	return [
		...(options.length === 0 ? [] : [only(described, show)]),
		...groupLists(qemu, group).map((list) => only(familyProperty(list), show)),
	];
});

/** Groups that have a place of their own in the editor. */
const HAND_PLACED: readonly Group[] = [restore, network];

const groupProperties = (purpose: Purpose): INodeProperties[] => {
	const groups = qemu.groups[purpose];
	return [
		...groups
			.filter((group) => isCommon(group) && !HAND_PLACED.includes(group))
			.flatMap(propertiesOf),
		moreSettings,
		...groups.filter((group) => !isCommon(group)).flatMap(propertiesOf),
	];
};

const NEWEST = { backupSource: ['newest'] };

const backupSource: INodeProperties = {
	displayName: 'Restore From',
	name: 'backupSource',
	type: 'options',
	options: [
		{ name: 'Backup Archive', value: 'archive', description: 'A backup that you choose' },
		{
			name: 'Newest Backup of a VM',
			value: 'newest',
			description: 'The newest backup, found when the workflow runs',
		},
	],
	default: 'archive',
};

const backupStorage: INodeProperties = {
	displayName: 'Backup Storage',
	name: 'backupStorage',
	...locator('searchBackupStorages', 'local'),
	description: 'The storage with the backups. If empty, all storages of the node are searched.',
	displayOptions: { show: FIELDS },
};
const backupStorageBesideJson: INodeProperties = {
	...backupStorage,
	displayOptions: { show: { specifyVm: ['json'], ...NEWEST } },
};

const archive: INodeProperties = {
	displayName: qemu.parameters.archive.label,
	name: 'archive',
	...locator('searchBackups', qemu.parameters.archive.placeholder),
	required: true,
	description: helpOf(qemu.parameters.archive),
	displayOptions: { show: { ...FIELDS, backupSource: ['archive'] } },
};

const backupVm: INodeProperties = {
	displayName: 'Backup Of',
	name: 'backupVm',
	...locator('searchBackedUpVms', '100', 'By ID'),
	required: true,
	description: 'The VM whose newest backup to restore. It may have been deleted since.',
	displayOptions: { show: NEWEST },
};

const maxAgeDays: INodeProperties = {
	displayName: 'Not Older Than (Days)',
	name: 'maxAgeDays',
	type: 'number',
	default: 0,
	description: 'Fail without changes if the newest backup is older than this. 0 means no limit.',
	displayOptions: { show: NEWEST },
};

/** Which backup to restore. */
const backupSourceProperties: readonly INodeProperties[] = [
	backupSource,
	backupStorage,
	backupStorageBesideJson,
	archive,
	backupVm,
	maxAgeDays,
];

const placedNode: INodeProperties = {
	...nodeProperty,
	required: false,
	description:
		'The node for the VM. If empty, the one with the most free memory among those that have the storages, images and bridges of the VM.',
};

/** What Create asks for. */
export const createProperties: readonly INodeProperties[] = [
	placedNode,
	vmIdMode,
	newId,
	profile,
	specifyVm,
	createJson,
	name,
	cores,
	memory,
	disks,
	...propertiesOf(network),
	...groupProperties('create'),
	additionalParameters,
	waitProperty,
	creationOptions,
];

/** What Restore asks for. */
export const restoreProperties: readonly INodeProperties[] = [
	node,
	nodeBesideJson,
	vmIdMode,
	restoredId,
	...backupSourceProperties,
	specifyVm,
	restoreJson,
	...propertiesOf(restore),
	name,
	cores,
	memory,
	...propertiesOf(network),
	...groupProperties('restore'),
	additionalParameters,
	waitProperty,
	restoreOptions,
];

/** The settings that Update can change. */
export const changedSettings: readonly INodeProperties[] = [
	specifyVm,
	updateJson,
	name,
	cores,
	memory,
	disksOfUpdate,
	...propertiesOf(network),
	...groupProperties('update'),
	additionalParameters,
];
