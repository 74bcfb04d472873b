import { unwrap } from '../form/readForm';
import { segment } from '../pve/client';
import { PveError } from '../pve/errors';
import type { Item } from './operation';
import { BadInputError } from './report';
import type { Run } from './run';

/** A VM, and the node that it is on. */
export interface Place {
	readonly vmid: number;
	readonly node: string;
}

/**
 * Reads which VM an item is about, and finds the node that it is on. The cluster's list is some seconds
 * old, so a VM that is not in it is looked for on each node.
 * Source: `GET /cluster/resources`, `GET /nodes/{node}/qemu/{vmid}/status/current`.
 * @throws BadInputError where no VM is named, Error where there is none of this ID
 */
export async function locateVm({ run, get, trace }: Item): Promise<Place> {
	const given = unwrap(get('vm', ''));
	const vmid = Number(given);
	if (!Number.isInteger(vmid) || vmid < 100) {
		throw new BadInputError([
			{ parameter: 'vm', label: 'Virtual Machine', message: `must be a VM ID from 100 to 999999999, got "${String(given ?? '')}"` },
		]);
	}
	Object.assign(trace, { vmid });
	const node = await nodeOf(run, vmid);
	if (node === undefined) throw new Error(`There is no VM ${vmid}, or this user or token may not see it (VM.Audit on /vms/${vmid})`);
	Object.assign(trace, { node });
	return { vmid, node };
}

async function nodeOf({ client }: Run, vmid: number): Promise<string | undefined> {
	const { data: guests } = await client.get<Array<{ vmid?: number; node: string; type: string }>>('/cluster/resources', { type: 'vm' });
	const listed = guests.find((guest) => guest.vmid === vmid && guest.type === 'qemu');
	if (listed) return listed.node;
	const { data: nodes } = await client.get<Array<{ node: string; status: string }>>('/nodes');
	for (const { node, status } of nodes) {
		if (status === 'online' && (await hasVm({ client }, node, vmid))) return node;
	}
	return undefined;
}

const hasVm = async ({ client }: Pick<Run, 'client'>, node: string, vmid: number): Promise<boolean> =>
	await client.get(`/nodes/${segment(node)}/qemu/${vmid}/status/current`).then(
		() => true,
		(error: unknown) => {
			if (error instanceof PveError) return false;
			throw error;
		},
	);

/** The path of a VM in the API. */
export const vmPath = ({ node, vmid }: Place): string => `/nodes/${segment(node)}/qemu/${vmid}`;
