import { findGuest } from '../api/findGuest';
import type { GuestKind } from './kinds';
import { note } from '../runtime/context';
import type { Item } from '../runtime/operation';

/** A guest, and the node that it is on. */
export interface GuestLocation {
	readonly kind: GuestKind;
	readonly vmid: number;
	readonly node: string;
}

/** A guest that was found. */
export interface Guest extends GuestLocation {
	/** As Proxmox shows it; null where its node does not respond. */
	readonly name: string | null;
}

/** Finds the node and the name of a VM. @throws Error if there is no VM of this ID */
export async function locateVm({ run, kind, trace }: Item, vmid: number): Promise<Guest> {
	note(trace, { vmid });
	const found = await findGuest(run.client, kind, vmid);
	if (found === undefined)
		throw new Error(
			`There is no VM ${vmid}, or this user or token may not see it (VM.Audit on /vms/${vmid})`,
		);
	note(trace, { node: found.node });
	return { kind, vmid, ...found };
}

/** Which guest it is, as errors name it. */
export const idOf = ({ vmid, node }: GuestLocation): { vmid: number; node: string } => ({
	vmid,
	node,
});
