import type { INodeParameters } from 'n8n-workflow';

import { clusterState, type ClusterSpec } from '../../../tools/emulator';
import { openLab, type Lab } from '../../support/lab';

const GIB = 1024 ** 3;
const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });

const SPEC: ClusterSpec = {
	nodes: [
		{ name: 'pve1', memory: 16 * GIB },
		{ name: 'pve2', memory: 16 * GIB },
		{ name: 'pve3', memory: 16 * GIB, reach: 'no route' },
	],
	storages: [
		{ storage: 'local' },
		{ storage: 'shared', shared: true },
		{ storage: 'fast', nodes: ['pve1'] },
	],
	guests: [
		{ vmid: 100, node: 'pve1', config: { name: 'web' } },
		{ vmid: 101, node: 'pve1', config: { scsi0: 'local:101/vm-101-disk-0.qcow2,size=1G' } },
		{ vmid: 102, node: 'pve1', config: { ide2: 'local:iso/tiny.iso,media=cdrom' } },
		{ vmid: 103, node: 'pve1', config: { scsi0: 'fast:103/vm-103-disk-0.qcow2,size=1G' } },
	],
};

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({ state: clusterState(structuredClone(SPEC)) });
	const volume = { size: GIB, used: 0, ctime: 1, content: 'images', format: 'qcow2' } as const;
	for (const [vmid, storage] of [
		[101, 'local'],
		[103, 'fast'],
	] as const) {
		const volid = `${storage}:${vmid}/vm-${vmid}-disk-0.qcow2`;
		lab.emulator.state.volumes.set(volid, { ...volume, volid, storage, vmid });
	}
	const iso = 'local:iso/tiny.iso';
	lab.emulator.state.volumes.set(iso, {
		...volume,
		volid: iso,
		storage: 'local',
		content: 'iso',
		format: 'iso',
	});
});
afterEach(async () => await lab.close());

const migrate = (vmid: number, target: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'virtualMachine',
	operation: 'migrate',
	vm: picked(vmid),
	target: picked(target),
	online: true,
	'with-local-disks': false,
	...more,
});
const vm = (vmid: number) => {
	const found = lab.emulator.state.vms.get(vmid);
	if (!found) throw new Error(`the emulator has no VM ${vmid}`);
	return found;
};
const run = (vmid: number): void =>
	void Object.assign(vm(vmid), { status: 'running', pid: 4242, startedAt: 1 });
const changes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const failure = async (parameters: INodeParameters) => {
	const { error } = await lab.run(parameters);
	return {
		message: error?.message,
		description: String((error as { description?: unknown } | undefined)?.description),
	};
};

