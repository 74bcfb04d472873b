import { followTask } from '../followTask';
import { locateVm, vmPath } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/template`. */
export const execute: Execute = async (item) => {
	readAction(item, {}, {});
	const place = await locateVm(item);
	const task = await followTask(
		item,
		`conversion of VM ${place.vmid} on ${place.node} to a template`,
		async () => await item.run.client.post<string>(`${vmPath(place)}/template`),
		['qmtemplate'],
	);
	return emit({ ...place, ...task });
};
