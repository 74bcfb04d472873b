import type { INodeProperties } from 'n8n-workflow';

/** The task to work on. Its node stands in the UPID. */
export const upidProperty: INodeProperties = {
	displayName: 'UPID',
	name: 'upid',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. UPID:pve1:000019FA:000E976D:6B042C6E:qmrestore:100:n8n@pve!workflows:',
	description:
		'The ID of the task, as returned in upid by every operation that starts one, including the trailing colon',
};
