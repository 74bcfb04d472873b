import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	executeProperties,
	getInfoProperties,
	readFileProperties,
	setPasswordProperties,
	writeFileProperties,
} from './properties';

export const guestAgent: Resource = {
	value: 'guestAgent',
	name: 'Guest Agent',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'executeCommand',
			name: 'Execute Command',
			action: 'Execute command in guest',
			description: 'Run a command in the guest of a virtual machine',
			details:
				'Waits until it ends, and returns its exit code and output. After a lost response, it is not started again.',
			properties: executeProperties,
			load: async () => await import('./executeCommand'),
		},
		{
			value: 'getInfo',
			name: 'Get Info',
			action: 'Get info of guest',
			description: 'Retrieve the system and addresses of a running guest',
			details:
				'Operating system, host name, network interfaces and IP addresses, as the guest agent reports them.',
			properties: getInfoProperties,
			load: async () => await import('./getInfo'),
		},
		{
			value: 'readFile',
			name: 'Read File',
			action: 'Read file of guest',
			description: 'Read a file of a guest as text or as a binary file',
			details: 'Returns at most 16 MiB; truncated says if there is more.',
			properties: readFileProperties,
			load: async () => await import('./readFile'),
		},
		{
			value: 'setPassword',
			name: 'Set Password',
			action: 'Set password of guest user',
			description: 'Set the password of a user in a guest',
			details: 'The user must exist.',
			properties: setPasswordProperties,
			load: async () => await import('./setPassword'),
		},
		{
			value: 'writeFile',
			name: 'Write File',
			action: 'Write file of guest',
			description: 'Create or replace a file in a guest',
			details: 'From text or a binary file of at most 60 KiB. Its folder must exist.',
			properties: writeFileProperties,
			load: async () => await import('./writeFile'),
		},
	],
};
