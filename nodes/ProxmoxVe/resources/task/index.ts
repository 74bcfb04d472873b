import { qemu } from '../../catalogue/qemu';
import { listProperties } from '../../form/sharedProperties';
import { upidProperty } from '../../form/upidProperty';
import { waitProperties } from '../../form/waitProperties';
import type { Resource } from '../../runtime/operation';

export const task: Resource = {
	value: 'task',
	name: 'Task',
	catalogue: qemu,
	operations: [
		{
			value: 'get',
			name: 'Get',
			action: 'Get a task',
			description:
				'Look at a task by its UPID, without waiting: what it does to which VM, whether it runs, and how and when it ended',
			properties: [upidProperty],
			load: async () => await import('./get'),
		},
		{
			value: 'getLog',
			name: 'Get Log',
			action: 'Get the log of a task',
			description:
				'Read the last lines of the log of a task by its UPID, or all lines, while it runs or after it ended',
			properties: [upidProperty, ...listProperties],
			load: async () => await import('./getLog'),
		},
		{
			value: 'wait',
			name: 'Wait',
			action: 'Wait for a task',
			description:
				'Wait until a task that another step has started has ended, by its UPID, and fail where it failed. With Wait at Most an item whose task still runs goes out by the second output.',
			properties: waitProperties,
			outputs: ['Done', 'Still Running'],
			load: async () => await import('./wait'),
		},
		{
			value: 'stop',
			name: 'Stop',
			action: 'Stop a task',
			description:
				'Stop a task by its UPID, and tell whether it was running. One that has ended is left as it is. What a stopped restore has made so far stays.',
			properties: [upidProperty],
			load: async () => await import('./stop'),
		},
	],
};
