import type { INodeProperties } from 'n8n-workflow';

import { changeFields, updateFields } from '../../catalogue/qemu/change';
import { importFields } from '../../form/importFields';
import { locator, plainProperties, alwaysShownProperty } from '../../form/describeField';
import {
	changeOptions,
	creationOptions,
	idModeProperty,
	listProperties,
	makingOptions,
	optionsProperty,
	previewOption,
	readinessOptions,
	stopOnCancelOption,
	taskProperties,
	vmProperty,
	waitOptions,
	waitProperty,
} from '../../form/sharedProperties';
import {
	cloneFields,
	deleteFields,
	getFields,
	hibernateFields,
	migrateFields,
	moveFields,
	resizeFields,
	shutdownFields,
	stopFields,
} from './fields';
import { attachFields, simplifyField, slotField, spreadField } from './ownFields';
import { changedSettings, clonedSettings, importedSettings } from './settings';

export { createProperties, restoreProperties } from './settings';

const { delete: removal, ...changeOptionFields } = changeFields;

export const updateProperties: readonly INodeProperties[] = [
	vmProperty,
	...changedSettings,
	alwaysShownProperty('delete', removal, ''),
	waitProperty,
	optionsProperty([
		...waitOptions,
		...plainProperties(Object.entries({ ...changeOptionFields, ...updateFields })),
	]),
];

const { newid: newIdField, name, full, ...cloneOptionFields } = cloneFields;

const newIdMode = idModeProperty('newIdMode', 'New VM ID');

const newId: INodeProperties = {
	...alwaysShownProperty('newId', newIdField, 100),
	displayName: 'Fixed New VM ID',
	displayOptions: { show: { newIdMode: ['fixed'] } },
};

export const cloneProperties: readonly INodeProperties[] = [
	vmProperty,
	newIdMode,
	newId,
	alwaysShownProperty('name', name, ''),
	alwaysShownProperty('full', full, true),
	...clonedSettings,
	optionsProperty([
		...makingOptions,
		...plainProperties(Object.entries({ ...cloneOptionFields, ...spreadField })),
	]),
];

const ipAddresses: INodeProperties = {
	displayName: 'IP Addresses',
	name: 'ipAddresses',
	type: 'boolean',
	default: true,
	description: 'Whether to ask the guest agent for IP addresses',
};

const rawConfig: INodeProperties = {
	displayName: 'Raw Config',
	name: 'rawConfig',
	type: 'boolean',
	default: true,
	description: 'Whether to return devices as property strings. Only without Simplify.',
};

const simplify = alwaysShownProperty('simplify', simplifyField.simplify, true);

export const getProperties: readonly INodeProperties[] = [
	vmProperty,
	simplify,
	optionsProperty([ipAddresses, rawConfig, ...plainProperties(Object.entries(getFields))]),
];

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	description: 'Only VMs that match all filters are returned',
	options: [
		{
			displayName: 'Name Contains',
			name: 'name',
			type: 'string',
			default: '',
			placeholder: 'e.g. web',
		},
		{ displayName: 'Node', name: 'node', ...locator('searchNodes', 'pve1') },
		{ displayName: 'Resource Pool', name: 'pool', ...locator('searchPools', 'dev') },
		{
			displayName: 'Status',
			name: 'status',
			type: 'options',
			options: [
				{ name: 'Running', value: 'running' },
				{ name: 'Stopped', value: 'stopped' },
				{ name: 'Unknown', value: 'unknown', description: 'The node does not respond' },
			],
			default: 'running',
		},
		{
			displayName: 'Tags',
			name: 'tags',
			type: 'string',
			default: '',
			placeholder: 'e.g. web,production',
			description: 'Only VMs with all of these tags, separated by commas',
		},
		{
			displayName: 'Templates',
			name: 'templates',
			type: 'options',
			options: [
				{ name: 'Exclude', value: 'without' },
				{ name: 'Only Templates', value: 'only' },
			],
			default: 'without',
			description: 'By default both are returned',
		},
	],
};

export const getAllProperties: readonly INodeProperties[] = [...listProperties, simplify, filters];

/** The option that says how long a guest may take: Timeout is how long to wait for the task. */
export const SHUTDOWN_TIMEOUT = 'shutdownTimeout';

