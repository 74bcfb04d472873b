import { rebootFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { SHUTDOWN_TIMEOUT } from '../../form/shutdownProperties';
import { encodeFields } from '../../wire/encodeFields';
import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'reboot', wanted: 'running', types: ['qmreboot'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/reboot`. */
export const execute: Execute = async (item) => {
	const values = readAction(item, rebootFields, { timeout: optionValues(item.get)[SHUTDOWN_TIMEOUT] });
	const place = await locateVm(item);
	const task = await followPower(item, place, CHANGE, async () =>
		await item.run.client.post<string>(`${vmPath(place)}/status/reboot`, encodeFields(values)),
	);
	return emit({ ...place, ...task });
};
