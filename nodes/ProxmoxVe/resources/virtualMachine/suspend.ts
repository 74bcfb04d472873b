import { changePower, powerRequest } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/suspend`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	if (isPreview) return await emitPreview(item, [powerRequest(place, 'suspend')]);
	return await emitGuest(item, place, await changePower(item, place, 'suspend', { waiting }));
};
