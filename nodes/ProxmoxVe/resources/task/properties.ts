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
	description: 'As returned in upid, with the trailing colon',
};

/** Of Get and of Stop. */
export const getProperties: readonly INodeProperties[] = [upidProperty];

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
