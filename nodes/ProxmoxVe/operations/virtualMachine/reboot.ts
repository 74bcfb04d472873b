import { rebootFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { SHUTDOWN_TIMEOUT } from '../../form/shutdownProperties';
import { encodeFields } from '../../wire/encodeFields';
import { changePower } from '../changePower';
import { locateVm } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/reboot`. */
export const execute: Execute = async (item) => {
	const values = readAction(item, rebootFields, { timeout: optionValues(item.get)[SHUTDOWN_TIMEOUT] });
	const place = await locateVm(item);
	return emit({ ...place, ...(await changePower(item, place, 'reboot', encodeFields(values))) });
};
