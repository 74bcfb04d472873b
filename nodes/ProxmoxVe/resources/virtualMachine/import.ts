import { readRequest } from '../../form/readRequest';
import { provision } from '../../guests/provision/provision';
import { emit, type Execute } from '../../runtime/operation';

/** Source: `GET /nodes/{node}/storage/{storage}/import-metadata`, `POST /nodes/{node}/qemu`. */
export const execute: Execute = async (item) => {
	const { kind, form } = item;
	return emit(await provision(item, 'create', readRequest(kind.catalogue, 'create', form, {})));
};
