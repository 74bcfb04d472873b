import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { readDisk, resizeDisk, resizeRequest } from '../../guests/resizeDisk';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { resizeFields } from './fields';

/** Source: `PUT /nodes/{node}/qemu/{vmid}/resize`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { disk = '', size = '' } = form.fields(resizeFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	if (isPreview) return await emitPreview(item, [resizeRequest(place, { disk, size })]);
	const task = await resizeDisk(item, place, { disk, size }, { waiting });
	const now = task.taskStatus === 'running' ? null : (await readDisk(run, place, disk)).size;
	return await emitGuest(item, place, { disk, size: now, ...task });
};
