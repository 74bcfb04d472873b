import type { INodeParameters } from 'n8n-workflow';

import { clusterState, setNextIdRange } from '../../../tools/emulator';
import { howMany } from '../../support/howMany';
import { inPanel, onPve1, openLab, type Lab } from '../../support/lab';
import type { Workers } from '../../support/workers';

export const PROCESSES = howMany(2, 8);
/** More than Max Parallel, so that each process takes IDs while others are being created. */
const ITEMS = howMany(30, 50);
const ALL = PROCESSES * ITEMS;
/** Items of a run in the test with keys and four nodes: 2,000 in all with 8 processes. */
const MANY = howMany(10, 125);
const IN_ALL = 2 * PROCESSES * MANY;

/** Creates of several processes at once. */
export function createsTests(workers: Workers): void {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab({ realTime: true });
	});
	afterEach(async () => await lab.close());

	const count = (method: string, path: RegExp): number =>
		lab.emulator.requests.filter((request) => request.method === method && path.test(request.path))
			.length;
	const numerically = (a: number, b: number): number => a - b;

	/** Every process makes its VMs at the same time. @returns the new VM IDs, ascending, and the requests beside one POST a VM */
	async function createAll({ options, ...more }: INodeParameters = {}): Promise<{
		vmids: number[];
		posts: number;
		nextIds: number;
	}> {
		const { state, tasks } = lab.emulator;
		const before = structuredClone([...state.vms]);
		const parameters = inPanel({
			...onPve1,
			...more,
			options: { maxPollInterval: 0.5, ...Object(options) },
		});
		const runs = await Promise.all(
			workers.map(
				async (worker) =>
					await worker.ask('run', { parameters, credentials: lab.credentials, count: ITEMS }),
			),
		);

		expect(runs.map(({ error }) => error)).toEqual(Array(PROCESSES).fill(undefined));
		const made = runs.flatMap(({ output }) => output);
		const vmids = made.map(({ vmid }) => Number(vmid)).sort(numerically);
		expect(new Set(vmids).size).toBe(ALL);
		const old = new Set(before.map(([vmid]) => vmid));
		expect([...state.vms.keys()].filter((vmid) => !old.has(vmid)).sort(numerically)).toEqual(vmids);
		expect([...state.vms].filter(([vmid]) => old.has(vmid))).toEqual(before);
		expect(made.map(({ upid }) => upid).sort()).toEqual(
			tasks
				.all()
				.map(({ upid }) => upid)
				.sort(),
		);
		return {
			vmids,
			posts: count('POST', /\/qemu$/) - ALL,
			nextIds: count('GET', /\/cluster\/nextid/) - PROCESSES,
		};
	}

	describe(`${ALL} creates from ${PROCESSES} processes at once make ${ALL} VMs`, () => {
		it('with the next free ID', async () => {
			const { posts, nextIds } = await createAll();
			expect(posts).toBeLessThan(ALL / 4);
			expect(nextIds).toBeLessThan(ALL / 4);
		});

		it('with the next free ID, one after the other in each process', async () => {
			const { posts, nextIds } = await createAll({
				options: { waitUntil: 'nothing', maxParallel: 1 },
			});
			expect(posts).toBeLessThan(ALL / 4);
			expect(nextIds).toBeLessThan(ALL / 4);
		});

		it('in a range of the datacenter’s with exactly enough free IDs', async () => {
			setNextIdRange(lab.emulator.state, 5000, 5000 + ALL);
			const { vmids, posts, nextIds } = await createAll();
			expect(vmids).toEqual(Array.from({ length: ALL }, (_, index) => 5000 + index));
			expect(posts).toBeLessThan(3 * ALL);
			expect(nextIds).toBeLessThan(ALL);
		});

		it('in a range of the user’s with exactly enough free IDs', async () => {
			const { vmids, posts } = await createAll({
				options: { lowestVmId: 7000, highestVmId: 6999 + ALL },
			});
			expect(vmids).toEqual(Array.from({ length: ALL }, (_, index) => 7000 + index));
			expect(posts).toBeLessThan(2 * ALL);
			expect(count('GET', /\/cluster\/resources/)).toBeLessThan(ALL / 2);
		});
	});

	it(`creates from ${PROCESSES} processes on four nodes, half of them with a key, refuse few of their requests`, async () => {
		await lab.close();
		const nodes = ['pve1', 'pve2', 'pve3', 'pve4'];
		lab = await openLab({
			realTime: true,
			state: clusterState({
				nodes: nodes.map((name) => ({ name, memory: 2 ** 40 })),
				storages: [{ storage: 'shared', shared: true }],
				// A crowded start of the range: what is in use is no place to begin.
				guests: Array.from({ length: 500 }, (_, index) => ({
					vmid: 100 + 2 * index,
					node: 'pve4',
					config: {},
				})),
			}),
			everyNode: true,
		});
		const before = lab.emulator.state.vms.size;
		const ask = async (worker: (typeof workers)[number], key?: string) =>
			await worker.ask('run', {
				parameters: {
					...onPve1,
					node: { __rl: true, mode: 'id', value: '={{ $json.node }}' },
					options: {
						maxPollInterval: 0.5,
						...(key === undefined ? {} : { idempotencyKey: `=${key}-{{ $json.number }}` }),
					},
				},
				credentials: lab.credentials,
				count: MANY,
				items: Array.from({ length: MANY }, (_, number) => ({ node: nodes[number % 4], number })),
			});
		const runs = await Promise.all(
			workers.flatMap((worker, process) => [ask(worker), ask(worker, `order-${process}`)]),
		);
		expect(runs.flatMap(({ error }) => error ?? [])).toEqual([]);
		const vmids = runs.flatMap(({ output }) => output.map(({ vmid }) => Number(vmid)));
		expect(new Set(vmids).size).toBe(IN_ALL);
		expect(lab.emulator.state.vms.size).toBe(before + IN_ALL);
		const refused = count('POST', /\/qemu$/) - IN_ALL;
		expect(refused).toBeLessThanOrEqual(IN_ALL / 4);
		expect(count('GET', /\/cluster\/resources/)).toBeLessThan(IN_ALL / 2);
	});
}
