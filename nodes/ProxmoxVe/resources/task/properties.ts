import type { INodeProperties } from 'n8n-workflow';

import { locator } from '../../form/describeField';
import {
	listProperties,
	optionsProperty,
	pollOptions,
	previewOption,
} from '../../form/sharedProperties';

/** The task to work on. Its node is in the UPID. */
const upidProperty: INodeProperties = {
	displayName: 'UPID',
	name: 'upid',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. UPID:pve1:000019FA:000E976D:6B042C6E:qmrestore:100:n8n@pve!workflows:',
	description: 'With its trailing colon',
};

export const getProperties: readonly INodeProperties[] = [upidProperty];

export const stopProperties: readonly INodeProperties[] = [
	upidProperty,
	optionsProperty([previewOption]),
];

export const getLogProperties: readonly INodeProperties[] = [upidProperty, ...listProperties];

const waitAtMost: INodeProperties = {
	displayName: 'Wait at Most (Seconds)',
	name: 'waitAtMost',
	type: 'number',
	default: 30,
	description: 'Then the item goes to the output Still Running instead of failing. 0 checks once.',
};

export const waitProperties: readonly INodeProperties[] = [
	upidProperty,
	optionsProperty([...pollOptions, waitAtMost]),
];

export const getAllProperties: readonly INodeProperties[] = [
	...listProperties,
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: [
			{
				displayName: 'Node',
				name: 'node',
				...locator('searchNodes', 'pve1'),
				description: 'By default all online nodes are asked',
			},
			{ displayName: 'Started After', name: 'since', type: 'dateTime', default: '' },
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				options: [
					{ name: 'Error', value: 'error' },
					{ name: 'OK', value: 'ok' },
					{ name: 'Running', value: 'running' },
					{ name: 'Warnings', value: 'warnings' },
				],
				default: 'error',
			},
			{
				displayName: 'Type',
				name: 'type',
				type: 'string',
				default: '',
				placeholder: 'e.g. vzdump',
				description: 'As in a UPID: qmcreate, qmrestore, qmigrate, vzdump, download and so on',
			},
			{
				displayName: 'Virtual Machine',
				name: 'vm',
				...locator('searchVirtualMachines', '100'),
			},
		],
	},
];
