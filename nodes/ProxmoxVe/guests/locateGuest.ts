import { readVmId } from '../form/readVmId';
import { nodeOfGuest } from '../api/nodeOfGuest';
import type { Problem } from '../wire/problem';
import type { GuestKind } from './kinds';
import type { Item } from '../runtime/operation';
import { BadInputError } from '../runtime/toNodeError';

/** A guest, and the node that it is on. */
export interface Place {
	readonly kind: GuestKind;
	readonly vmid: number;
	readonly node: string;
}

/**
 * Reads which VM an item is about, and finds the node that it is on.
 * @throws BadInputError where no VM is named, Error where there is none of this ID
 */
export async function locateVm({ run, kind, get, trace }: Item): Promise<Place> {
	const problems: Problem[] = [];
	const vmid = readVmId(get('vm', ''), { parameter: 'vm', label: 'Virtual Machine' }, problems);
	if (problems.length > 0) throw new BadInputError(problems);
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
export const idOf = ({ vmid, node }: Place): { vmid: number; node: string } => ({ vmid, node });
