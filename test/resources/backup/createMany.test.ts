import type { IDataObject, NodeApiError } from 'n8n-workflow';

import { newVm } from '../../../tools/emulator/state/load';
import { addContainer } from '../../support/containerLab';
import { addNode, openLab, type Lab } from '../../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });

let lab: Lab;
let ct: number;
beforeAll(async () => {
	lab = await openLab();
	const { state } = lab.emulator;
	ct = addContainer(lab.emulator);
	addNode(lab);
	state.vms.set(700, newVm(700, 'pve2', { name: 'far' }));
	state.pools.get('dev')?.vms.add(102).add(ct).add(700);
});
afterAll(async () => await lab.close());
beforeEach(() => {
	lab.emulator.requests.length = 0;
});

const many = (more: object = {}) => ({
	resource: 'backup',
	operation: 'createMany',
	vmids: `102,${ct}`,
	storage: picked('local'),
	...more,
});
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const sent = () => posts().map(({ path, body }) => [path, new URLSearchParams(body).get('vmid')]);
const backupsOf = ({ backups }: IDataObject) => backups as IDataObject[];
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);

describe('Backup → Create Many', () => {
	it('backs up VMs and containers in one task, and returns the backup of each', async () => {
		const item = await lab.output(many());
		expect(sent()).toEqual([['/api2/json/nodes/pve1/vzdump', `102,${ct}`]]);
		expect(item).toMatchObject({
			storage: 'local',
			upid: expect.stringContaining(':vzdump::') as string,
			taskStatus: 'ok',
			warnings: [],
		});
		expect(backupsOf(item)).toMatchObject([
			{ vmid: 102, type: 'qemu', node: 'pve1', status: 'ok', summary: { mode: 'stop' } },
			{ vmid: ct, type: 'lxc', node: 'pve1', status: 'ok', format: 'tar.zst' },
		]);
		for (const { volid, size } of backupsOf(item))
			expect(lab.emulator.state.volumes.get(String(volid))?.size).toBe(size);
	});

	it('backs up a pool on all its nodes, without the excluded guests', async () => {
		const pool = many({ guests: 'pool', pool: picked('dev') });
		const item = await lab.output({ ...pool, options: { exclude: String(ct) } });
		expect(sent()).toEqual([
			['/api2/json/nodes/pve1/vzdump', '102'],
			['/api2/json/nodes/pve2/vzdump', '700'],
		]);
		expect(item).toMatchObject({
			upid: null,
			tasks: [{ node: 'pve1' }, { node: 'pve2', exitStatus: 'OK' }],
		});
		expect(backupsOf(item).map(({ vmid, status }) => [vmid, status])).toEqual([
			[102, 'ok'],
			[700, 'ok'],
		]);
	});

	it('backs up all guests of a node but some', async () => {
		const all = many({ guests: 'all', vmids: '' });
		await lab.output({ ...all, options: { node: picked('pve2'), exclude: '200' } });
		expect(sent()).toEqual([['/api2/json/nodes/pve2/vzdump', '700']]);
	});

	it('fails if one guest has no backup, and says which ones have', async () => {
		const { error } = await lab.run(many({ vmids: '103,102,700' }));
		expect(error?.message).toBe('The task failed: Backup of VM 103 failed - VM is locked (backup)');
		expect(descriptionOf(error)).toMatch(
			/^Backed up: VM 102: local:backup\/vzdump-qemu-102-\S+; VM 700: local:\S+\.\nNot backed up: VM 103: VM is locked \(backup\)\.\nTasks: UPID:pve1:\S+, UPID:pve2:\S+\n/,
		);
	});

	it('reports that all failed if Proxmox refuses the whole task', async () => {
		const { error } = await lab.run(many({ storage: picked('small') }));
		expect(error?.message).toContain('wrong content type');
		expect(descriptionOf(error)).toContain('Not backed up: VM 102: could not get storage');
	});

	it('reports no backup of a guest that the task did not find', async () => {
		const { state, faults } = lab.emulator;
		const moved = state.vms.get(ct);
		if (moved) moved.node = 'pve2';
		// The list of the cluster is old: it still has the container on pve1.
		faults.onRequest({
			path: '/cluster/resources',
			effect: {
				status: 200,
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({
					data: [102, ct].map((vmid) => ({
						vmid,
						node: 'pve1',
						type: vmid === ct ? 'lxc' : 'qemu',
					})),
				}),
			},
		});
		const { error } = await lab.run(many());
		if (moved) moved.node = 'pve1';
		expect(error?.message).toBe(`There is no backup of CT ${ct}`);
		expect(descriptionOf(error)).toMatch(/^Backed up: VM 102: local:backup\//);
		expect(descriptionOf(error)).toContain(`Not backed up: CT ${ct}: it was no longer on pve1.`);
	});

	it('reports unknown results at the timeout, and running tasks if it does not wait', async () => {
		lab.emulator.faults.onTask({ type: 'vzdump', extraMs: 600_000 });
		lab.emulator.faults.onRequest({ path: /\/log/, times: 9, effect: { status: 500 } });
		const { error } = await lab.run(many({ options: { timeout: 5 } }));
		expect(error?.message).toContain('still running after 5 s');
		expect(descriptionOf(error)).toContain(`Unknown: VM 102; CT ${ct}.`);
		lab.emulator.faults.clear();
		const item = await lab.output(many({ vmids: '700', waitForCompletion: false }));
		expect(item).toMatchObject({
			taskStatus: 'running',
			backups: [{ vmid: 700, status: 'running', volid: null }],
		});
	});

	it('never resends a request whose response was lost', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /vzdump/,
			when: 'after',
			effect: 'reset',
		});
		const { error } = await lab.run(many({ vmids: '102,104' }));
		expect(error?.message).toContain('Whether it was executed is unknown');
		expect(descriptionOf(error)).toContain('Unknown: VM 102; VM 104.');
		expect(descriptionOf(error)).toMatch(/Task that may belong to it: UPID:\S+:vzdump::/);
		expect(posts()).toHaveLength(1);
	});

	it('reports no success if the log of the task cannot be read', async () => {
		lab.emulator.faults.onRequest({ path: /\/log/, times: 9, effect: { status: 500 } });
		const { error } = await lab.run(many({ vmids: '700' }));
		lab.emulator.faults.clear();
		expect(error?.message).toBe(
			'Whether there is a backup of VM 700 is unknown: the log of the task could not be read',
		);
	});

	it('shows the requests, one for each node, and sends none', async () => {
		const item = await lab.output(many({ vmids: '700,102', options: { preview: true } }));
		expect(item.requests).toMatchObject([
			{ method: 'POST', path: '/api2/json/nodes/pve1/vzdump', body: { vmid: '102' } },
			{ method: 'POST', path: '/api2/json/nodes/pve2/vzdump', body: { vmid: '700' } },
		]);
		expect(posts()).toEqual([]);
	});

	it('backs up nothing if a guest does not exist', async () => {
		const { error } = await lab.run(many({ vmids: '102, 4711' }));
		expect(error?.message).toContain('There is no guest 4711');
		expect(posts()).toEqual([]);
	});

	it.each([
		[{ vmids: '={{ [] }}' }, 'Guest IDs is needed'],
		[{ vmids: '102,web' }, 'Guest IDs must be a guest ID'],
		[
			{ guests: 'pool', pool: { __rl: true, mode: 'name', value: '={{ "" }}' } },
			'Resource Pool is needed',
		],
		[{ options: { exclude: '={{ undefined }}' } }, 'Exclude has no value'],
	])('refuses %j before any request', async (more, message) => {
		const { error } = await lab.run(many(more));
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
