import { taskProperties, vmProperty } from '../../form/sharedProperties';
import { followTask } from '../followTask';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Operation } from '../operation';
import { readAction } from '../readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/template`. */
export const convertToTemplate: Operation = {
	value: 'convertToTemplate',
	name: 'Convert to Template',
	action: 'Convert a virtual machine to a template',
	description:
		'Make a template of a stopped virtual machine without snapshots, disks included, so that linked clones can be made of it. There is no way back.',
	properties: [vmProperty, ...taskProperties],
	async execute(item) {
		readAction(item, {}, {});
		const place = await locateVm(item);
		const task = await followTask(
			item,
			`conversion of VM ${place.vmid} on ${place.node} to a template`,
			async () => await item.run.client.post<string>(`${vmPath(place)}/template`),
			['qmtemplate'],
		);
		return emit({ ...place, ...task });
	},
};
