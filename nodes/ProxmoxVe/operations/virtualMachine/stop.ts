import { stopFields } from '../../catalogue/actions';
import { optionValues } from '../../form/readOptions';
import { encodeFields } from '../../wire/encodeFields';
import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'stop', wanted: 'stopped', types: ['qmstop', 'hastop'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/stop`. */
export const execute: Execute = async (item) => {
	const values = readAction(item, stopFields, optionValues(item.get));
	const place = await locateVm(item);
	const task = await followPower(item, place, CHANGE, async () =>
		await item.run.client.post<string>(`${vmPath(place)}/status/stop`, encodeFields(values)),
	);
	return emit({ ...place, ...task });
};
