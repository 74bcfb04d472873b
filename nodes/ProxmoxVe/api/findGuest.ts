import type { PveClient } from './client';
import { PveError } from './errors';
import { guestPath, type GuestType } from './paths';

/** Where a guest is, and what it is called: null where Proxmox does not say. */
export interface FoundGuest {
	readonly node: string;
	readonly name: string | null;
}

/**
 * The node that a guest is on, and its name. The cluster's list is some seconds old, so a guest that is not in it is
 * looked for on each node.
 * Source: `GET /cluster/resources`, `GET /nodes/{node}/{kind}/{vmid}/status/current`.
 * @returns undefined if there is no guest of this ID, or it may not be seen
 * @throws Error if the ID is that of a guest of another kind
 */
export async function findGuest(
	client: PveClient,
	kind: GuestType,
	vmid: number,
): Promise<FoundGuest | undefined> {
	const { data: guests } = await client.get<
		Array<{ vmid?: number; node: string; type: string; name?: string }>
	>('/cluster/resources', { type: 'vm' });
	const listed = guests.find((guest) => guest.vmid === vmid && guest.type === kind.type);
	if (listed) return { node: listed.node, name: listed.name ?? null };
	const other = guests.find((guest) => guest.vmid === vmid);
	if (other) throw new Error(`${vmid} is ${kind.other} on ${other.node}. Choose a ${kind.noun}`);
	const { data: nodes } = await client.get<Array<{ node: string; status: string }>>('/nodes');
	for (const { node, status } of nodes) {
		if (status !== 'online') continue;
		const current = await readStatus(client, guestPath({ kind, node, vmid }));
		if (current) return { node, name: current.name ?? null };
	}
	return undefined;
}

/** The state of a guest on a node; undefined if it is not there. */
const readStatus = async (
	client: PveClient,
	path: string,
): Promise<{ readonly name?: string } | undefined> =>
	await client.get<{ readonly name?: string }>(`${path}/status/current`).then(
		({ data }) => data,
		(error: unknown) => {
			if (error instanceof PveError) return undefined;
			throw error;
		},
	);
