import { readVmId } from '../form/readVmId';
import { segment } from '../api/client';
import { nodeOfVm } from '../api/nodeOfVm';
import type { Problem } from '../wire/problem';
import type { Item } from '../runtime/operation';
import { BadInputError } from '../runtime/errors';

/** A VM, and the node that it is on. */
export interface GuestLocation {
	readonly vmid: number;
	readonly node: string;
}

/**
 * Reads which VM an item is about, and finds the node that it is on.
 * @throws BadInputError where no VM is named, Error where there is none of this ID
 */
export async function locateVm({ run, get, trace }: Item): Promise<GuestLocation> {
	const problems: Problem[] = [];
	const vmid = readVmId(get('vm', ''), { parameter: 'vm', label: 'Virtual Machine' }, problems);
	if (problems.length > 0) throw new BadInputError(problems);
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
