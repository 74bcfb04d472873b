import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import { sendProperties } from './properties';

export const apiRequest: Resource = {
	value: 'apiRequest',
	name: 'API Request',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'send',
			name: 'Send',
			action: 'Send API request',
			description: 'Can change anything: send any request of the API',
			details:
				'For what no other operation does. A list gives one item per row; Return All reads all pages of tasks and logs. Waits for a task that it starts.',
			properties: sendProperties,
			load: async () => await import('./send'),
		},
	],
};
