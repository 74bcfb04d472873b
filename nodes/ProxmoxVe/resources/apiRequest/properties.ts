import type { INodeProperties } from 'n8n-workflow';

import { alwaysShownProperty, entryList } from '../../form/describeField';
import {
	optionsProperty,
	pollOptions,
	previewOption,
	returnAll,
	waitProperty,
} from '../../form/sharedProperties';
import { pathField, requestFields } from './ownFields';

const { method, specifyParameters } = requestFields;

export const sendProperties: readonly INodeProperties[] = [
	alwaysShownProperty('method', method, 'GET'),
	alwaysShownProperty('path', pathField, ''),
	alwaysShownProperty('specifyParameters', specifyParameters, 'fields'),
	{
		...entryList('parameters', 'Parameters', 'Parameter', [
			{ displayName: 'Name', name: 'name', type: 'string', default: '' },
			{ displayName: 'Value', name: 'value', type: 'string', default: '' },
		]),
		displayOptions: { show: { specifyParameters: ['fields'] } },
	},
	{
		displayName: 'Parameters (JSON)',
		name: 'parametersJson',
		type: 'json',
		default: '{}',
		description: 'An object with the names of the API. A list is sent as one parameter per entry.',
		displayOptions: { show: { specifyParameters: ['json'] } },
	},
	{ ...returnAll, displayOptions: { show: { method: ['GET'] } } },
	waitProperty,
	optionsProperty([...pollOptions, previewOption]),
];
