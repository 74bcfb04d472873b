import { stopFields } from './fields';
import { encodeFields } from '../../wire/encodeFields';
import { changePower } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute } from '../../runtime/operation';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/stop`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const values = form.options(stopFields);
	const waiting = form.waiting();
	form.check();
	const place = await locateVm(item, guest);
	const task = await changePower(item, place, 'stop', { waiting, body: encodeFields(values) });
	return await emitGuest(item, place, task);
};
