import { readTaskLog } from '../../api/tasks/log';
import { emit, type Execute } from '../../runtime/operation';
import { readUpid } from './readUpid';
import { factsOf } from '../../api/tasks/taskFacts';

/** What Proxmox gives, as a line and with status 200, for the log of a task that it does not know. */
const NO_LOG = 'unable to open file - No such file or directory';

/** Source: `GET /nodes/{node}/tasks/{upid}/log`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const upid = readUpid(item);
	const most = form.limit();
	form.check();

	const { total, lines } = await readTaskLog(item.run.client, upid, most);
	if (total === 1 && lines[0] === NO_LOG)
		throw new Error(`Proxmox VE has no log of the task ${upid}`);
	return emit({ ...factsOf(upid), total, lines });
};