/** How to wait for a guest that shuts down, and for the task in which it does. */
const shutdownWaitProperties: readonly INodeProperties[] = [
	waitProperty,
	optionsProperty([
		...waitOptions,
		...plainProperties([[SHUTDOWN_TIMEOUT, shutdownFields.timeout]]),
	]),
];

export const startProperties: readonly INodeProperties[] = [
	vmProperty,
	optionsProperty([...waitOptions, ...readinessOptions]),
];

export const convertToTemplateProperties: readonly INodeProperties[] = [
	vmProperty,
	...taskProperties,
];

export const shutdownProperties: readonly INodeProperties[] = [
	vmProperty,
	alwaysShownProperty('forceStop', shutdownFields.forceStop, false),
	...shutdownWaitProperties,
];

export const stopProperties: readonly INodeProperties[] = [
	vmProperty,
	waitProperty,
	optionsProperty([...waitOptions, ...plainProperties(Object.entries(stopFields))]),
];

export const rebootProperties: readonly INodeProperties[] = [vmProperty, ...shutdownWaitProperties];

/** Of Suspend, Resume and Reset. */
export const pauseProperties: readonly INodeProperties[] = [
	vmProperty,
	waitProperty,
	optionsProperty(changeOptions),
];

export const hibernateProperties: readonly INodeProperties[] = [
	vmProperty,
	waitProperty,
	optionsProperty([...changeOptions, ...plainProperties(Object.entries(hibernateFields))]),
];

const {
	target: targetNode,
	online,
	'with-local-disks': withLocalDisks,
	...migrateOptionFields
} = migrateFields;

export const migrateProperties: readonly INodeProperties[] = [
	vmProperty,
	alwaysShownProperty('target', targetNode, { mode: 'list', value: '' }),
	alwaysShownProperty('online', online, true),
	alwaysShownProperty('with-local-disks', withLocalDisks, false),
	waitProperty,
	optionsProperty([
		...changeOptions,
		stopOnCancelOption,
		...plainProperties(Object.entries(migrateOptionFields)),
	]),
];

const diskProperty = alwaysShownProperty('disk', resizeFields.disk, { mode: 'list', value: '' });

export const resizeProperties: readonly INodeProperties[] = [
	vmProperty,
	diskProperty,
	alwaysShownProperty('size', resizeFields.size, ''),
	...taskProperties,
];

const { storage: moveStorage, delete: deleteSource, format, bwlimit } = moveFields;

const moveStorageProperty = alwaysShownProperty('storage', moveStorage, {
	mode: 'list',
	value: '',
});

export const importProperties: readonly INodeProperties[] = [
	alwaysShownProperty('importFrom', importFields.importFrom, { mode: 'list', value: '' }),
	moveStorageProperty,
	{
		displayName: importFields.bridge.label,
		name: 'bridge',
		...locator('searchBridges', 'vmbr0'),
		default: { mode: 'name', value: 'vmbr0' },
		description: 'For all network cards. If empty, the VM has none.',
	},
	...importedSettings,
	creationOptions,
];

export const moveDiskProperties: readonly INodeProperties[] = [
	vmProperty,
	diskProperty,
	moveStorageProperty,
	waitProperty,
	optionsProperty([
		...changeOptions,
		stopOnCancelOption,
		...plainProperties(Object.entries({ delete: deleteSource, format, bwlimit })),
	]),
];

export const detachDiskProperties: readonly INodeProperties[] = [
	vmProperty,
	diskProperty,
	waitProperty,
	optionsProperty(changeOptions),
];

export const attachDiskProperties: readonly INodeProperties[] = [
	vmProperty,
	alwaysShownProperty('unusedDisk', attachFields.unusedDisk, { mode: 'list', value: '' }),
	alwaysShownProperty('bus', attachFields.bus, 'scsi'),
	waitProperty,
	optionsProperty([...changeOptions, ...plainProperties(Object.entries(slotField))]),
];

export const regenerateCloudInitProperties: readonly INodeProperties[] = [
	vmProperty,
	optionsProperty([previewOption]),
];

const stopBeforeDelete: INodeProperties = {
	displayName: 'Stop First',
	name: 'stopFirst',
	type: 'boolean',
	default: true,
	description: 'Whether to turn off (not shut down) a running VM first',
};

export const deleteProperties: readonly INodeProperties[] = [
	vmProperty,
	waitProperty,
	optionsProperty([
		...waitOptions,
		stopBeforeDelete,
		...plainProperties(Object.entries(deleteFields)),
	]),
];
