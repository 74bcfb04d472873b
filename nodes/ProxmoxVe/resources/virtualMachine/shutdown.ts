import { shutdownFields } from './fields';
import { SHUTDOWN_TIMEOUT } from './properties';
import { encodeFields } from '../../wire/encodeFields';
import { changePower, powerRequest } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/shutdown`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const { forceStop } = form.fields({ forceStop: shutdownFields.forceStop }, { forceStop: false });
	const { [SHUTDOWN_TIMEOUT]: timeout } = form.options({
		[SHUTDOWN_TIMEOUT]: shutdownFields.timeout,
	});
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	const body = encodeFields({ forceStop, timeout });
	if (isPreview) return await emitPreview(item, [powerRequest(place, 'shutdown', body)]);
	const task = await changePower(item, place, 'shutdown', { waiting, body });
	return await emitGuest(item, place, task);
};
