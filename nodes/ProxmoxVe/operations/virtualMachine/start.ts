import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'start', wanted: 'running', types: ['qmstart', 'hastart'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`. */
export const execute: Execute = async (item) => {
	readAction(item, {}, {});
	const place = await locateVm(item);
	const task = await followPower(item, place, CHANGE, async () =>
		await item.run.client.post<string>(`${vmPath(place)}/status/start`),
	);
	return emit({ ...place, ...task });
};
