import { segment, type PveClient } from '../pve/client';
import { isNoVm, PveError } from '../pve/errors';

/**
 * What is there of a VM whose making went wrong. `locked`: in the making, or left behind so;
 * `overwritten`: it was there before, and was to be replaced; `removed`: it was left behind, and deleted.
 */
export type Remains = 'nothing' | 'whole' | 'locked' | 'unreadable' | 'overwritten' | 'removed';

/** Locks of a VM in the making. */
const MAKING: ReadonlyArray<string | undefined> = ['create', 'clone', 'restore'];

/** Looks what is there of a VM. Source: `GET /nodes/{node}/qemu/{vmid}/config`. */
export async function remainsOf(client: PveClient, node: string, vmid: number): Promise<Remains> {
	const path = `/nodes/${segment(node)}/qemu/${vmid}/config`;
	return await client.get<{ lock?: string }>(path).then(
		({ data }) => (MAKING.includes(data.lock) ? 'locked' : 'whole'),
		(error: unknown) => (error instanceof PveError && isNoVm(error) ? 'nothing' : 'unreadable'),
	);
}

/** The same in words, with how to remove what was left behind. */
export function describeRemains(remains: Remains, node: string, vmid: number): string {
	switch (remains) {
		case 'nothing':
			return `There is no VM ${vmid} on ${node}: nothing was left behind.`;
		case 'whole':
			return `There is a VM ${vmid} on ${node}.`;
		case 'locked':
			return `There is a VM ${vmid} on ${node} with the lock of one in the making. If no task is making it, it was left behind. To remove it, on ${node}: qm unlock ${vmid} && qm destroy ${vmid}`;
		case 'overwritten':
			return `VM ${vmid} on ${node} was there before, and is not removed. Some or all of its disks may be replaced: restore it again with Overwrite. If it is locked, before that: qm unlock ${vmid}`;
		case 'removed':
			return `What was left of VM ${vmid} on ${node} was removed.`;
		case 'unreadable':
			return `Whether there is a VM ${vmid} on ${node} could not be read.`;
	}
}
