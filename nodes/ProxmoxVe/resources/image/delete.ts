import { storageOf } from '../../api/backups';
import { findImage } from '../../api/images';
import { deleteVolume, DELETION, deletionRequest } from '../../guests/deleteVolume';
import { note } from '../../runtime/context';
import { isDone } from '../../runtime/followTask';
import { emit, type Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

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
	const isPreview = form.previewing();
	form.check();

	note(trace, { node });
	if (isPreview) return await emitPreview(item, [deletionRequest(node, volid)]);
	const task = await deleteVolume(item, {
		node,
		volid,
		waiting,
		types: [DELETION],
		isGone: async () => (await findImage(run.client, node, volid)) === undefined,
	});
	return emit({
		volid,
		storage: storageOf(volid),
		node,
		deleted: isDone(task),
		...task,
	});
};
