import { upidProperty } from '../../form/upidProperty';
import { taskPath } from '../../pve/upid';
import { emit, type Operation } from '../operation';
import { readUpid } from './readUpid';
import { readTask } from './taskFacts';

/** Source: `DELETE /nodes/{node}/tasks/{upid}`, which says OK for a task that has ended, too. */
export const stop: Operation = {
	value: 'stop',
	name: 'Stop',
	action: 'Stop a task',
	description:
		'Stop a task by its UPID, and tell whether it was running. One that has ended is left as it is. What a stopped restore has made so far stays.',
	properties: [upidProperty],
	async execute(item) {
		const { client } = item.run;
		const upid = readUpid(item);
		const before = await readTask(client, upid);
		if (before.status !== 'running') return emit({ ...before, wasRunning: false });
		await client.delete(taskPath(upid));
		return emit({ ...(await readTask(client, upid)), wasRunning: true });
	},
};
