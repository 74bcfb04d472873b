import type { PveClient } from './client';
import { isNoVm, PveError } from './errors';
import { guestPath, kindsOf, type GuestType } from './paths';

/** Where a guest is, and what it is called: null if Proxmox does not say. */
export interface FoundGuest {
	/** Of its kind. */
	readonly type: string;
	readonly node: string;
	readonly name: string | null;
}

/** A guest in the cluster's list. */
export interface ListedGuest {
	readonly vmid: number;
	readonly node: string;
	readonly type: string;
	readonly name?: string;
	/** Separated by semicolons. */
	readonly tags?: string;
	/** The pool that it is in. */
	readonly pool?: string;
}

/** How long the cluster's list counts by itself, in milliseconds. */
const LIST_AGE_MS = 1_000;

/** The guests of a cluster by their IDs, and when they were asked for. */
interface GuestList {
	readonly rows: Promise<ReadonlyMap<number, ListedGuest>>;
	readonly at: number;
}

/** The last list of each client. All items of a run share it: with 10,000 guests it has some megabytes. */
const lists = new WeakMap<PveClient, GuestList>();

const isOld = ({ at }: GuestList): boolean => Date.now() - at >= LIST_AGE_MS;

/**
 * The guests of the cluster by their IDs, with existence and node of this moment.
 * Source: `GET /cluster/resources?type=vm`.
 * @param isFresh read it now
 */
export async function listGuests(
	client: PveClient,
	isFresh = false,
): Promise<ReadonlyMap<number, ListedGuest>> {
	const known = lists.get(client);
	if (known && !isFresh && !isOld(known)) return await known.rows;
	const list = {
		rows: client
			.get<Array<Partial<ListedGuest>>>('/cluster/resources', { type: 'vm' })
			.then(
				({ data }) =>
					new Map(
						data.flatMap((row) =>
							row.vmid === undefined ? [] : [[row.vmid, row as ListedGuest] as const],
						),
					),
			),
		at: Date.now(),
	};
	lists.set(client, list);
	// After a failure the next item asks again.
	list.rows.catch(() => {
		if (lists.get(client) === list) lists.delete(client);
	});
	return await list.rows;
}

/** Makes the next look-up read the list again, because a guest was created or deleted since. */
export const forgetGuests = (client: PveClient): void => void lists.delete(client);

/**
 * The node that a guest is on, and its name. A run of many items takes its time: where their list is old, the guest
 * itself is asked whether it is still there, which costs far less than the list of a big cluster. A new list is some
 * seconds old as well, so a guest that is not in it is looked for on each node.
 * Source: `GET /cluster/resources`, `GET /nodes/{node}/{kind}/{vmid}/status/current`.
 * @param isFresh do not use the list that another item has read
 * @returns undefined if there is no guest of this ID, or it may not be seen
 * @throws Error if the ID is that of a guest of another kind
 */
export async function findGuest(
	client: PveClient,
	kind: GuestType,
	vmid: number,
	isFresh = false,
): Promise<FoundGuest | undefined> {
	const known = isFresh ? undefined : lists.get(client);
	if (known && isOld(known)) {
		const row = (await known.rows).get(vmid);
		const now =
			row && isOf(kind, row) && (await readStatus(client, guestPath({ ...row, kind: row })));
		if (now) return { type: row.type, node: row.node, name: now.name ?? null };
	}
	let listed = (await listGuests(client, isFresh)).get(vmid);
	// Its ID may have been another guest's when the list was read.
	if (listed && !isOf(kind, listed) && !isFresh)
		listed = (await listGuests(client, true)).get(vmid);
	if (listed && isOf(kind, listed))
		return { type: listed.type, node: listed.node, name: listed.name ?? null };
	if (listed) throw new Error(`${vmid} is ${kind.other} on ${listed.node}. Choose a ${kind.noun}`);
	const { data: nodes } = await client.get<Array<{ node: string; status: string }>>('/nodes');
	for (const { node, status } of nodes) {
		if (status !== 'online') continue;
		for (const one of kindsOf(kind)) {
			const current = await readStatus(client, guestPath({ kind: one, node, vmid }));
			if (current) return { type: one.type, node, name: current.name ?? null };
		}
	}
	return undefined;
}

