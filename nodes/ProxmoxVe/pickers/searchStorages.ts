import { segment } from '../api/client';
import { searchOf } from './list';

/** All storages of the chosen node. Source: `GET /nodes/{node}/storage`. */
export const searchStorages = searchOf(
	async ({ client, chosenNode }) => {
		const { data } = await client.get<Array<{ storage: string; type: string; active?: 0 | 1 }>>(
			`/nodes/${segment(await chosenNode())}/storage`,
		);
		return data.map(({ storage, type, active }) => ({
			name: `${storage} (${type}${active === 0 ? ', offline' : ''})`,
			value: storage,
		}));
	},
	{ needs: 'Datastore.Audit on /storage/NAME' },
);
