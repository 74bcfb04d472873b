import { stopFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { encodeFields } from '../../wire/encodeFields';
import { changePower } from '../changePower';
import { locateVm } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/stop`. */
export const execute: Execute = async (item) => {
	const values = readAction(item, stopFields, optionValues(item.get));
	const place = await locateVm(item);
	return emit({ ...place, ...(await changePower(item, place, 'stop', encodeFields(values))) });
};
