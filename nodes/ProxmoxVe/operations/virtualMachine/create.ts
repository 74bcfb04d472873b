import { makeVm } from '../makeVm';
import { emit, type Execute } from '../operation';

/** Source: `POST /nodes/{node}/qemu`. */
export const execute: Execute = async (item) => emit(await makeVm(item, 'create'));
