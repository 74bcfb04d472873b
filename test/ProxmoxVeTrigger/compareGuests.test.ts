import fc from 'fast-check';

import {
	compareGuests,
	missingGuests,
	packGuests,
	unpackGuests,
	type GuestRow,
	type KnownGuest,
} from '../../nodes/ProxmoxVeTrigger/compareGuests';
import { settings } from '../wire/properties/settings';

interface Guest {
	type: string;
	node: string;
	status: string;
}
type World = Map<number, Guest>;

const VMIDS = [100, 101, 102, 103];
const NODES = ['pve1', 'pve2'];

interface Step {
	vmid: number;
	node: string;
	what: string;
}
const step: fc.Arbitrary<Step> = fc.record({
	vmid: fc.constantFrom(...VMIDS),
	node: fc.constantFrom(...NODES),
	what: fc.constantFrom('create', 'start', 'stop', 'migrate', 'remove', 'other kind'),
});
const polls = fc.array(
	fc.record({
		steps: fc.array(step, { maxLength: 4 }),
		/** Nodes without news: their guests are unknown. */
		silent: fc.subarray(NODES),
		/** Guests that this token may not see now. */
		hidden: fc.subarray(VMIDS, { maxLength: 2 }),
		/** A stopped guest that is backed up runs meanwhile. */
		busy: fc.constantFrom(undefined, ...VMIDS),
		/** Whether Proxmox says what became of missing guests. */
		asks: fc.boolean(),
		/** n8n crashes and starts with what it saved last. */
		restarts: fc.boolean(),
	}),
	{ maxLength: 25 },
);

/** @returns whether it is possible: a guest must be there, or not */
function happen(world: World, { vmid, node, what }: Step): boolean {
	const guest = world.get(vmid);
	if (what === 'create') {
		if (guest) return false;
		world.set(vmid, { type: 'qemu', node, status: 'stopped' });
	} else if (!guest) return false;
	else if (what === 'remove') world.delete(vmid);
	else if (what === 'migrate') {
		if (guest.node === node) return false;
		guest.node = node;
	} else if (what === 'other kind')
		world.set(vmid, { type: guest.type === 'lxc' ? 'qemu' : 'lxc', node, status: 'stopped' });
	else {
		const status = what === 'start' ? 'running' : 'stopped';
		if (guest.status === status) return false;
		guest.status = status;
	}
	return true;
}

const rowsOf = (world: World, silent: string[], hidden: number[], busy?: number): GuestRow[] =>
	[...world]
		.filter(([vmid]) => !hidden.includes(vmid))
		.map(([vmid, { type, node, status }]) => ({
			vmid,
			type,
			node,
			...(silent.includes(node) ? { status: 'unknown' } : { status, name: `g${vmid}` }),
			...(busy === vmid ? { status: 'running', lock: 'backup' } : {}),
		}));

describe('the changes of guests', () => {
	it('are each reported once, also after restarts and polls without changes, and add up to the current state', () => {
		let reported = 0;
		fc.assert(
			fc.property(polls, (plan) => {
				const world: World = new Map();
				/** What a reader of the events believes. */
				const believed: World = new Map();
				let kept: Record<string, string> | undefined;
				let saved: Record<string, string> | undefined;
				let happened = 0;
				let unseen: number[] = [];
				const calm = {
					steps: [] as Step[],
					silent: [],
					hidden: [] as number[],
					busy: undefined,
					asks: true,
					restarts: false,
				};
				for (const { steps, silent, hidden, busy, asks, restarts } of [calm, ...plan, calm]) {
					for (const one of steps) {
						// That a guest is removed which may not be seen is not seen either.
						const isSeen = one.what !== 'remove' || !unseen.includes(one.vmid);
						if (isSeen && happen(world, one)) happened += 1;
					}
					unseen = hidden;
					if (restarts) kept = saved;
					const rows = rowsOf(world, silent, hidden, busy);
					const before: KnownGuest[] | undefined = kept && unpackGuests(kept);
					const fates = new Map(
						(asks ? missingGuests(before ?? [], rows) : []).map(
							({ vmid }) => [vmid, world.has(vmid) ? 'hidden' : 'gone'] as const,
						),
					);
					const { known, changes } = compareGuests(before, rows, () => true, fates);
					kept = packGuests(known);
					if (changes.length > 0 || !saved) saved = kept;
					for (const { change, guest, previousNode } of changes) {
						const { vmid, type, node } = guest;
						const old = believed.get(vmid);
						reported += 1;
						if (change === 'created') {
							expect(old).toBeUndefined();
							believed.set(vmid, { type, node, status: 'stopped' });
							continue;
						}
						if (!old) throw new Error(`${change} of ${vmid}, which is not there`);
						if (change === 'removed') believed.delete(vmid);
						else if (change === 'migrated') {
							expect({ was: old.node, is: node === old.node }).toEqual({
								was: previousNode,
								is: false,
							});
							old.node = node;
						} else {
							expect(old.status).toBe(change === 'started' ? 'stopped' : 'running');
							old.status = change === 'started' ? 'running' : 'stopped';
						}
					}
				}
				expect([...believed].sort()).toEqual([...world].sort());
				expect(happened === 0 && believed.size > 0).toBe(false);
			}),
			settings(500),
		);
		expect(reported).toBeGreaterThan(settings(500).numRuns);
	});

	it('do not include backups, or a node that does not respond', () => {
		const guest = { vmid: 100, type: 'qemu', node: 'pve1', status: 'stopped', name: 'web' };
		const { known } = compareGuests(undefined, [guest], () => true, new Map());
		for (const news of [{ status: 'running', lock: 'backup' }, { status: 'unknown' }]) {
			const row = { ...guest, ...news, name: undefined };
			expect(compareGuests(known, [row], () => true, new Map())).toEqual({ known, changes: [] });
		}
	});

	it('need few bytes of storage per guest', () => {
		const guests = Array.from(
			{ length: 10_000 },
			(_, index): KnownGuest => ({
				vmid: 100 + index,
				type: index % 2 ? 'qemu' : 'lxc',
				node: `pve${index % 32}`,
				name: `web-${index}`,
				status: index % 3 ? 'running' : 'stopped',
				isWatched: true,
				isHidden: false,
			}),
		);
		const packed = packGuests(guests);
		expect(JSON.stringify(packed).length).toBeLessThan(20 * guests.length);
		expect(unpackGuests(packed).sort((a, b) => a.vmid - b.vmid)).toEqual(guests);
	});
});
