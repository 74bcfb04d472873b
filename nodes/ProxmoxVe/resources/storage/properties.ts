import type { INodeProperties } from 'n8n-workflow';

import { alwaysShownProperty, plainProperties } from '../../form/describeField';
import { listProperties, nodeProperty } from '../../form/sharedProperties';
import { filterFields, storageFields } from './ownFields';

export const getProperties: readonly INodeProperties[] = [
	nodeProperty,
	alwaysShownProperty('storage', storageFields.storage, { mode: 'list', value: '' }),
];

export const getAllProperties: readonly INodeProperties[] = [
	nodeProperty,
	...listProperties,
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: plainProperties(Object.entries(filterFields)),
	},
];
