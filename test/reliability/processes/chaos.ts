/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { RequestFault } from '../../../tools/emulator';
import { phrase } from '../faults/ingredients';
import { howMany } from '../../support/howMany';
import { inPanel, onPve1, openLab, type Lab } from '../../support/lab';
import { numbersFrom, type Workers } from '../../support/workers';

/** Enough for executions to meet. */
const ITEMS = howMany(12, 40);
const SEEDS = process.env.CHAOS_SEEDS?.split(',').map(Number) ?? [31];
const PROCESSES = howMany(2, 3);
/** Part of the POSTs that meet a fault. */
const RATE = 0.15;

/** What may become of a POST, whose response the node does not get or gets late. */
const FAULTS: ReadonlyArray<Pick<RequestFault, 'when' | 'effect'>> = [
	{ when: 'before', effect: 'reset' },
	{ when: 'after', effect: 'reset' },
	{ when: 'before', effect: phrase(502, 'Bad Gateway') },
	{ when: 'after', effect: phrase(502, 'Bad Gateway') },
	{ when: 'before', effect: phrase(596, 'Connection timed out') },
	{ when: 'after', effect: phrase(596, 'Connection timed out') },
	{ when: 'after', effect: { delayMs: 4_000 } },
];

/** Creates and clones of several processes, while many of their responses are lost. */
export function chaosTests(workers: Workers): void {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab({ realTime: true });
	});
	afterEach(async () => await lab.close());

	function stageFaults(seed: number, path: RegExp, rate: number): void {
		const random = numbersFrom(seed);
		for (let nth = 1; nth <= 20 * ITEMS * PROCESSES; nth++) {
			const fault = FAULTS[Math.floor(random() * FAULTS.length)];
			if (fault && random() < rate)
				lab.emulator.faults.onRequest({ method: 'POST', path, nth, ...fault });
		}
	}

	/** What became of the items of all processes: VM ID by the item's name, if it succeeded. */
	async function runAll(
		parameters: INodeParameters,
	): Promise<{ made: Map<string, number>; failed: string[] }> {
		const made = new Map<string, number>();
		const failed: string[] = [];
		await Promise.all(
			workers.slice(0, PROCESSES).map(async (worker, index) => {
				const items: IDataObject[] = Array.from({ length: ITEMS }, (_, item) => ({
					name: `item-${index}-${item}`,
				}));
				const settings = { onError: 'continueRegularOutput' as const };
				const { output, error } = await worker.ask('run', {
					parameters: inPanel({ ...onPve1, ...parameters }),
					credentials: lab.credentials,
					count: ITEMS,
					items,
					settings,
				});
				expect(error).toBeUndefined();
				for (const [item, { vmid, error: failure }] of output.entries()) {
					if (failure === undefined) made.set(String(items[item]?.name), Number(vmid));
					else failed.push(String((failure as IDataObject).message));
				}
			}),
		);
		await lab.emulator.tasks.settled();
		return { made, failed };
	}

	describe.each(SEEDS)('with faults of every kind on the way (seed %s)', (seed) => {
		const options = { maxPollInterval: 0.2 };
		/** Each item that succeeded has its own VM, and no item has two. */
		function check(made: ReadonlyMap<string, number>, failed: readonly string[]): void {
			const names = new Map<string, number[]>();
			for (const { vmid, config } of lab.emulator.state.vms.values()) {
				const name = String(config.name);
				if (name.startsWith('item-')) names.set(name, [...(names.get(name) ?? []), vmid]);
			}
			for (const message of failed)
				expect(message).toMatch(
					/response was lost|Connection timed out|Bad Gateway|already exists/,
				);
			expect([...names].filter(([, vmids]) => vmids.length > 1)).toEqual([]);
			expect(
				[...made].filter(([name, vmid]) => lab.emulator.state.vms.get(vmid)?.config.name !== name),
			).toEqual([]);
			expect(new Set(made.values()).size).toBe(made.size);
		}

		it('creates of several processes with one token never take the VM of another one', async () => {
			stageFaults(seed, /\/qemu$/, RATE);
			const { made, failed } = await runAll({ name: '={{ $json.name }}', options });
			check(made, failed);
			// The VM shows whose it is: hardly any outcome stays unknown.
			expect(made.size).toBeGreaterThan(0.9 * ITEMS * PROCESSES);
		}, 300_000);

		it('clones of one template never take the VM of another one', async () => {
			stageFaults(seed, /\/clone$/, RATE);
			const vm = { __rl: true, mode: 'list', value: 101 };
			const { made, failed } = await runAll({
				operation: 'clone',
				vm,
				newIdMode: 'next',
				full: false,
				name: '={{ $json.name }}',
				options,
			});
			check(made, failed);
			expect(made.size).toBeGreaterThan(0.5 * ITEMS * PROCESSES);
		}, 300_000);
	});
}
