import type { Execute } from '../../runtime/operation';
import { filterFields } from './ownFields';
import { readStorages } from './readStorages';

/** Source: `GET /nodes/{node}/storage`. */
export const execute: Execute = async ({ run, form }) => {
	const node = form.node();
	const limit = form.limit();
	const { content, onlyActive = false } = form.filters(filterFields);
	form.check();
	const all = await readStorages(run.client, node, content === undefined ? {} : { content });
	return all
		.filter(({ active }) => active === true || !onlyActive)
		.slice(0, limit)
		.map((json) => ({ json }));
};