const isOf = (kind: GuestType, row: ListedGuest): boolean =>
	kindsOf(kind).some(({ type }) => type === row.type);

/** What a guest is looked for by. */
type By = { readonly name: string } | { readonly tag: string };

/** Whether a guest has the name or the tag. By default Proxmox compares tags without regard to case. */
const has = ({ name, tags = '' }: Pick<ListedGuest, 'name' | 'tags'>, by: By): boolean =>
	'name' in by
		? name === by.name
		: tags
				.toLowerCase()
				.split(/[,;\s]+/)
				.includes(by.tag.toLowerCase());

/**
 * The only guest of a kind that has a name or a tag. Names in the list are some seconds old, so the guest itself is
 * asked, and the list is read again where it does not agree: no other guest may be worked on.
 * Source: `GET /cluster/resources`, `GET /nodes/{node}/{kind}/{vmid}/status/current`.
 * @throws Error if there is none, or there are several; PveError
 */
export async function findGuestBy(
	client: PveClient,
	kind: GuestType,
	by: By,
): Promise<FoundGuest & { readonly vmid: number }> {
	const what = 'name' in by ? `with the name ${by.name}` : `with the tag ${by.tag}`;
	for (const isFresh of [false, true]) {
		const all = [...(await listGuests(client, isFresh)).values()].filter((row) => has(row, by));
		const found = all.filter((row) => isOf(kind, row)).sort((a, b) => a.vmid - b.vmid);
		const [guest, second] = found;
		if (guest && !second) {
			const { type, vmid, node } = guest;
			const now = await readStatus(client, guestPath({ kind: guest, node, vmid }));
			if (now && has(now, by)) return { type, vmid, node, name: now.name ?? null };
			continue;
		}
		if (!isFresh) continue;
		if (second)
			throw new Error(
				`There are ${found.length} guests ${what}: ${found.map(({ vmid, node }) => `${vmid} on ${node}`).join(', ')}. Choose one by its ID`,
			);
		const [other] = all;
		if (other)
			throw new Error(
				`The guest ${what} is ${kind.other} (${other.vmid} on ${other.node}). Choose a ${kind.noun}`,
			);
	}
	throw new Error(
		`There is no ${kind.noun} ${what}, or this user or token may not see it (VM.Audit). Proxmox shows a new name after some seconds`,
	);
}

/**
 * The only guest of a kind that has a name, for a step that creates it if there is none. The list shows no name of a
 * guest that is new or whose node sends no news, so these are asked one by one.
 * Source: as findGuestBy.
 * @throws Error if there are several, or a guest cannot be asked: another one might be the second of that name
 */
export async function findGuestNamed(
	client: PveClient,
	kind: GuestType,
	name: string,
): Promise<(FoundGuest & { readonly vmid: number }) | undefined> {
	const rows = [...(await listGuests(client, true)).values()].filter(
		(row) => row.type === kind.type && (row.name === undefined || row.name === name),
	);
	const found: Array<FoundGuest & { readonly vmid: number }> = [];
	for (const { vmid, node } of rows) {
		const now = await client
			.get<Pick<ListedGuest, 'name'>>(`${guestPath({ kind, node, vmid })}/status/current`)
			.catch((error: unknown) => {
				if (error instanceof PveError && isNoVm(error)) return undefined;
				throw new Error(
					`${vmid} on ${node} could not be read, so it is unknown whether its name is ${name}: ${error instanceof Error ? error.message : String(error)}. Use an Idempotency Key or a VM ID. Nothing was created`,
				);
			});
		if (now?.data.name === name) found.push({ type: kind.type, vmid, node, name });
	}
	if (found.length > 1)
		throw new Error(
			`There are ${found.length} guests with the name ${name}: ${found.map(({ vmid, node }) => `${vmid} on ${node}`).join(', ')}. Choose one by VM ID`,
		);
	return found[0];
}

/** The state of a guest on a node; undefined if it is not there. */
const readStatus = async (
	client: PveClient,
	path: string,
): Promise<Pick<ListedGuest, 'name' | 'tags'> | undefined> =>
	await client.get<Pick<ListedGuest, 'name' | 'tags'>>(`${path}/status/current`).then(
		({ data }) => data,
		(error: unknown) => {
			if (error instanceof PveError) return undefined;
			throw error;
		},
	);
