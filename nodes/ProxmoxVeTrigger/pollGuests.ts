import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import type { PveClient } from '../ProxmoxVe/api/client';
import { PveError } from '../ProxmoxVe/api/errors';
import { choice, text } from '../ProxmoxVe/form/readFields';
import type { Form } from '../ProxmoxVe/form/Form';
import { inParallel } from '../ProxmoxVe/runtime/concurrency';
import { splitList } from '../ProxmoxVe/wire/values';
import {
	CHANGES,
	compareGuests,
	missingGuests,
	type Change,
	type GuestChange,
	type GuestRow,
	type KnownGuest,
} from './compareGuests';
import { readGuestMemory, sharesHost, writeGuestMemory } from './memory';

/** Which changes to emit. */
export interface GuestWatch {
	/** Empty means all. */
	readonly changes: readonly Change[];
	readonly passes: (row: GuestRow) => boolean;
}

const filterFields = {
	vm: text({ label: 'Virtual Machine' }),
	kind: choice({ label: 'Kind', options: { qemu: 'Virtual Machine', lxc: 'Container' } }),
	pool: text({ label: 'Resource Pool' }),
	tags: text({ label: 'Tags' }),
};

/** Reads the form. Call `form.check` before any request. */
export function readGuestWatch(form: Form): GuestWatch {
	const { vm, kind, pool, tags = '' } = form.filters(filterFields);
	const changes = form.choices('changes', 'Changes', CHANGES);
	const vmid =
		vm === undefined
			? undefined
			: form.readGuestId(vm, { parameter: 'vm', label: 'Filters → Virtual Machine' });
	const wanted = splitList(tags.toLowerCase());
	return {
		changes,
		passes: (row) => {
			const has = splitList((row.tags ?? '').toLowerCase());
			return (
				(vmid === undefined || row.vmid === vmid) &&
				(kind === undefined || row.type === kind) &&
				(pool === undefined || row.pool === pool) &&
				wanted.every((tag) => has.includes(tag))
			);
		},
	};
}

/** Missing guests that are asked for in one poll; the others are asked for in later ones. */
const MOST_QUESTIONS = 50;
const AT_ONCE = 8;

/**
 * The changes of VMs and containers since the last poll, each once.
 * Source: `GET /cluster/resources?type=vm`, `GET /cluster/nextid` for guests that are no longer listed.
 *
 * n8n starts the next poll even if the last one is still running. A poll that another one has overtaken emits and stores
 * nothing, because its list may be the older one.
 */
export async function pollGuests(
	context: IPollFunctions,
	client: PveClient,
	{ changes, passes }: GuestWatch,
): Promise<IDataObject[]> {
	const hosts = await client.hosts();
	const kept = readGuestMemory(context.getWorkflowStaticData('node'));
	// Another cluster: its guests have the same IDs.
	const known = sharesHost(kept, hosts) ? kept.guests : undefined;
	const rows = await listGuestRows(client);
	const fates = await fatesOf(client, missingGuests(known ?? [], rows));

	const data = context.getWorkflowStaticData('node');
	if (readGuestMemory(data).version !== kept.version) return [];
	const compared = compareGuests(known, rows, passes, fates);
	writeGuestMemory(data, { version: kept.version + 1, hosts, guests: compared.known });
	return compared.changes
		.filter(({ change, guest }) => guest.isWatched && isWanted(changes, change))
		.map(itemOf);
}

const isWanted = (changes: readonly Change[], change: Change): boolean =>
	changes.length === 0 || changes.includes(change);

async function listGuestRows(client: PveClient): Promise<GuestRow[]> {
	const { data } = await client.get<Array<Partial<GuestRow>>>('/cluster/resources', { type: 'vm' });
	return data.flatMap((row) =>
		row.vmid === undefined || row.node === undefined ? [] : [row as GuestRow],
	);
}

/**
 * Whether missing guests are gone, or only no longer visible for lack of VM.Audit. Their IDs are free if they are gone,
 * which Proxmox says without any privilege. What cannot be read stays open.
 */
async function fatesOf(
	client: PveClient,
	missing: readonly KnownGuest[],
): Promise<Map<number, 'gone' | 'hidden'>> {
	const fates = new Map<number, 'gone' | 'hidden'>();
	const asked = missing.slice(0, MOST_QUESTIONS);
	await inParallel(asked.length, AT_ONCE, async (index) => {
		const vmid = asked[index]?.vmid ?? 0;
		await client.get('/cluster/nextid', { vmid }).then(
			() => fates.set(vmid, 'gone'),
			(error: unknown) => {
				if (!(error instanceof PveError)) throw error;
				if (error.failure.status === 400) fates.set(vmid, 'hidden');
			},
		);
	});
	return fates;
}

/** A guest that passes the filters, with the first of the changes, for the editor's "Fetch Test Event". */
export async function sampleGuest(
	client: PveClient,
	{ changes, passes }: GuestWatch,
): Promise<IDataObject | undefined> {
	const rows = (await listGuestRows(client)).filter(passes);
	const change = changes[0] ?? 'started';
	const { changes: samples } = compareGuests([], rows, () => true, new Map());
	const [sample] = samples;
	const moved = change === 'migrated' && sample ? { previousNode: sample.guest.node } : {};
	return sample && itemOf({ ...sample, change, ...moved });
}

/** What the trigger emits for a change. */
const itemOf = ({ change, guest, row, previousNode }: GuestChange): IDataObject => ({
	change,
	vmid: guest.vmid,
	kind: guest.type === 'lxc' ? 'container' : 'virtualMachine',
	name: guest.name || null,
	node: guest.node,
	previousNode: previousNode ?? null,
	status: row === undefined ? null : (guest.status ?? 'unknown'),
	tags: splitList(row?.tags ?? ''),
	pool: row?.pool ?? null,
});
