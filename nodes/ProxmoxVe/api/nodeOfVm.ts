import { segment, type PveClient } from './client';
import { PveError } from './errors';

/**
 * The node that a VM is on. The cluster's list is some seconds old, so a VM that is not in it is looked
 * for on each node.
 * Source: `GET /cluster/resources`, `GET /nodes/{node}/qemu/{vmid}/status/current`.
 * @returns undefined where there is no VM of this ID, or it may not be seen
 * @throws Error where the ID is that of a container
 */
export async function nodeOfVm(client: PveClient, vmid: number): Promise<string | undefined> {
	const { data: guests } = await client.get<Array<{ vmid?: number; node: string; type: string }>>(
		'/cluster/resources',
		{ type: 'vm' },
	);
	const listed = guests.find((guest) => guest.vmid === vmid && guest.type === 'qemu');
	if (listed) return listed.node;
	const other = guests.find((guest) => guest.vmid === vmid);
	if (other) throw new Error(`${vmid} is a container on ${other.node}. Choose a virtual machine`);
	const { data: nodes } = await client.get<Array<{ node: string; status: string }>>('/nodes');
	for (const { node, status } of nodes) {
		if (status === 'online' && (await hasVm(client, node, vmid))) return node;
	}
	return undefined;
}

const hasVm = async (client: PveClient, node: string, vmid: number): Promise<boolean> =>
	await client.get(`/nodes/${segment(node)}/qemu/${vmid}/status/current`).then(
		() => true,
		(error: unknown) => {
			if (error instanceof PveError) return false;
			throw error;
		},
	);
