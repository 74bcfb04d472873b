import type { INodeProperties } from 'n8n-workflow';

import { backupFields } from '../catalogue/qemu/actions';
import { locator, plainProperties, standingProperty } from './describeField';
import { optionsProperty, waitOptions, waitProperty } from './sharedProperties';

const { storage, mode, compress, ...rare } = backupFields;

/** What Create asks for, beside which VM it is. */
export const createBackupProperties: readonly INodeProperties[] = [
	standingProperty('storage', storage, { mode: 'list', value: '' }),
	standingProperty('mode', mode, 'snapshot'),
	standingProperty('compress', compress, 'zstd'),
	waitProperty,
	optionsProperty([...waitOptions, ...plainProperties(Object.entries(rare))]),
];

/** The backup to work on. */
export const volidProperty: INodeProperties = {
	displayName: 'Backup',
	name: 'volid',
	...locator('searchBackups', 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
	required: true,
	description:
		'The backup, from the list or by its volume ID, which Get Many and Create return as volid',
};

/** Which backups to list. */
export const backupFiltersProperty: INodeProperties = {
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
			description:
				'Only backups on this storage, or on several storages separated by commas. If not set, all online storages of the node are searched.',
		},
		{
			displayName: 'Virtual Machine',
			name: 'vmid',
			...locator('searchBackedUpVms', '100'),
			description: 'Only backups of this VM, which may have been deleted since',
		},
	],
};
