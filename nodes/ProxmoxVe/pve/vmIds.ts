import type { PveClient } from './client';

/** IDs that the user wants new VMs to have. */
export interface IdRange {
	readonly lowest: number;
	readonly highest: number;
}

/** Hands out the VM IDs of one run. Proxmox reserves none: the POST of a VM takes its ID, or finds it taken. */
export interface VmIds {
	readonly hasOthers: true;
	/** The next ID to try. @throws PveError where Proxmox has none free, Error where the range has none */
	next(): Promise<number>;
	/** Tells that another had an ID before: the next one is looked for some way off. */
	wasTaken(vmid: number): void;
}

/** The highest ID that Proxmox takes. */
const HIGHEST = 999_999_999;
/** Collisions after which the spread grows no more. */
const WIDEST_SPREAD = 8;

/**
 * IDs from Proxmox's own proposal, or from a range of the user's. Proxmox is asked once a run; after
 * that IDs are counted on, and only where another had one first it is asked again. Runs that collide
 * spread out ever more widely, or they would go on colliding at each step.
 * Source: `GET /cluster/nextid`, `GET /cluster/options` (next-id), `GET /cluster/resources`.
 */
export function createVmIds(client: PveClient, range?: IdRange): VmIds {
	const taken = new Set<number>();
	let collisions = 0;
	let last: number | undefined;
	let highest: Promise<number> | undefined;

	/** A random step, wider with each collision of this run. */
	const spread = (): number =>
		collisions === 0 ? 0 : Math.floor(Math.random() * 2 ** Math.min(collisions, WIDEST_SPREAD));

	async function proposed(): Promise<number> {
		const free = Number((await client.get<string>('/cluster/nextid')).data);
		const wanted = free + spread();
		return wanted === free || wanted <= (await (highest ??= highestOf(client))) ? wanted : free;
	}

	async function inRange({ lowest, highest: end }: IdRange): Promise<number> {
		if (taken.size === 0) for (const vmid of await usedIds(client)) taken.add(vmid);
		const from = Math.min(lowest + spread(), end);
		for (const [first, until] of [[from, end], [lowest, from - 1]] as const) {
			for (let vmid = first; vmid <= until; vmid++) if (!taken.has(vmid)) return vmid;
		}
		throw new Error(`No VM ID from ${lowest} to ${end} is free`);
	}

	async function find(): Promise<number> {
		let vmid: number;
		if (range) vmid = await inRange(range);
		else if (last === undefined || last + 1 > (await (highest ??= highestOf(client)))) vmid = await proposed();
		else vmid = last + 1;
		// Proxmox knows nothing yet of those that were handed out and are still on their way to it.
		while (taken.has(vmid)) vmid += 1;
		last = vmid;
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
			collisions += 1;
			last = undefined;
		},
	};
}

/** The upper end of the datacenter's own range, where one is set and may be read. */
async function highestOf(client: PveClient): Promise<number> {
	const options = await client.get<{ 'next-id'?: { upper?: number | string } | string }>('/cluster/options').catch(() => undefined);
	const nextId = options?.data?.['next-id'];
	const upper = typeof nextId === 'string' ? /upper=(\d+)/.exec(nextId)?.[1] : nextId?.upper;
	return upper === undefined ? HIGHEST : Number(upper);
}

const usedIds = async (client: PveClient): Promise<number[]> =>
	(await client.get<Array<{ vmid?: number }>>('/cluster/resources', { type: 'vm' })).data.flatMap(({ vmid }) => vmid ?? []);
