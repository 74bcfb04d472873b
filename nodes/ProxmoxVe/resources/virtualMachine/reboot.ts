import { rebootFields } from './fields';
import { SHUTDOWN_TIMEOUT } from './properties';
import { encodeFields } from '../../wire/encodeFields';
import { changePower, powerRequest } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/reboot`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const { [SHUTDOWN_TIMEOUT]: timeout } = form.options({
		[SHUTDOWN_TIMEOUT]: rebootFields.timeout,
	});
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	const body = encodeFields({ timeout });
	if (isPreview) return await emitPreview(item, [powerRequest(place, 'reboot', body)]);
	const task = await changePower(item, place, 'reboot', { waiting, body });
	return await emitGuest(item, place, task);
};
