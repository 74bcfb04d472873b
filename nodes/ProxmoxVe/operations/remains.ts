import { segment, type PveClient } from '../pve/client';
import { isNoVm, PveError } from '../pve/errors';

/** What is there of a VM whose making went wrong. `locked`: in the making, or left behind so. */
export type Remains = 'nothing' | 'whole' | 'locked' | 'unreadable';

/** Looks what is there of a VM. Source: `GET /nodes/{node}/qemu/{vmid}/config`. */
export async function remainsOf(client: PveClient, node: string, vmid: number): Promise<Remains> {
	const path = `/nodes/${segment(node)}/qemu/${vmid}/config`;
	return await client.get<{ lock?: string }>(path).then(
		({ data }) => (data.lock === 'create' || data.lock === 'clone' ? 'locked' : 'whole'),
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
		case 'unreadable':
			return `Whether there is a VM ${vmid} on ${node} could not be read.`;
	}
}
