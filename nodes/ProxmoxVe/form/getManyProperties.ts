import type { INodeProperties } from 'n8n-workflow';

import { locator } from './describeField';
import { listProperties } from './sharedProperties';

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	description: 'A VM must pass all of them',
	options: [
		{
			displayName: 'Name Contains',
			name: 'name',
			type: 'string',
			default: '',
			placeholder: 'web',
			description: 'Part of the name, in small or capital letters',
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
				{ name: 'Unknown', value: 'unknown', description: 'The node does not answer' },
			],
			default: 'running',
		},
		{
			displayName: 'Tags',
			name: 'tags',
			type: 'string',
			default: '',
			placeholder: 'web,production',
			description: 'Tags that a VM must have, all of them, separated by commas',
		},
		{
			displayName: 'Templates',
			name: 'templates',
			type: 'options',
			options: [
				{ name: 'Leave Out', value: 'without' },
				{ name: 'Only These', value: 'only' },
			],
			default: 'without',
			description: 'What to do with templates, which are among the VMs otherwise',
		},
	],
};

export const getManyProperties: readonly INodeProperties[] = [...listProperties, filters];
