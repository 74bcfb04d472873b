import { segment } from '../api/client';
import { searchOf } from './list';

interface Machine {
	readonly id: string;
	readonly type: string;
}

/** The machine types that the node knows. Source: `GET /nodes/{node}/capabilities/qemu/machines`. */
export const searchMachines = searchOf(
	async ({ client, kind, chosenNode }) => {
		const { data } = await client.get<Machine[]>(
			`/nodes/${segment(await chosenNode())}/capabilities/${kind.type}/machines`,
		);
		const latest = [...new Set(data.map(({ type }) => (type === 'i440fx' ? 'pc' : type)))].map(
			(id) => ({ name: `${id} (latest)`, value: id }),
		);
		return [...latest, ...data.map(({ id }) => ({ name: id, value: id }))];
	},
	{ order: 'asRead' },
);
