import { taskProperties, vmProperty } from '../../form/sharedProperties';
import { followTask } from '../followTask';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Operation } from '../operation';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`. */
export const start: Operation = {
	value: 'start',
	name: 'Start',
	action: 'Start a virtual machine',
	description: 'Start a virtual machine, and optionally wait until it runs',
	properties: [vmProperty, ...taskProperties],
	async execute(item) {
		const place = await locateVm(item);
		const { client } = item.run;
		const task = await followTask(item, `start of VM ${place.vmid} on ${place.node}`, async () =>
			await client.post<string>(`${vmPath(place)}/status/start`),
		);
		return emit({ ...place, ...task });
	},
};
