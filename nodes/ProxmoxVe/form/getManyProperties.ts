import type { INodeProperties } from 'n8n-workflow';

import { locator } from './describeField';
import { listProperties } from './sharedProperties';

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
			description: 'Part of the name, not case-sensitive',
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
			description:
				'Whether to exclude templates or to return only templates. By default both are returned.',
		},
	],
};

export const getManyProperties: readonly INodeProperties[] = [...listProperties, filters];
