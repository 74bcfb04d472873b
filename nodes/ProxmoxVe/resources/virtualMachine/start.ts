import { startVm } from '../../guests/changePower';
import { idOf, locateVm } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const vmid = form.guestId('vm', 'Virtual Machine');
	const waiting = form.waiting();
	form.check();
	const place = await locateVm(item, vmid);
	return emit({ ...idOf(place), ...(await startVm(item, place, { waiting })) });
};
