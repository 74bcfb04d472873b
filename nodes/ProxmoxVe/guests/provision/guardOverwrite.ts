import type { VmRequest } from '../../form/readRequest';
import { storageOf } from '../../api/backups';
import { segment, type PveClient } from '../../api/client';
import { isNoVm, isTransient, PveError } from '../../api/errors';
import { privilegesOn } from '../../api/privilegesOn';
import { guestPath, guestsPath } from '../../api/paths';
import type { GuestLocation } from '../locateGuest';
import { note } from '../../runtime/context';
import type { Item } from '../../runtime/operation';
import type { Run } from '../../runtime/run';
import { turnOff } from '../turnOff';

/** A restore that may be sent. */
interface Guarded {
	readonly overwritten: boolean | null;
	undo(error?: unknown): Promise<void>;
}

/**
 * Makes sure, before a restore that overwrites is sent, that it can: the VM is there, on this node,
 * neither protected nor locked, and off; and the backup can be read. Proxmox itself would find most of
 * that only in its task, with the VM locked or half replaced by then, and would make a new VM of a
 * mistyped ID. A VM that runs is turned off last, if that was chosen, and after more was checked.
 * Source: `GET /nodes/{node}/qemu/{vmid}/status/current` and `…/config`, `GET /nodes/{node}/vzdump/extractconfig`.
 * @returns whether a VM is there that the restore replaces; null if the user may not look. And what starts a VM
 * again that was turned off, where an error says that the restore was refused
 * @throws Error that says what is in the way, PveError if the backup cannot be read
 */
export async function guardOverwrite(item: Item, request: VmRequest): Promise<Guarded> {
	const { overwritten, stops } = await checkOverwrite(item, request);
	const { node, options } = request;
	return {
		overwritten,
		undo:
			stops === undefined
				? async () => undefined
				: await turnOff(item, stops, options, `POST ${guestsPath(item.kind, node)}`),
	};
}

/**
 * The same without turning it off.
 * @param isKnown whether the backup is known: in a preview it may be one that is not looked for
 * @returns the VM that is to be turned off
 */
export async function checkOverwrite(
	item: Item,
	request: VmRequest,
	isKnown = true,
): Promise<{ readonly overwritten: boolean | null; readonly stops?: GuestLocation }> {
	const { node, vmid, parameters, options } = request;
	if (parameters.force !== true || vmid === undefined) return { overwritten: false };
	const { run, trace } = item;
	const place = { kind: item.kind, node, vmid };
	note(trace, { node, vmid });
	const status = await readTarget(run, place);
	// A user who may overwrite a VM need not be allowed to look at it: then Proxmox decides.
	if (status === undefined) return { overwritten: null };
	if (status === 'running' && !options.stopFirst) {
		throw new Error(
			`VM ${vmid} is running, and only a stopped VM can be overwritten. Stop it, or choose Options → Stop First. Nothing was done`,
		);
	}
	const config = isKnown ? await readBackup(run, request) : '';
	if (status !== 'running') return { overwritten: true };
	await checkBeforeStop(run.client, request, place, config);
	return { overwritten: true, stops: place };
}

/** The configuration in a backup. */
const readBackup = async ({ client }: Run, { node, archive = '' }: VmRequest): Promise<string> =>
	(
		await client.get<string>(`/nodes/${segment(node)}/vzdump/extractconfig`, {
			volume: archive,
		})
	).data;

/**
 * Checks what Proxmox would refuse only after the VM is off: rights, pool, and the storages of the disks.
 * What may not be read is left to Proxmox.
 * Source: `GET /access/permissions`, `GET /pools`, `GET /nodes/{node}/storage`.
 * @throws Error that says what is in the way
 */
