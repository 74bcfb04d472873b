import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { convertToTemplate, templateRequest } from '../../guests/convertToTemplate';

/** Source: `POST /nodes/{node}/qemu/{vmid}/template`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	if (isPreview) return await emitPreview(item, [templateRequest(place)]);
	const task = await item.run.gate(
		place.node,
		async () => await convertToTemplate(item, place, waiting),
	);
	return await emitGuest(item, place, task);
};
