import { segment } from '../api/client';
import { nodeOfVm } from '../api/nodeOfVm';
import type { Item } from '../runtime/operation';

/** A VM, and the node that it is on. */
export interface GuestLocation {
	readonly vmid: number;
	readonly node: string;
}

/** Finds the node that a VM is on. @throws Error if there is no VM of this ID */
export async function locateVm({ run, trace }: Item, vmid: number): Promise<GuestLocation> {
	Object.assign(trace, { vmid });
	const node = await nodeOfVm(run.client, vmid);
	if (node === undefined)
		throw new Error(
			`There is no VM ${vmid}, or this user or token may not see it (VM.Audit on /vms/${vmid})`,
		);
	Object.assign(trace, { node });
	return { vmid, node };
}

/** The path of a VM in the API. */
export const vmPath = ({ node, vmid }: GuestLocation): string =>
	`/nodes/${segment(node)}/qemu/${vmid}`;
