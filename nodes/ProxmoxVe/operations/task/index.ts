import type { Resource } from '../operation';
import { get } from './get';
import { getLog } from './getLog';
import { stop } from './stop';
import { wait } from './wait';

export const task: Resource = {
	value: 'task',
	name: 'Task',
	operations: [get, getLog, wait, stop],
};
