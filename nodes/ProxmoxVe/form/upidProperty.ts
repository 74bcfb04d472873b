import type { INodeProperties } from 'n8n-workflow';

/** The task to work on. Its node stands in the UPID. */
export const upidProperty: INodeProperties = {
	displayName: 'UPID',
	name: 'upid',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'UPID:pve1:000019FA:000E976D:6B042C6E:qmrestore:100:n8n@pve!workflows:',
	description:
		'The ID of the task, which every operation that starts one puts out as upid. Its last colon belongs to it.',
};
