import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import { getLogProperties, getProperties, waitProperties } from './properties';

export const task: Resource = {
	value: 'task',
	name: 'Task',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'get',
			name: 'Get',
			action: 'Get task',
			description: 'Read the type, status, VM and times of a task, without waiting for it',
			properties: getProperties,
			load: async () => await import('./get'),
		},
		{
			value: 'getLog',
			name: 'Get Log',
			action: 'Get task log',
			description: 'Read the last lines, or all lines, of the log of a running or finished task',
			properties: getLogProperties,
			load: async () => await import('./getLog'),
		},
		{
			value: 'wait',
			name: 'Wait',
			action: 'Wait for task',
			description:
				'Wait until a task has finished, and fail if it failed. With Wait at Most, an item whose task is still running goes to the second output.',
			properties: waitProperties,
			outputs: ['Done', 'Still Running'],
			load: async () => await import('./wait'),
		},
		{
			value: 'stop',
			name: 'Stop',
			action: 'Stop task',
			description:
				'Stop a task, and return whether it was running. No effect on a finished task. A stopped restore can leave a partial VM.',
			properties: getProperties,
			load: async () => await import('./stop'),
		},
	],
};
