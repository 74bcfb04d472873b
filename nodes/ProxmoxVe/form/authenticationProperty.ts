import type { INodeProperties } from 'n8n-workflow';

/** Which of the two credentials to use. */
export const authenticationProperty: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'options',
	options: [
		{ name: 'API Token', value: 'apiToken' },
		{
			name: 'User and Password',
			value: 'password',
			description: 'For settings that only root@pam may change',
		},
	],
	default: 'apiToken',
};
