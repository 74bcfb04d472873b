import { shutdownFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { SHUTDOWN_TIMEOUT } from '../../form/shutdownProperties';
import { encodeFields } from '../../wire/encodeFields';
import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'shutdown', wanted: 'stopped', types: ['qmshutdown', 'hastop'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/shutdown`. */
export const execute: Execute = async (item) => {
	const given = { forceStop: item.get('forceStop', false), timeout: optionValues(item.get)[SHUTDOWN_TIMEOUT] };
	const values = readAction(item, shutdownFields, given);
	const place = await locateVm(item);
	const task = await followPower(item, place, CHANGE, async () =>
		await item.run.client.post<string>(`${vmPath(place)}/status/shutdown`, encodeFields(values)),
	);
	return emit({ ...place, ...task });
};
