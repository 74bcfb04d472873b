import type { VmRequest } from '../form/readRequest';
import { segment } from '../pve/client';
import { isNoVm, PveError } from '../pve/errors';
import { vmPath, type Place } from './locateVm';
import type { Item } from './operation';
import type { Run } from './run';
import { turnOff } from './turnOff';

/**
 * Makes sure, before a restore that overwrites is sent, that it can: the VM is there, on this node,
 * neither protected nor locked, and off; and the backup can be read. Proxmox itself would find most of
 * that only in its task, with the VM locked or half replaced by then, and would make a new VM of a
 * mistyped ID. A VM that runs is turned off last, where that was chosen.
 * Source: `GET /nodes/{node}/qemu/{vmid}/status/current` and `…/config`, `GET /nodes/{node}/vzdump/extractconfig`.
 * @throws Error that says what is in the way, PveError where the backup cannot be read
 */
export async function guardOverwrite(item: Item, { node, vmid, parameters, options }: VmRequest): Promise<void> {
	if (parameters.force !== true || vmid === undefined) return;
	const { run, trace } = item;
	const place = { node, vmid };
	Object.assign(trace, place);
	const status = await readTarget(run, place);
	// Who may overwrite a VM need not be allowed to look at it: then Proxmox decides.
	if (status === undefined) return;
	if (status === 'running' && !options.stopFirst) {
		throw new Error(`VM ${vmid} is running, and a restore overwrites only a VM that is off. Stop it before, or choose Options → Stop First. Nothing was done`);
	}
	await run.client.get(`/nodes/${segment(node)}/vzdump/extractconfig`, { volume: parameters.archive ?? '' });
	if (status !== 'running') return;
	const stop = await turnOff(item, place);
	delete trace.upid;
	Object.assign(trace, { stopUpid: stop.upid });
}

/**
 * Whether the VM to overwrite runs.
 * @returns undefined where the user or token may not look
 * @throws Error where it is not there, or is protected or locked
 */
async function readTarget(run: Run, place: Place): Promise<string | undefined> {
	const { node, vmid } = place;
	const { client } = run;
	const refused = (error: unknown): undefined => {
		if (error instanceof PveError && error.failure.status === 403) return undefined;
		throw error;
	};
	const current = await client.get<{ status: string }>(`${vmPath(place)}/status/current`).catch(async (error: unknown) => {
		if (error instanceof PveError && isNoVm(error)) throw new Error(await whereItIs(run, place));
		return refused(error);
	});
	const config = await client.get<{ protection?: number; lock?: string }>(`${vmPath(place)}/config`).catch(refused);
	if (current === undefined || config === undefined) return undefined;
	const { protection, lock } = config.data;
	if (protection === 1) throw new Error(`VM ${vmid} on ${node} is protected, and is not overwritten. Turn Protection off first, with Update. Nothing was done`);
	if (lock !== undefined) throw new Error(`VM ${vmid} on ${node} is locked (${lock}): a task works on it, or has left it so. Nothing was done`);
	return current.data.status;
}

/** Why a VM is not on the node. Source: `GET /cluster/resources`. */
async function whereItIs({ client }: Run, { node, vmid }: Place): Promise<string> {
	const { data: guests } = await client.get<Array<{ vmid?: number; node: string; type: string }>>('/cluster/resources', { type: 'vm' });
	const found = guests.find((guest) => guest.vmid === vmid);
	if (found === undefined) return `There is no VM ${vmid} to overwrite. To restore a new VM under this ID, leave Overwrite off. Nothing was done`;
	if (found.type !== 'qemu') return `${vmid} is a container on ${found.node}, which no VM can overwrite. Nothing was done`;
	return `VM ${vmid} is on ${found.node}, and a restore on ${node} cannot overwrite it. Choose ${found.node} as Node. Nothing was done`;
}
