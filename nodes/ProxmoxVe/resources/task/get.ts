import { emit, type Execute } from '../../runtime/operation';
import { readUpid } from './readUpid';
import { readTask } from '../../api/tasks/taskFacts';

/** Source: `GET /nodes/{node}/tasks/{upid}/status`. */
export const execute: Execute = async (item) => {
	const upid = readUpid(item);
	item.form.check();
	return emit(await readTask(item.run.client, upid));
};
