import { searchOf } from './list';

interface Guest {
	readonly vmid: number;
	readonly name?: string;
	readonly node: string;
	readonly type: string;
}

/** The VMs of the cluster, such as one to restore over. Source: `GET /cluster/resources?type=vm`. */
export const searchVirtualMachines = searchOf(async ({ client, kind }) => {
	const { data } = await client.get<Guest[]>('/cluster/resources', { type: 'vm' });
	return data
		.filter(({ type }) => type === kind.type)
		.map(({ vmid, name, node }) => ({ name: `${vmid} ${name ?? ''} (${node})`, value: vmid }));
});
