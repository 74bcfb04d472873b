import { shutdownFields } from '../../catalogue/qemu/actions';
import { optionValues } from '../../form/readOptions';
import { SHUTDOWN_TIMEOUT } from '../../form/shutdownProperties';
import { encodeFields } from '../../wire/encodeFields';
import { changePower } from '../../guests/changePower';
import { locateVm } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';
import { readAction } from '../../runtime/readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/shutdown`. */
export const execute: Execute = async (item) => {
	const given = {
		forceStop: item.get('forceStop', false),
		timeout: optionValues(item.get)[SHUTDOWN_TIMEOUT],
	};
	const { values, waiting } = readAction(item, shutdownFields, given);
	const place = await locateVm(item);
	const task = await changePower(item, place, 'shutdown', { waiting, body: encodeFields(values) });
	return emit({ ...place, ...task });
};
