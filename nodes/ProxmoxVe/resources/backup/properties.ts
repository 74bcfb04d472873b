import type { INodeProperties } from 'n8n-workflow';

import { locator, plainProperties, alwaysShownProperty } from '../../form/describeField';
import {
	guestProperty,
	listProperties,
	nodeProperty,
	optionsProperty,
	taskProperties,
	waitOptions,
	waitProperty,
} from '../../form/sharedProperties';
import { backupFields } from './fields';

const { storage, mode, compress, ...rare } = backupFields;

export const createProperties: readonly INodeProperties[] = [
	guestProperty,
	alwaysShownProperty('storage', storage, { mode: 'list', value: '' }),
	alwaysShownProperty('mode', mode, 'snapshot'),
	alwaysShownProperty('compress', compress, 'zstd'),
	waitProperty,
	optionsProperty([...waitOptions, ...plainProperties(Object.entries(rare))]),
];

/** The backup to work on. */
const volidProperty: INodeProperties = {
	displayName: 'Backup',
	name: 'volid',
	...locator('searchBackups', 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
	required: true,
	description: 'By its volume ID, which Get Many and Create return as volid',
};

/** Which backups to list. */
const filtersProperty: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
		{
			displayName: 'Storage',
			name: 'storage',
			...locator('searchBackupStorages', 'local'),
			description: 'One or several, separated by commas. By default all that are online.',
		},
		{
			displayName: 'Guest',
			name: 'vm',
			...locator('searchBackedUpVms', '100'),
			description: 'Only its backups. It may have been deleted since.',
		},
	],
};

export const getAllProperties: readonly INodeProperties[] = [
	nodeProperty,
	...listProperties,
	filtersProperty,
];

export const deleteProperties: readonly INodeProperties[] = [
	nodeProperty,
	volidProperty,
	...taskProperties,
];
