import type { PveClient } from '../../api/client';
import { guestPath } from '../../api/paths';
import type { Place } from '../locateGuest';
import { isNoVm, PveError } from '../../api/errors';

/**
 * What is there of a VM whose creation went wrong. `locked`: being created, or left behind so; `unchanged`: it
 * was there before, and is only left with the lock of a restore; `overwritten`: it was there before, and was to
 * be replaced; `removed`: it was left behind, and deleted.
 */
export type Remains =
	| 'nothing'
	| 'whole'
	| 'locked'
	| 'unreadable'
	| 'unchanged'
	| 'overwritten'
	| 'removed';

/** Locks of a VM that is being created. */
const MAKING: ReadonlyArray<string | undefined> = ['create', 'clone', 'restore'];
/** All that the config of a VM has while a create or restore is at work on it, or after one that broke off. */
const BARE: readonly string[] = ['lock', 'memory', 'digest'];

/** The config of a VM, as far as it is looked at. */
export interface VmConfig {
	readonly digest?: string;
	readonly lock?: string;
	readonly name?: string;
	readonly memory?: string | number;
	readonly description?: string;
	readonly smbios1?: string;
}

/**
 * Whether the config of a VM is all there, so that it shows whose it is. A create and a restore write it at their
 * end; until then it has nothing but a lock, and after a restore that was stopped no more than `memory: 128`.
 */
export const isComplete = (config: VmConfig): boolean =>
	!MAKING.includes(config.lock) && !isBare(config);

/** Whether a config has nothing of its own yet. */
export const isBare = (config: VmConfig): boolean =>
	Object.keys(config).every((name) => BARE.includes(name));

/**
 * Reads a VM's config. Source: `GET /nodes/{node}/qemu/{vmid}/config`.
 * @returns `nothing` where there is no such VM on the node, `unreadable` where that could not be read
 */
export async function readConfig(
	client: PveClient,
	guest: Place,
): Promise<VmConfig | 'nothing' | 'unreadable'> {
	return await client.get<VmConfig>(`${guestPath(guest)}/config`).then(
		({ data }) => data,
		(error: unknown) => (error instanceof PveError && isNoVm(error) ? 'nothing' : 'unreadable'),
	);
}

/** Looks what is there of a VM. */
export async function remainsOf(client: PveClient, guest: Place): Promise<Remains> {
	const config = await readConfig(client, guest);
	if (typeof config === 'string') return config;
	return MAKING.includes(config.lock) ? 'locked' : 'whole';
}

/** What the POST of a create left, whose task could not be started. */
export const describeLeft = (node: string, vmid: number): string =>
	`VM ${vmid} on ${node} is left empty and locked: Proxmox VE could not start the task that was to create it. To remove it, on ${node}: qm unlock ${vmid} && qm destroy ${vmid}`;

/** The same in words, with how to remove what was left behind. */
export function describeRemains(remains: Remains, node: string, vmid: number): string {
	switch (remains) {
		case 'nothing':
			return `There is no VM ${vmid} on ${node}: nothing was left behind.`;
		case 'whole':
			return `There is a VM ${vmid} on ${node}.`;
		case 'locked':
			return `There is a VM ${vmid} on ${node} with the lock of one that is being created. If no task is creating it, it was left behind. To remove it, on ${node}: qm unlock ${vmid} && qm destroy ${vmid}`;
		case 'unchanged':
			return `VM ${vmid} on ${node} was not changed, but is left locked by the restore, which did not start. To unlock it, on ${node}: qm unlock ${vmid}`;
		case 'overwritten':
			return `VM ${vmid} on ${node} was there before, and is not removed. Some or all of its disks may be replaced: restore it again with Overwrite. If it is locked, before that: qm unlock ${vmid}`;
		case 'removed':
			return `What was left of VM ${vmid} on ${node} was removed.`;
		case 'unreadable':
			return `Whether there is a VM ${vmid} on ${node} could not be read.`;
	}
}
