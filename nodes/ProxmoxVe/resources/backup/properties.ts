import type { INodeProperties } from 'n8n-workflow';

import { locator, plainProperties, alwaysShownProperty } from '../../form/describeField';
import {
	changeOptions,
	guestProperty,
	listProperties,
	nodeProperty,
	optionsProperty,
	previewOption,
	taskProperties,
	waitOptions,
	waitProperty,
} from '../../form/sharedProperties';
import { backupFields, updateFields } from './fields';
import {
	dryRunField,
	filterFields,
	keepFields,
	manyFields,
	poolField,
	pruneFilters,
	vmidsField,
	whichFields,
} from './ownFields';

const { storage, mode, compress, ...rare } = backupFields;

const storageProperty = alwaysShownProperty('storage', storage, { mode: 'list', value: '' });
const modeProperty = alwaysShownProperty('mode', mode, 'snapshot');
const compressProperty = alwaysShownProperty('compress', compress, 'zstd');

export const createProperties: readonly INodeProperties[] = [
	guestProperty,
	storageProperty,
	modeProperty,
	compressProperty,
	waitProperty,
	optionsProperty([...waitOptions, ...plainProperties(Object.entries(rare))]),
];

const shownFor = (guests: string, property: INodeProperties): INodeProperties => ({
	...property,
	displayOptions: { show: { guests: [guests] } },
});

export const createManyProperties: readonly INodeProperties[] = [
	alwaysShownProperty('guests', manyFields.guests, 'list'),
	shownFor('list', alwaysShownProperty('vmids', vmidsField, '')),
	shownFor('pool', alwaysShownProperty('pool', poolField.pool, { mode: 'list', value: '' })),
	storageProperty,
	modeProperty,
	compressProperty,
	waitProperty,
	optionsProperty([
		...waitOptions,
		...plainProperties(Object.entries({ ...rare, ...whichFields })),
	]),
];

/** The backup to work on. */
const volidProperty: INodeProperties = {
	displayName: 'Backup',
	name: 'volid',
	...locator('searchBackups', 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
	required: true,
	description: 'Its volume ID: volid of Get Many and Create',
};

const guestFilter: INodeProperties = {
	displayName: 'Guest',
	name: 'vm',
	...locator('searchBackedUpVms', '100'),
	description: 'Only its backups. It may have been deleted.',
};

const filtersOf = (options: INodeProperties[]): INodeProperties => ({
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options,
});

/** Which backups to list. */
const filtersProperty = filtersOf([
	guestFilter,
	...plainProperties(Object.entries({ type: filterFields.type })),
	{
		displayName: 'Storage',
		name: 'storage',
		...locator('searchBackupStorages', 'local'),
		description: 'Separated by commas. By default all that are online.',
	},
]);

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

export const updateProperties: readonly INodeProperties[] = [
	nodeProperty,
	volidProperty,
	{
		displayName: 'Update Fields',
		name: 'updateFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		options: plainProperties(Object.entries(updateFields)),
	},
	optionsProperty([previewOption]),
];

export const pruneProperties: readonly INodeProperties[] = [
	nodeProperty,
	storageProperty,
	{
		displayName: 'Keep',
		name: 'keep',
		type: 'collection',
		placeholder: 'Add Rule',
		default: {},
		description: 'How many backups of each guest to keep, as in Proxmox VE',
		options: plainProperties(Object.entries(keepFields)),
	},
	alwaysShownProperty('dryRun', dryRunField.dryRun, true),
	filtersOf([guestFilter, ...plainProperties(Object.entries(pruneFilters))]),
	waitProperty,
	optionsProperty(changeOptions),
];
