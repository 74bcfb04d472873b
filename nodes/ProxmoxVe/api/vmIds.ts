import type { PveClient } from './client';
import { listGuests } from './findGuest';

/** IDs that the user wants new VMs to have. */
export interface IdRange {
	readonly lowest: number;
	readonly highest: number;
}

/** Hands out the VM IDs of one run. Proxmox reserves none: the POST of a VM takes its ID, or finds it taken. */
export interface VmIds {
	readonly hasOthers: true;
	/** The next ID to try. @throws PveError if Proxmox has none free, Error if the range has none */
	next(): Promise<number>;
	/** Marks an ID as taken by another request: the next one is searched some distance away. */
	wasTaken(vmid: number): void;
	/** Marks an ID as free again: the VM under it is gone. */
	wasFreed(vmid: number): void;
}

/** The highest ID that Proxmox takes. */
const HIGHEST = 999_999_999;
/** A run of this many items starts apart from others that run at the same time. */
const APART_FROM = 10;
/** It starts at a random one of this many IDs an item: two runs of as many items overlap one time in eight. */
const SPREAD_PER_ITEM = 16;
/** The spread grows no more from here on. */
const WIDEST_SPREAD = 10_000;

/**
 * IDs from Proxmox's own proposal, or from a range of the user's. Proxmox is asked once a run; after
 * that IDs are counted on, and only if another had one first it is asked again. Runs that collide
 * spread out ever more widely, or they would go on colliding at each step. A run of many items starts
 * at a random ID at once, because workers that start together would all begin with the same IDs.
 * Source: `GET /cluster/nextid`, `GET /cluster/options` (next-id), `GET /cluster/resources`.
 * @param items how many guests the run may create
 */
export function createVmIds(client: PveClient, range?: IdRange, items = 1): VmIds {
	/** IDs that are in use, or handed out by this run and not known to Proxmox yet. */
	const taken = new Set<number>();
	/** This run starts at a random one of this many IDs, from the lowest free one. */
	let spread = items < APART_FROM ? 1 : Math.min(SPREAD_PER_ITEM * items, WIDEST_SPREAD);
	let areUsedKnown = false;
	/** The next ID to try; undefined if Proxmox must be asked again. */
	let next: number | undefined;
	let upper: Promise<number> | undefined;

	const highest = async (): Promise<number> =>
		range?.highest ?? (await (upper ??= highestOf(client)));

	/** Asks for the lowest ID that may be free now. */
	async function lowestFree(): Promise<number> {
		if (range || (spread > 1 && !areUsedKnown)) await skipUsed();
		return range?.lowest ?? Number((await client.get<string>('/cluster/nextid')).data);
	}

	async function skipUsed(): Promise<void> {
		// After a collision, the list of before has not got the guest that was faster.
		const rows = await listGuests(client, areUsedKnown);
		areUsedKnown = true;
		for (const vmid of rows.keys()) taken.add(vmid);
	}

	const firstFree = (from: number, until: number): number | undefined => {
		for (let vmid = from; vmid <= until; vmid++) if (!taken.has(vmid)) return vmid;
		return undefined;
	};

	/** @throws Error if there is none */
	async function anew(): Promise<number> {
		const lowest = await lowestFree();
		// Most runs make one VM, and need to know no more than this.
		if (spread === 1 && !taken.has(lowest)) return lowest;
		const end = await highest();
		const from = lowest + Math.floor(Math.random() * Math.min(spread, end - lowest + 1));
		const vmid = firstFree(from, end) ?? firstFree(lowest, from - 1);
		if (vmid === undefined) throw new Error(`No VM ID from ${lowest} to ${end} is free`);
		return vmid;
	}

	async function find(): Promise<number> {
		const counted = next && firstFree(next, await highest());
		const vmid = counted ?? (await anew());
		next = vmid + 1;
		taken.add(vmid);
		return vmid;
	}

	/** The search before: items side by side ask one after the other, or they would get the same ID. */
	let before: Promise<unknown> = Promise.resolve();

	return {
		hasOthers: true,
		async next() {
			const found = before.then(find);
			before = found.catch(() => undefined);
			return await found;
		},
		wasTaken(vmid) {
			taken.add(vmid);
			spread = Math.min(4 * spread, WIDEST_SPREAD);
			next = undefined;
		},
		wasFreed: (vmid) => void taken.delete(vmid),
	};
}

/** The upper end of the datacenter's own range, if one is set and may be read. */
async function highestOf(client: PveClient): Promise<number> {
	const options = await client
		.get<{ 'next-id'?: { upper?: number | string } | string }>('/cluster/options')
		.catch(() => undefined);
	const nextId = options?.data?.['next-id'];
	const upper = typeof nextId === 'string' ? /upper=(\d+)/.exec(nextId)?.[1] : nextId?.upper;
	// Proxmox itself no longer proposes the upper one.
	return upper === undefined ? HIGHEST : Number(upper) - 1;
}
