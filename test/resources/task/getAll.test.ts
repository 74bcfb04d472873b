import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { clusterState } from '../../../tools/emulator';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({
		state: clusterState({
			nodes: [{ name: 'pve1' }, { name: 'pve2' }, { name: 'pve3', reach: 'no route' }],
			guests: [
				{ vmid: 100, node: 'pve1' },
				{ vmid: 101, node: 'pve2' },
			],
		}),
		everyNode: true,
	});
});
afterEach(async () => await lab.close());

const run = async (filters: IDataObject = {}, more: INodeParameters = {}) =>
	await lab.run({
		resource: 'task',
		operation: 'getAll',
		returnAll: true,
		filters,
		...more,
	} as INodeParameters);
const all = async (
	filters: IDataObject = {},
	more: INodeParameters = {},
): Promise<IDataObject[]> => {
	const { items, error } = await run(filters, more);
	if (error) throw error;
	return (items[0] ?? []).map(({ json }) => json);
};
const power = async (operation: string, vmid: number) =>
	await lab.run({
		resource: 'virtualMachine',
		operation,
		vm: { __rl: true, mode: 'id', value: String(vmid) },
	});
const types = (rows: IDataObject[]) =>
	rows.map(({ type, vmid }) => `${String(type)} ${String(vmid)}`);

it('lists the tasks of all online nodes, and says which nodes are missing', async () => {
	await power('start', 100);
	await power('start', 101);
	const { items, logs } = await run();
	const rows = (items[0] ?? []).map(({ json }) => json);
	expect(types(rows).sort()).toEqual(['qmstart 100', 'qmstart 101']);
	expect(new Set(rows.map(({ node }) => node))).toEqual(new Set(['pve1', 'pve2']));
	expect(rows[0]).toMatchObject({
		status: 'ok',
		exitStatus: 'OK',
		endedAt: expect.any(String) as string,
	});
	expect(logs).toContainEqual(
		expect.objectContaining({
			level: 'warn',
			message: 'The tasks of these nodes are not in the list: pve3',
		}),
	);
});

it('can be filtered by node, VM, type and status', async () => {
	await power('start', 100);
	await power('start', 101);
	await power('stop', 100);
	lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: 'no KVM' });
	await power('start', 100);
	expect(types(await all({ node: { __rl: true, mode: 'list', value: 'pve2' } }))).toEqual([
		'qmstart 101',
	]);
	expect(types(await all({ vm: { __rl: true, mode: 'list', value: '101' } }))).toEqual([
		'qmstart 101',
	]);
	expect(types(await all({ type: 'qmstop' }))).toEqual(['qmstop 100']);
	expect(await all({ status: 'error' })).toMatchObject([{ exitStatus: 'no KVM', vmid: 100 }]);
	expect(await all({}, { returnAll: false, limit: 2 })).toHaveLength(2);
	expect(await all({ since: '2040-01-01T00:00:00.000Z' })).toEqual([]);
});

it('shows a running task', async () => {
	lab.emulator.tasks.start({
		type: 'qmstart',
		id: '100',
		authId: 'root@pam',
		run: async ({ work }) => await work(3_600_000),
	});
	expect(await all({ status: 'running' })).toMatchObject([
		{ type: 'qmstart', status: 'running', exitStatus: null, endedAt: null },
	]);
});

it.each([
	[{ since: 'soon' }, 'Filters → Started After must be a date and time, got "soon"'],
	[{ type: 'VZ DUMP' }, 'Filters → Type must be a value such as vzdump, got "VZ DUMP"'],
	[{ vm: { __rl: true, mode: 'id', value: '7' } }, 'Filters → Virtual Machine must be a VM ID'],
	[{ status: 'bad' }, 'Filters → Status must be one of'],
])('refuses %j before any request', async (filters, message) => {
	expect((await run(filters)).error?.message).toContain(message);
	expect(lab.emulator.requests).toEqual([]);
});