async function checkBeforeStop(
	client: PveClient,
	{ node, archive = '', parameters }: VmRequest,
	{ kind, vmid }: GuestLocation,
	config: string,
): Promise<void> {
	const { storage, pool } = parameters;
	const refuse = (why: string): never => {
		throw new Error(`${why}. VM ${vmid} was neither stopped nor overwritten`);
	};

	const rights = await privilegesOn(client, `/vms/${vmid}`);
	const poolRights =
		typeof pool === 'string' ? await privilegesOn(client, `/pool/${pool}`) : undefined;
	const mayOverwrite =
		rights === undefined ||
		rights.has('VM.Allocate') ||
		rights.has('VM.Backup') ||
		poolRights?.has('VM.Allocate');
	if (!mayOverwrite) refuse(`Missing privilege VM.Backup on /vms/${vmid} to overwrite the VM`);

	if (typeof pool === 'string') {
		const failure = await client.get('/pools', { poolid: pool }).then(
			() => '',
			(error: unknown) => (error instanceof PveError ? error.message : ''),
		);
		if (/does not exist/.test(failure)) refuse(`Pool '${pool}' does not exist: choose another one`);
	}

	const listed = await client.get<NodeStorage[]>(`/nodes/${segment(node)}/storage`).then(
		({ data }) => data,
		() => undefined,
	);
	const targets =
		typeof storage === 'string'
			? [storage]
			: [...config.matchAll(/^(?:#qmdump#map:[^:]+:[^:]+|rootfs|mp\d+):\s*([\w.-]+):/gm)].map(
					([, name = '']) => name,
				);
	for (const name of new Set(targets)) {
		const found = listed?.find((one) => one.storage === name);
		const isNamed = name === storage;
		const advice = isNamed
			? 'choose another storage'
			: 'choose a storage for all disks in the restore';
		const may = await privilegesOn(client, `/storage/${name}`);
		// The list leaves out storages that the user has no rights on.
		if (may && !may.has('Datastore.AllocateSpace'))
			refuse(`Missing privilege Datastore.AllocateSpace on /storage/${name} to put disks there`);
		if (listed && may && !found) refuse(`Node ${node} has no storage '${name}': ${advice}`);
		if (found?.enabled === 0)
			refuse(`Storage ${name} is disabled, or not available on ${node}: ${advice}`);
		if (found?.active === 0) refuse(`Storage ${name} is offline on ${node}: ${advice}`);
		if (found?.content && !found.content.split(',').includes(kind.volumeContent))
			refuse(`Storage ${name} does not accept VM disks: ${advice}`);
	}
	const source = listed?.find((one) => one.storage === storageOf(archive));
	if (source?.active === 0)
		refuse(`Storage ${source.storage} with the backup is offline on ${node}`);
}

interface NodeStorage {
	readonly storage: string;
	readonly enabled?: 0 | 1;
	readonly active?: 0 | 1;
	readonly content?: string;
}

/**
 * Whether the VM to overwrite runs.
 * @returns undefined if the user or token may not look
 * @throws Error if it is not there, or is protected or locked
 */
async function readTarget(run: Run, place: GuestLocation): Promise<string | undefined> {
	const { node, vmid } = place;
	const { client } = run;
	const refused = (error: unknown): undefined => {
		if (error instanceof PveError && error.failure.status === 403 && !isTransient(error))
			return undefined;
		throw error;
	};
	const current = await client
		.get<{ status: string }>(`${guestPath(place)}/status/current`)
		.catch(async (error: unknown) => {
			if (error instanceof PveError && isNoVm(error)) throw new Error(await whereItIs(run, place));
			return refused(error);
		});
	const config = await client
		.get<{ protection?: number; lock?: string }>(`${guestPath(place)}/config`)
		.catch(refused);
	if (current === undefined || config === undefined) return undefined;
	const { protection, lock } = config.data;
	if (protection === 1)
		throw new Error(
			`VM ${vmid} on ${node} is protected. To overwrite it, turn off Protection with Update first. Nothing was done`,
		);
	if (lock !== undefined)
		throw new Error(
			`VM ${vmid} on ${node} is locked (${lock}): a task is working on it, or left the lock behind. Nothing was done`,
		);
	return current.data.status;
}

/** Why a VM is not on the node. Source: `GET /cluster/resources`. */
async function whereItIs({ client }: Run, { kind, node, vmid }: GuestLocation): Promise<string> {
	const { data: guests } = await client.get<Array<{ vmid?: number; node: string; type: string }>>(
		'/cluster/resources',
		{ type: 'vm' },
	);
	const found = guests.find((guest) => guest.vmid === vmid);
	if (found === undefined)
		return `VM ${vmid} does not exist, so it cannot be overwritten. To restore it as a new VM, turn off Overwrite. Nothing was done`;
	if (found.type !== kind.type)
		return `${vmid} is ${kind.other} on ${found.node}: a restore of a VM cannot overwrite it. Nothing was done`;
	return `VM ${vmid} is on ${found.node}, not on ${node}. Choose ${found.node} as Node. Nothing was done`;
}
