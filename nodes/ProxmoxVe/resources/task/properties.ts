import type { INodeProperties } from 'n8n-workflow';

import { listProperties, optionsProperty, pollOptions } from '../../form/sharedProperties';

/** The task to work on. Its node is in the UPID. */
const upidProperty: INodeProperties = {
	displayName: 'UPID',
	name: 'upid',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. UPID:pve1:000019FA:000E976D:6B042C6E:qmrestore:100:n8n@pve!workflows:',
	description:
		'The ID of the task, as returned in upid by every operation that starts one, including the trailing colon',
};

/** Of Get and of Stop. */
export const getProperties: readonly INodeProperties[] = [upidProperty];

export const getLogProperties: readonly INodeProperties[] = [upidProperty, ...listProperties];

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
