import { shutdownFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { SHUTDOWN_TIMEOUT } from '../../form/shutdownProperties';
import { encodeFields } from '../../wire/encodeFields';
import { changePower } from '../changePower';
import { locateVm } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/shutdown`. */
export const execute: Execute = async (item) => {
	const given = { forceStop: item.get('forceStop', false), timeout: optionValues(item.get)[SHUTDOWN_TIMEOUT] };
	const values = readAction(item, shutdownFields, given);
	const place = await locateVm(item);
	return emit({ ...place, ...(await changePower(item, place, 'shutdown', encodeFields(values))) });
};
