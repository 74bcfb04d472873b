import type { INodeProperties } from 'n8n-workflow';

import { changeFields } from '../../catalogue/lxc/change';
import { updateFields } from '../../catalogue/qemu/change';
import { alwaysShownProperty, plainProperties } from '../../form/describeField';
import {
	changeOptions,
	idModeProperty,
	makingOptions,
	optionsProperty,
	stopOnCancelOption,
	taskProperties,
	vmProperty,
	waitOptions,
	waitProperty,
} from '../../form/sharedProperties';
import { spreadField } from '../virtualMachine/ownFields';
import * as vm from '../virtualMachine/properties';
import { cloneFields, migrateFields, moveFields, resizeFields } from './fields';
import { changedSettings, clonedSettings, forContainers } from './settings';

export { createProperties, restoreProperties } from './settings';

const all = (properties: readonly INodeProperties[]): readonly INodeProperties[] =>
	properties.map(forContainers);

const containerProperty = forContainers(vmProperty);

/** The others are those of a VM. */
export const getProperties = all(vm.getProperties);
export const getAllProperties = all(vm.getAllProperties);
export const startProperties = all(vm.startProperties);
export const shutdownProperties = all(vm.shutdownProperties);
export const stopProperties = all(vm.stopProperties);
export const rebootProperties = all(vm.rebootProperties);
export const convertToTemplateProperties = all(vm.convertToTemplateProperties);
export const deleteProperties = all(vm.deleteProperties);

const { delete: removal, ...changeOptionFields } = changeFields;

export const updateProperties: readonly INodeProperties[] = [
	containerProperty,
	...changedSettings,
	alwaysShownProperty('delete', removal, ''),
	waitProperty,
	optionsProperty([
		...waitOptions,
		...plainProperties(Object.entries({ ...changeOptionFields, ...updateFields })),
	]),
];

const { newid, hostname, full, ...cloneOptionFields } = cloneFields;

export const cloneProperties: readonly INodeProperties[] = [
	containerProperty,
	forContainers(idModeProperty('newIdMode', 'New VM ID')),
	{
		...alwaysShownProperty('newId', newid, 100),
		displayName: 'Fixed New CT ID',
		displayOptions: { show: { newIdMode: ['fixed'] } },
	},
	alwaysShownProperty('hostname', hostname, ''),
	alwaysShownProperty('full', full, true),
	...clonedSettings,
	forContainers(
		optionsProperty([
			...makingOptions,
			...plainProperties(Object.entries({ ...cloneOptionFields, ...spreadField })),
		]),
	),
];

const { target, restart, timeout, ...migrateOptionFields } = migrateFields;

export const migrateProperties: readonly INodeProperties[] = [
	containerProperty,
	alwaysShownProperty('target', target, { mode: 'list', value: '' }),
	alwaysShownProperty('restart', restart, false),
	waitProperty,
	optionsProperty([
		...changeOptions,
		stopOnCancelOption,
		...plainProperties(Object.entries({ ...migrateOptionFields, [vm.SHUTDOWN_TIMEOUT]: timeout })),
	]),
];

const { volume, storage: moveStorage, ...moveOptionFields } = moveFields;

const volumeProperty = alwaysShownProperty('disk', volume, { mode: 'list', value: '' });

export const moveVolumeProperties: readonly INodeProperties[] = [
	containerProperty,
	volumeProperty,
	alwaysShownProperty('storage', moveStorage, { mode: 'list', value: '' }),
	waitProperty,
	optionsProperty([
		...changeOptions,
		stopOnCancelOption,
		...plainProperties(Object.entries(moveOptionFields)),
	]),
];

export const resizeProperties: readonly INodeProperties[] = [
	containerProperty,
	volumeProperty,
	alwaysShownProperty('size', resizeFields.size, ''),
	...taskProperties,
];
