import { nodeOfGuest } from '../api/nodeOfGuest';
import type { GuestKind } from './kinds';
import type { Item } from '../runtime/operation';

/** A guest, and the node that it is on. */
export interface GuestLocation {
	readonly kind: GuestKind;
	readonly vmid: number;
	readonly node: string;
}

/** Finds the node that a VM is on. @throws Error if there is no VM of this ID */
export async function locateVm({ run, kind, trace }: Item, vmid: number): Promise<GuestLocation> {
	Object.assign(trace, { vmid });
	const node = await nodeOfGuest(run.client, kind, vmid);
	if (node === undefined)
		throw new Error(
			`There is no VM ${vmid}, or this user or token may not see it (VM.Audit on /vms/${vmid})`,
		);
	Object.assign(trace, { node });
	return { kind, vmid, node };
}

/** Which guest it is, as operations emit it. */
export const idOf = ({ vmid, node }: GuestLocation): { vmid: number; node: string } => ({
	vmid,
	node,
});
