import { emit, type Execute } from '../../runtime/operation';
import { readUpid } from './readUpid';
import { readTask } from '../../api/tasks/taskFacts';

/** Source: `GET /nodes/{node}/tasks/{upid}/status`. */
export const execute: Execute = async (item) =>
	emit(await readTask(item.run.client, readUpid(item)));
