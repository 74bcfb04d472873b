import type { PveClient } from './client';
import { PveError } from './errors';
import { guestPath, type GuestType } from './paths';

/**
 * The node that a guest is on. The cluster's list is some seconds old, so a guest that is not in it is looked for on
 * each node.
 * Source: `GET /cluster/resources`, `GET /nodes/{node}/{kind}/{vmid}/status/current`.
 * @returns undefined if there is no guest of this ID, or it may not be seen
 * @throws Error if the ID is that of a guest of another kind
 */
export async function nodeOfGuest(
	client: PveClient,
	kind: GuestType,
	vmid: number,
): Promise<string | undefined> {
	const { data: guests } = await client.get<Array<{ vmid?: number; node: string; type: string }>>(
		'/cluster/resources',
		{ type: 'vm' },
	);
	const listed = guests.find((guest) => guest.vmid === vmid && guest.type === kind.type);
	if (listed) return listed.node;
	const other = guests.find((guest) => guest.vmid === vmid);
	if (other) throw new Error(`${vmid} is ${kind.other} on ${other.node}. Choose a ${kind.noun}`);
	const { data: nodes } = await client.get<Array<{ node: string; status: string }>>('/nodes');
	for (const { node, status } of nodes) {
		if (status === 'online' && (await isOn(client, guestPath({ kind, node, vmid })))) return node;
	}
	return undefined;
}

const isOn = async (client: PveClient, path: string): Promise<boolean> =>
	await client.get(`${path}/status/current`).then(
		() => true,
		(error: unknown) => {
			if (error instanceof PveError) return false;
			throw error;
		},
	);
