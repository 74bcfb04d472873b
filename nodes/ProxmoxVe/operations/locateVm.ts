import { unwrap } from '../form/readForm';
import { segment } from '../pve/client';
import { nodeOfVm } from '../pve/nodeOfVm';
import type { Item } from './operation';
import { BadInputError } from './report';

/** A VM, and the node that it is on. */
export interface Place {
	readonly vmid: number;
	readonly node: string;
}

/**
 * Reads which VM an item is about, and finds the node that it is on.
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
	const node = await nodeOfVm(run.client, vmid);
	if (node === undefined) throw new Error(`There is no VM ${vmid}, or this user or token may not see it (VM.Audit on /vms/${vmid})`);
	Object.assign(trace, { node });
	return { vmid, node };
}

/** The path of a VM in the API. */
export const vmPath = ({ node, vmid }: Place): string => `/nodes/${segment(node)}/qemu/${vmid}`;
