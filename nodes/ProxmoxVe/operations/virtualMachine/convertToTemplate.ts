import { locateVm } from '../locateVm';
import { emit, type Execute } from '../operation';
import { waitingOf } from '../readAction';
import { convertToTemplate } from '../toTemplate';

/** Source: `POST /nodes/{node}/qemu/{vmid}/template`. */
export const execute: Execute = async (item) => {
	const waiting = waitingOf(item);
	const place = await locateVm(item);
	const task = await item.run.gate(place.node, async () => await convertToTemplate(item, place, waiting));
	return emit({ ...place, ...task });
};
