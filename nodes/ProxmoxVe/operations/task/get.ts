import { emit, type Execute } from '../operation';
import { readUpid } from './readUpid';
import { readTask } from './taskFacts';

/** Source: `GET /nodes/{node}/tasks/{upid}/status`. */
export const execute: Execute = async (item) => emit(await readTask(item.run.client, readUpid(item)));
