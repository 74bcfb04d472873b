import { upidProperty } from '../../form/upidProperty';
import { emit, type Operation } from '../operation';
import { readUpid } from './readUpid';
import { readTask } from './taskFacts';

/** Source: `GET /nodes/{node}/tasks/{upid}/status`. */
export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a task',
	description: 'Look at a task by its UPID, without waiting: what it does to which VM, whether it runs, and how and when it ended',
	properties: [upidProperty],
	execute: async (item) => emit(await readTask(item.run.client, readUpid(item))),
};
