import { stopFields } from '../../catalogue/qemu/actions';
import { optionValues } from '../../form/readOptions';
import { encodeFields } from '../../wire/encodeFields';
import { changePower } from '../../guests/changePower';
import { locateVm } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';
import { readAction } from '../../runtime/readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/stop`. */
export const execute: Execute = async (item) => {
	const { values, waiting } = readAction(item, stopFields, optionValues(item.get));
	const place = await locateVm(item);
	const task = await changePower(item, place, 'stop', { waiting, body: encodeFields(values) });
	return emit({ ...place, ...task });
};
