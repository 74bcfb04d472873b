import type { PveClient } from '../../api/client';
import { guestPath } from '../../api/paths';
import type { GuestLocation } from '../locateGuest';
import { isNoVm, PveError } from '../../api/errors';
import type { GuestState } from '../../runtime/context';

/** Locks of a VM that is being created. */
const MAKING: ReadonlyArray<string | undefined> = ['create', 'clone', 'restore'];
/** All that the config of a VM has while a create or restore is at work on it, or after one that broke off. */
const BARE: readonly string[] = ['lock', 'memory', 'digest'];

/** The config of a VM, as far as it is looked at. */
export interface VmConfig {
	readonly digest?: string;
	readonly lock?: string;
	readonly name?: string;
	readonly hostname?: string;
	readonly [card: `net${number}`]: string | undefined;
	readonly memory?: string | number;
	readonly description?: string;
	readonly smbios1?: string;
}

/**
 * Whether the config of a VM is complete, so that it shows whose it is. A create and a restore write it when they end,
 * and a clone disk by disk: until then it has a lock, and after a restore that was stopped only `memory: 128`.
 */
export const isConfigComplete = (config: VmConfig): boolean =>
	!MAKING.includes(config.lock) && !isBare(config);

/** Whether a config is still empty. */
const isBare = (config: VmConfig): boolean =>
	Object.keys(config).every((name) => BARE.includes(name));

/**
 * Reads a VM's config. Source: `GET /nodes/{node}/qemu/{vmid}/config`.
 * @returns `nothing` where there is no such VM on the node, `unreadable` where that could not be read
 */
export async function readConfig(
	client: PveClient,
	guest: GuestLocation,
): Promise<VmConfig | 'nothing' | 'unreadable'> {
	return await client.get<VmConfig>(`${guestPath(guest)}/config`).then(
		({ data }) => data,
		(error: unknown) => (error instanceof PveError && isNoVm(error) ? 'nothing' : 'unreadable'),
	);
}

/** Looks what is there of a VM. */
export async function readGuestState(client: PveClient, guest: GuestLocation): Promise<GuestState> {
	const config = await readConfig(client, guest);
	if (typeof config === 'string') return config;
	return MAKING.includes(config.lock) ? 'locked' : 'whole';
}

/** What the POST of a create left, whose task could not be started. */
export const describeLeft = (node: string, vmid: number): string =>
	`VM ${vmid} on ${node} is left empty and locked, because Proxmox VE could not start the task that creates it. To delete it, on ${node}: qm unlock ${vmid} && qm destroy ${vmid}`;
