import { note } from '../../runtime/context';
import { emit, type Execute } from '../../runtime/operation';
import { storageFields } from './ownFields';
import { readStorages } from './readStorages';

/** Source: `GET /nodes/{node}/storage`. */
export const execute: Execute = async ({ run, form, trace }) => {
	const node = form.node();
	const { storage = '' } = form.fields(storageFields);
	form.check();
	note(trace, { node });
	const [found] = await readStorages(run.client, node, { storage });
	if (found === undefined)
		throw new Error(
			`There is no storage ${storage} on ${node}, or this user or token may not see it (Datastore.Audit on /storage/${storage})`,
		);
	return emit(found);
};
