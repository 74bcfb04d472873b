import type { INodeProperties } from 'n8n-workflow';

import { optionsProperty, pollOptions } from './sharedProperties';
import { upidProperty } from './upidProperty';

const waitAtMost: INodeProperties = {
	displayName: 'Wait at Most (Seconds)',
	name: 'waitAtMost',
	type: 'number',
	default: 30,
	description:
		'After so many seconds the item goes out by Still Running instead, so that a Wait node can come back here without holding a worker. 0 looks once. Without it the step fails at Timeout.',
};

export const waitProperties: readonly INodeProperties[] = [
	upidProperty,
	optionsProperty([...pollOptions, waitAtMost]),
];
