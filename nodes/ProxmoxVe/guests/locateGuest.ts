import { findGuest, findGuestBy } from '../api/findGuest';
import type { GuestChoice } from '../form/Form';
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
	/** As Proxmox shows it; null if its node does not respond. */
	readonly name: string | null;
}

/**
 * Finds a guest, its node and its name. Where it may be of any kind, the item is of its kind from then on.
 * @throws Error if there is none, or several have the name or tag
 */
export async function locateVm(item: Item, choice: GuestChoice): Promise<Guest> {
	const { run, kind, trace } = item;
	const kindOf = (type: string): GuestKind =>
		(item.kind = kind.kinds?.find((one) => one.type === type) ?? kind);
	if (!('vmid' in choice)) {
		const { type, ...found } = await findGuestBy(run.client, kind, choice);
		note(trace, { vmid: found.vmid, node: found.node });
		return { kind: kindOf(type), ...found };
	}
	const { vmid } = choice;
	note(trace, { vmid });
	const found = await findGuest(run.client, kind, vmid);
	if (found === undefined)
		throw new Error(
			`There is no VM ${vmid}, or this user or token may not see it (VM.Audit on /vms/${vmid})`,
		);
	const { type, node, name } = found;
	note(trace, { node });
	return { kind: kindOf(type), vmid, node, name };
}

/** Which guest it is, as errors name it. */
export const idOf = ({ vmid, node }: GuestLocation): { vmid: number; node: string } => ({
	vmid,
	node,
});
