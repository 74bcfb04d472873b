import type { VmRequest } from '../../form/readRequest';
import { storageOf } from '../../api/backups';
import { segment, type PveClient } from '../../api/client';
import { isNoVm, isPassing, PveError } from '../../api/errors';
import { privilegesOn } from '../../api/privileges';
import { vmPath, type Place } from '../locateGuest';
import type { Item } from '../../runtime/operation';
import type { Run } from '../../runtime/run';
import { turnOff } from '../turnOff';

/**
 * Makes sure, before a restore that overwrites is sent, that it can: the VM is there, on this node,
 * neither protected nor locked, and off; and the backup can be read. Proxmox itself would find most of
 * that only in its task, with the VM locked or half replaced by then, and would make a new VM of a
 * mistyped ID. A VM that runs is turned off last, where that was chosen, and after more was checked.
 * Source: `GET /nodes/{node}/qemu/{vmid}/status/current` and `…/config`, `GET /nodes/{node}/vzdump/extractconfig`.
 * @returns what starts a VM again that was turned off, where an error says that the restore was refused
 * @throws Error that says what is in the way, PveError where the backup cannot be read
 */
export async function guardOverwrite(
	item: Item,
	request: VmRequest,
): Promise<(error: unknown) => Promise<void>> {
	const { node, vmid, parameters, options } = request;
	const nothing = async (): Promise<void> => undefined;
	if (parameters.force !== true || vmid === undefined) return nothing;
	const { run, trace } = item;
	const place = { node, vmid };
	Object.assign(trace, place);
	const status = await readTarget(run, place);
	// A user who may overwrite a VM need not be allowed to look at it: then Proxmox decides.
	if (status === undefined) return nothing;
	if (status === 'running' && !options.stopFirst) {
		throw new Error(
			`VM ${vmid} is running, and a restore overwrites only a VM that is off. Stop it before, or choose Options → Stop First. Nothing was done`,
		);
	}
	const { data: config } = await run.client.get<string>(
		`/nodes/${segment(node)}/vzdump/extractconfig`,
		{ volume: request.archive ?? '' },
	);
	if (status !== 'running') return nothing;
	await checkBeforeStop(run.client, request, place, config);
	return await turnOff(item, place, options, `POST /nodes/${segment(node)}/qemu`);
}

/**
 * Checks what Proxmox would refuse only after the VM is off: rights, pool, and the storages of the disks.
 * What may not be read is left to Proxmox.
 * Source: `GET /access/permissions`, `GET /pools`, `GET /nodes/{node}/storage`.
 * @throws Error that says what is in the way
 */
async function checkBeforeStop(
	client: PveClient,
	{ node, archive = '', parameters }: VmRequest,
	{ vmid }: Place,
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
	if (!mayOverwrite)
		refuse(`This user or token may not overwrite the VM: VM.Backup on /vms/${vmid} is needed`);

	if (typeof pool === 'string') {
		const failure = await client.get('/pools', { poolid: pool }).then(
			() => '',
			(error: unknown) => (error instanceof PveError ? error.message : ''),
		);
		if (/does not exist/.test(failure))
			refuse(`Proxmox VE has no pool '${pool}': choose another one`);
	}

	const listed = await client.get<NodeStorage[]>(`/nodes/${segment(node)}/storage`).then(
		({ data }) => data,
		() => undefined,
	);
	const targets =
		typeof storage === 'string'
			? [storage]
			: [...config.matchAll(/^#qmdump#map:[^:]+:[^:]+:([^:]+):/gm)].map(([, name = '']) => name);
	for (const name of new Set(targets)) {
		const found = listed?.find((one) => one.storage === name);
		const isNamed = name === storage;
		const advice = isNamed
			? 'choose another storage'
			: 'choose a storage for all disks in the restore';
		const may = await privilegesOn(client, `/storage/${name}`);
		// The list leaves out storages that the user has no rights on.
		if (may && !may.has('Datastore.AllocateSpace'))
			refuse(
				`This user or token may not put disks on storage ${name}: Datastore.AllocateSpace on /storage/${name} is needed`,
			);
		if (listed && may && !found) refuse(`Node ${node} has no storage '${name}': ${advice}`);
		if (found?.enabled === 0) refuse(`Storage ${name} is disabled, or not for ${node}: ${advice}`);
		if (found?.active === 0) refuse(`Storage ${name} is offline on ${node}: ${advice}`);
		if (found?.content && !found.content.split(',').includes('images'))
			refuse(`Storage ${name} does not take disks of VMs: ${advice}`);
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
 * @returns undefined where the user or token may not look
 * @throws Error where it is not there, or is protected or locked
 */
async function readTarget(run: Run, place: Place): Promise<string | undefined> {
	const { node, vmid } = place;
	const { client } = run;
	const refused = (error: unknown): undefined => {
		if (error instanceof PveError && error.failure.status === 403 && !isPassing(error))
			return undefined;
		throw error;
	};
	const current = await client
		.get<{ status: string }>(`${vmPath(place)}/status/current`)
		.catch(async (error: unknown) => {
			if (error instanceof PveError && isNoVm(error)) throw new Error(await whereItIs(run, place));
			return refused(error);
		});
	const config = await client
		.get<{ protection?: number; lock?: string }>(`${vmPath(place)}/config`)
		.catch(refused);
	if (current === undefined || config === undefined) return undefined;
	const { protection, lock } = config.data;
	if (protection === 1)
		throw new Error(
			`VM ${vmid} on ${node} is protected, and is not overwritten. Turn Protection off first, with Update. Nothing was done`,
		);
	if (lock !== undefined)
		throw new Error(
			`VM ${vmid} on ${node} is locked (${lock}): a task works on it, or has left it so. Nothing was done`,
		);
	return current.data.status;
}

/** Why a VM is not on the node. Source: `GET /cluster/resources`. */
async function whereItIs({ client }: Run, { node, vmid }: Place): Promise<string> {
	const { data: guests } = await client.get<Array<{ vmid?: number; node: string; type: string }>>(
		'/cluster/resources',
		{ type: 'vm' },
	);
	const found = guests.find((guest) => guest.vmid === vmid);
	if (found === undefined)
		return `There is no VM ${vmid} to overwrite. To restore a new VM under this ID, leave Overwrite off. Nothing was done`;
	if (found.type !== 'qemu')
		return `${vmid} is a container on ${found.node}, which no VM can overwrite. Nothing was done`;
	return `VM ${vmid} is on ${found.node}, and a restore on ${node} cannot overwrite it. Choose ${found.node} as Node. Nothing was done`;
}
