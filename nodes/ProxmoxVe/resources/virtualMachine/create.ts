import { provision } from '../../guests/provision/provision';
import { emit, type Execute } from '../../runtime/operation';

/** Source: `POST /nodes/{node}/qemu`. */
export const execute: Execute = async (item) => emit(await provision(item, 'create'));
