import { segment } from '../api/client';
import { searchOf } from './list';

interface CpuModel {
	readonly name: string;
	readonly vendor?: string;
	readonly custom?: 0 | 1;
}

/** The CPU types that the node knows, the cluster's own among them. Source: `GET /nodes/{node}/capabilities/qemu/cpu`. */
export const searchCpuTypes = searchOf(async ({ client, kind, chosenNode }) => {
	const { data } = await client.get<CpuModel[]>(
		`/nodes/${segment(await chosenNode())}/capabilities/${kind.type}/cpu`,
	);
	return data.map(({ name, vendor, custom }) => ({
		name: custom || !vendor || vendor === 'default' ? name : `${name} (${vendor})`,
		value: name,
	}));
});
