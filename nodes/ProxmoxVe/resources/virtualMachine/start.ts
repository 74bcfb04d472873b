import { startVm } from '../../guests/changePower';
import { locateVm } from '../../guests/locateGuest';
import { emit, type Execute } from '../../runtime/operation';
import { readAction } from '../../runtime/readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`. */
export const execute: Execute = async (item) => {
	const { waiting } = readAction(item, {}, {});
	const place = await locateVm(item);
	return emit({ ...place, ...(await startVm(item, place, waiting)) });
};
