import { clusterState } from '../../../tools/emulator';
import { openLab, type Lab } from '../../support/lab';

const GIB = 1024 ** 3;

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({
		state: clusterState({
			nodes: [
				{ name: 'pve2', memory: 64 * GIB, cpus: 16 },
				{ name: 'pve1', memory: 16 * GIB, cpus: 4, reach: 'no route' },
			],
		}),
	});
});
afterEach(async () => await lab.close());

it('Get Many returns what a decision needs, and null for what an offline node does not report', async () => {
	const { items } = await lab.run({ resource: 'node', operation: 'getAll', returnAll: true });
	const used = 1_792_131_072;
	expect((items[0] ?? []).map(({ json }) => json)).toEqual([
		expect.objectContaining({
			node: 'pve1',
			status: 'offline',
			cpuUsage: null,
			memoryFree: null,
			diskFree: null,
		}),
		expect.objectContaining({
			node: 'pve2',
			status: 'online',
			cpus: 16,
			cpuUsage: 0,
			memoryTotal: 64 * GIB,
			memoryUsed: used,
			memoryFree: 64 * GIB - used,
			diskTotal: 100 * GIB,
			diskFree: 100 * GIB,
			url: `${lab.emulator.url}/#v1:0:=node%2Fpve2:4`,
		}),
	]);
	const limited = await lab.run({ resource: 'node', operation: 'getAll', limit: 1 });
	expect(limited.items[0]).toHaveLength(1);
});

it('Get asks the node itself', async () => {
	const { version } = lab.emulator.state.version as unknown as { version: string };
	expect(
		await lab.output({
			resource: 'node',
			operation: 'get',
			node: { __rl: true, mode: 'list', value: 'pve2' },
		}),
	).toMatchObject({
		node: 'pve2',
		cpus: 16,
		load: [0, 0, 0],
		memoryTotal: 64 * GIB,
		version,
		kernel: expect.stringContaining('Linux') as string,
	});
});

it('Get reports that a node cannot be reached', async () => {
	const { error } = await lab.run({
		resource: 'node',
		operation: 'get',
		node: { __rl: true, mode: 'list', value: 'pve1' },
	});
	expect(error?.message).toContain('595');
});

it('Get refuses a node that is a path', async () => {
	const { error } = await lab.run({
		resource: 'node',
		operation: 'get',
		node: { __rl: true, mode: 'name', value: '../access' },
	});
	expect(error?.message).toContain('must be the name of a node');
	expect(lab.emulator.requests).toEqual([]);
});
