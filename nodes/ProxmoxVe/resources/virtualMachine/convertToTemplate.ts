import { locateVm } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';
import { readAction } from '../../runtime/readAction';
import { convertToTemplate } from '../../guests/convertToTemplate';

/** Source: `POST /nodes/{node}/qemu/{vmid}/template`. */
export const execute: Execute = async (item) => {
	const { waiting } = readAction(item, {}, {});
	const place = await locateVm(item);
	const task = await item.run.gate(
		place.node,
		async () => await convertToTemplate(item, place, waiting),
	);
	return emit({ ...place, ...task });
};
