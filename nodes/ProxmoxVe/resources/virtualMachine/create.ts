import { makeVm } from '../../guests/provision/provision';
import { emit, type Execute } from '../../runtime/operation';

/** Source: `POST /nodes/{node}/qemu`. */
export const execute: Execute = async (item) => emit(await makeVm(item, 'create'));
