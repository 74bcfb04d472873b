import { startVm } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const waiting = form.waiting();
	form.check();
	const place = await locateVm(item, guest);
	return await emitGuest(item, place, await startVm(item, place, { waiting }));
};
