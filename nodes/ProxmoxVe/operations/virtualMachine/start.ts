import { startVm } from '../changePower';
import { locateVm } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/start`. */
export const execute: Execute = async (item) => {
	readAction(item, {}, {});
	const place = await locateVm(item);
	return emit({ ...place, ...(await startVm(item, place)) });
};
