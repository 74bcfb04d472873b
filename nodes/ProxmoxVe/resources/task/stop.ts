import { taskPath } from '../../api/upid';
import { emit, type Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { readUpid } from './readUpid';
import { readTask } from '../../api/tasks/taskFacts';

/** Source: `DELETE /nodes/{node}/tasks/{upid}`, which says OK for a task that has ended, too. */
export const execute: Execute = async (item) => {
	const { client } = item.run;
	const upid = readUpid(item);
	const isPreview = item.form.previewing();
	item.form.check();
	const before = await readTask(client, upid);
	if (before.status !== 'running') return emit({ ...before, wasRunning: false });
	const path = taskPath(upid);
	if (isPreview) return await emitPreview(item, [{ method: 'DELETE', path }]);
	await client.delete(path);
	return emit({ ...(await readTask(client, upid)), wasRunning: true });
};
