import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	getAllProperties,
	getLogProperties,
	getProperties,
	stopProperties,
	waitProperties,
} from './properties';

export const task: Resource = {
	value: 'task',
	name: 'Task',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'get',
			name: 'Get',
			action: 'Get task',
			description: 'Retrieve the type, status and times of a task',
			details: 'Does not wait for it.',
			properties: getProperties,
			load: async () => await import('./get'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many tasks',
			description: 'Retrieve the tasks of the cluster, newest first',
			details: 'Running and finished. Can be filtered by node, VM, type, status and time.',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
		{
			value: 'getLog',
			name: 'Get Log',
			action: 'Get task log',
			description: 'Retrieve the last lines of the log of a task',
			details: 'Of a running or finished task. Return All returns all lines.',
			properties: getLogProperties,
			load: async () => await import('./getLog'),
		},
		{
			value: 'wait',
			name: 'Wait',
			action: 'Wait for task',
			description: 'Wait until a task has finished',
			details:
				'The item fails if the task has failed. With Wait at Most, an item whose task is still running goes to the second output.',
			properties: waitProperties,
			outputs: ['Done', 'Still Running'],
			load: async () => await import('./wait'),
		},
		{
			value: 'stop',
			name: 'Stop',
			action: 'Stop task',
			description: 'May leave a partial VM: stop a running task',
			details: 'Returns whether the task was running. No effect on a finished task.',
			properties: stopProperties,
			load: async () => await import('./stop'),
		},
	],
};
