import { taskProperties, vmProperty } from '../../form/sharedProperties';
import { followPower } from '../followPower';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Operation } from '../operation';
import { readAction } from '../readAction';

const CHANGE = { what: 'start', wanted: 'running', types: ['qmstart', 'hastart'] } as const;

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`. */
export const start: Operation = {
	value: 'start',
	name: 'Start',
	action: 'Start a virtual machine',
	description: 'Start a virtual machine, and optionally wait until it runs. Fails where it runs already.',
	properties: [vmProperty, ...taskProperties],
	async execute(item) {
		readAction(item, {}, {});
		const place = await locateVm(item);
		const task = await followPower(item, place, CHANGE, async () =>
			await item.run.client.post<string>(`${vmPath(place)}/status/start`),
		);
		return emit({ ...place, ...task });
	},
};
