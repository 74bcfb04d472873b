import { clusterState } from '../../tools/emulator';
import { howMany } from '../support/howMany';
import { openLab, type Lab } from '../support/lab';

// How calls grow with guests, nodes and items. Times are in docs/performance.md.

const FIRST = 10_000;

let lab: Lab;
afterEach(async () => await lab.close());

async function openCluster(nodes: number, guests: number): Promise<void> {
	const names = Array.from({ length: nodes }, (_, index) => `pve${index + 1}`);
	lab = await openLab({
		realTime: true,
		state: clusterState({
			nodes: names.map((name) => ({ name })),
			guests: Array.from({ length: guests }, (_, index) => ({
				vmid: FIRST + index,
				node: names[index % nodes] ?? 'pve1',
				config: {},
			})),
		}),
	});
}

/** Each item gets one VM. @returns calls, and lists of the cluster among them */
async function get(items: number): Promise<{ calls: number; lists: number }> {
	const { error } = await lab.run(
		{
			resource: 'virtualMachine',
			operation: 'get',
			vm: { __rl: true, mode: 'id', value: '={{ $json.vmid }}' },
		},
		Array.from({ length: items }, (_, index) => ({ vmid: String(FIRST + index) })),
	);
	expect(error).toBeUndefined();
	const paths = lab.emulator.requests.splice(0).map(({ path }) => path);
	return {
		calls: paths.length,
		lists: paths.filter((path) => path.includes('/cluster/resources')).length,
	};
}

it.each([
	[1, 10],
	[4, 1_000],
	[32, 10_000],
])('one item on %d nodes with %d guests makes the same calls', async (nodes, guests) => {
	await openCluster(nodes, guests);
	expect(await get(1)).toEqual({ calls: 3, lists: 1 });
});

it('calls grow with items, lists of the cluster do not', async () => {
	await openCluster(4, 1_000);
	for (const items of [1, 10, howMany(100, 1_000)]) {
		const { calls, lists } = await get(items);
		expect(lists).toBe(1);
		expect(calls).toBeLessThanOrEqual(1 + 3 * items);
	}
});
