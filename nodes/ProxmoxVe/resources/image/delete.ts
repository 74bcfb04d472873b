import { storageOf, volumePath } from '../../api/backups';
import { isNotStarted, PveError } from '../../api/errors';
import { findImage } from '../../api/images';
import { settleByEffect } from '../../guests/lostChange';
import { note } from '../../runtime/context';
import { followTask, isDone } from '../../runtime/followTask';
import { emit, type Execute } from '../../runtime/operation';

/** A volume ID of an image file. The API deletes other volumes by the same request: disks and backups, too. */
const IMAGE = /^[a-z][\w.-]*:(?:import|iso|vztmpl)\/\S/i;

/** Source: `DELETE /nodes/{node}/storage/{storage}/content/{volume}`. */
export const execute: Execute = async (item) => {
	const { run, form, trace } = item;
	const node = form.node();
	const volid = form.text(
		'volid',
		'Image',
		(given) => IMAGE.test(given),
		'the volume ID of an image, such as local:import/debian-13.qcow2',
	);
	const waiting = form.waiting();
	form.check();

	note(trace, { node });
	const what = `deletion of ${volid} on ${node}`;
	const task = await followTask(item, {
		label: what,
		node,
		types: ['imgdel'],
		waiting,
		start: async () => await run.client.delete<string>(volumePath(node, volid)),
		changedNothing: (error) => error instanceof PveError && isNotStarted(error),
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				{ node },
				error,
				{ what, types: ['imgdel'], startedAt },
				async () => (await findImage(run.client, node, volid)) === undefined,
				left,
			),
	});
	return emit({
		volid,
		storage: storageOf(volid),
		node,
		deleted: isDone(task),
		...task,
	});
};
