import type { INodeProperties } from 'n8n-workflow';

import { optionsProperty, pollOptions } from './sharedProperties';
import { upidProperty } from './upidProperty';

const waitAtMost: INodeProperties = {
	displayName: 'Wait at Most (Seconds)',
	name: 'waitAtMost',
	type: 'number',
	default: 30,
	description:
		'Send the item to the Still Running output after this time instead of failing, so that a Wait node can return here later without blocking a worker. 0 checks once. If not set, the item fails after Timeout.',
};

export const waitProperties: readonly INodeProperties[] = [
	upidProperty,
	optionsProperty([...pollOptions, waitAtMost]),
];