describe('Migrate', () => {
	it('moves a stopped VM, and returns its new node', async () => {
		expect(await lab.output(migrate(101, 'pve2'))).toMatchObject({
			vmid: 101,
			node: 'pve2',
			sourceNode: 'pve1',
			alreadyThere: false,
			taskStatus: 'ok',
			upid: expect.stringMatching(/^UPID:pve1:.*:qmigrate:101:/) as string,
		});
		expect(vm(101).node).toBe('pve2');
	});

	it('moves a running VM with its disks, and keeps it running', async () => {
		run(101);
		await lab.output(
			migrate(101, 'pve2', {
				'with-local-disks': true,
				options: { targetstorage: 'shared', bwlimit: 500000 },
			}),
		);
		expect(Object.fromEntries(new URLSearchParams(changes()[0]?.body))).toEqual({
			target: 'pve2',
			online: '1',
			'with-local-disks': '1',
			targetstorage: 'shared',
			bwlimit: '500000',
		});
		expect(vm(101)).toMatchObject({ node: 'pve2', status: 'running' });
		expect(vm(101).config.scsi0).toContain('shared:');
	});

	it.each([
		[100, 'pve9', {}, 'There is no node pve9. The nodes are: pve1, pve2, pve3'],
		[100, 'pve3', {}, 'Node pve3 is offline. Start it, or choose another one'],
		[100, 'pve2', { online: false }, 'It is running. Turn on Live, or shut it down first'],
		[
			101,
			'pve2',
			{},
			'Only pve1 has scsi0 (local:101/vm-101-disk-0.qcow2). Turn on With Local Disks to copy them',
		],
		[
			102,
			'pve2',
			{ 'with-local-disks': true },
			'Only pve1 has its ISO image: ide2 (local:iso/tiny.iso). Eject it first, with Update',
		],
		[
			103,
			'pve2',
			{ 'with-local-disks': true },
			'pve2 does not have fast. Choose another storage with Target Storage',
		],
	])(
		'says before the request what prevents that VM %d runs on %s with %j',
		async (vmid, target, more, why) => {
			run(vmid);
			expect((await failure(migrate(vmid, target, more))).message).toBe(
				`VM ${vmid} cannot be migrated to ${target}. ${why}`,
			);
			expect(changes()).toEqual([]);
			expect(
				await lab.output(migrate(vmid, target, { ...more, options: { preview: true } })),
			).toMatchObject({
				method: 'POST',
				path: `/api2/json/nodes/pve1/qemu/${vmid}/migrate`,
				obstacles: [why],
			});
			expect(changes()).toEqual([]);
		},
	);

	it('ignores a missing storage if another one is chosen', async () => {
		await lab.output(migrate(103, 'pve2', { options: { targetstorage: 'local' } }));
		expect(vm(103).node).toBe('pve2');
	});

	it('does nothing for a VM that is there already', async () => {
		expect(await lab.output(migrate(100, 'pve1'))).toMatchObject({
			node: 'pve1',
			alreadyThere: true,
			upid: null,
			taskStatus: 'ok',
		});
		expect(changes()).toEqual([]);
	});

	it('says where the VM is if the task fails', async () => {
		run(100);
		lab.emulator.faults.onTask({ type: 'qmigrate', failsWithin: 'migration problems' });
		const { message, description } = await failure(migrate(100, 'pve2'));
		expect(message).toContain('failed');
		expect(description).toMatch(/^VM 100 is on pve1\.$/m);
	});

	it('fails if the VM has not moved, though the task says OK', async () => {
		const row = { type: 'qemu', vmid: 100, node: 'pve1', name: 'web', status: 'stopped' };
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			times: 9,
			effect: {
				status: 200,
				body: JSON.stringify({ data: [row] }),
				headers: { 'Content-Type': 'application/json' },
			},
		});
		expect((await failure(migrate(100, 'pve2'))).message).toBe(
			'The migration ended with OK, but VM 100 is on pve1',
		);
	});

	it('finds a migration whose response was lost, and sends it once', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/migrate$/,
			when: 'after',
			effect: 'reset',
		});
		expect(await lab.output(migrate(100, 'pve2'))).toMatchObject({
			node: 'pve2',
			upid: null,
			taskStatus: 'warnings',
			warnings: [
				expect.stringContaining('The response to the migration of VM 100 from pve1 to pve2'),
			],
		});
		expect(changes()).toHaveLength(1);
	});

	it('reports an unknown outcome if the request never arrived', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/migrate$/, effect: 'reset' });
		expect((await failure(migrate(100, 'pve2'))).message).toContain(
			'Whether it was executed is unknown',
		);
		expect(changes()).toHaveLength(1);
	});

	it('waits under high availability until the VM is there', async () => {
		run(100);
		vm(100).haManaged = 'started';
		expect(await lab.output(migrate(100, 'pve2'))).toMatchObject({
			node: 'pve2',
			upid: expect.stringContaining(':hamigrate:100:') as string,
		});
		expect(vm(100).node).toBe('pve2');
	});

	it('returns the old node if it does not wait', async () => {
		expect(await lab.output(migrate(100, 'pve2', { waitForCompletion: false }))).toMatchObject({
			node: 'pve1',
			taskStatus: 'running',
		});
	});

	it.each([
		['={{ "" }}', 'Target Node is needed'],
		['../pve2', 'Target Node must be'],
	])('refuses the target %s before any request', async (target, message) => {
		expect((await failure(migrate(100, target))).message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
