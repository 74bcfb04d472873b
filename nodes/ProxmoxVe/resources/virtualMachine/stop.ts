import { stopFields } from './fields';
import { encodeFields } from '../../wire/encodeFields';
import { changePower, powerRequest } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/stop`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const values = form.options(stopFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	const body = encodeFields(values);
	if (isPreview) return await emitPreview(item, [powerRequest(place, 'stop', body)]);
	const task = await changePower(item, place, 'stop', { waiting, body });
	return await emitGuest(item, place, task);
};
