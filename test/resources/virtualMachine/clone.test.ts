import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { clusterState, joinCluster, SIX_NODES } from '../../../tools/emulator';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const clone = (more: INodeParameters = {}, vmid = 100): INodeParameters => ({
	operation: 'clone',
	vm: { __rl: true, mode: 'list', value: vmid },
	newIdMode: 'next',
	full: true,
	...more,
});
const fixed = (newId: number, more: INodeParameters = {}): INodeParameters =>
	clone({ newIdMode: 'fixed', newId, ...more });
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const sent = (): IDataObject => Object.fromEntries(new URLSearchParams(posts().at(-1)?.body));
const LOST = { method: 'POST', path: '/nodes/pve1/qemu/100/clone' } as const;

describe('Clone', () => {
	it('copies a VM to the next free ID', async () => {
		const item = await lab.output(clone({ name: 'copy' }));
		expect(item).toEqual({
			vmid: expect.any(Number) as number,
			name: 'copy',
			node: 'pve1',
			original: 100,
			reused: false,
			upid: expect.stringContaining(':qmclone:100:') as string,
			taskStatus: 'ok',
			exitStatus: 'OK',
			warnings: [],
			startedAt: expect.any(String) as string,
			durationMs: expect.any(Number) as number,
			url: `${lab.emulator.url}/#v1:0:=qemu%2F${String(item.vmid)}:4`,
		});
		expect(vm(item.vmid)?.config).toMatchObject({
			name: 'copy',
			cores: 1,
			scsi0: expect.stringContaining(`vm-${String(item.vmid)}-disk-`) as string,
		});
		expect(sent()).toEqual({ newid: String(item.vmid), name: 'copy', full: '1' });
	});

	it('sends what is set, and nothing else', async () => {
		const options = {
			storage: picked('lab'),
			format: 'qcow2',
			description: 'a copy',
			pool: picked('dev'),
			bwlimit: 1024,
			maxPollInterval: 0.1,
		};
		const { vmid } = await lab.output(clone({ options }));
		expect(sent()).toEqual({
			newid: String(vmid),
			full: '1',
			storage: 'lab',
			format: 'qcow2',
			description: 'a copy',
			pool: 'dev',
			bwlimit: '1024',
		});
		expect(vm(vmid)?.config).toMatchObject({
			description: 'a copy',
			scsi0: expect.stringContaining('lab:') as string,
		});
		expect(lab.emulator.state.pools.get('dev')?.vms).toContain(vmid);
	});

	it('clones a snapshot, and only one that is there', async () => {
		const qcow2 = await lab.output({
			operation: 'create',
			specifyVm: 'json',
			vmJson: JSON.stringify({ scsi0: 'local:1,format=qcow2', cores: 1 }),
		});
		const source = vm(qcow2.vmid);
		source?.snapshots.push({
			name: 'before',
			snaptime: 0,
			vmstate: false,
			config: { ...source.config, cores: 8 },
		});
		const { vmid } = await lab.output(
			clone({ options: { snapname: picked('before') } }, Number(qcow2.vmid)),
		);
		expect(vm(vmid)?.config.cores).toBe(8);
		expect(
			(await lab.run(clone({ options: { snapname: picked('after') } }))).error?.message,
		).toContain("snapshot 'after' does not exist");
	});

	it('sends the node that the clone is for', async () => {
		joinCluster(lab.emulator.state, 'lab', ['pve2']);
		const { error } = await lab.run(clone({ options: { target: picked('pve2') } }));
		expect(sent()).toMatchObject({ target: 'pve2' });
		expect(error?.message).toContain("can't clone VM to node 'pve2' (VM uses local storage)");
	});

	describe('with a chosen node', () => {
		const spread = { options: { spread: true } };
		const openSix = async (disk: string): Promise<void> => {
			await lab.close();
			const guests = [
				{ vmid: 100, node: 'pve1', config: { memory: '1024', scsi0: `${disk},size=1G` } },
			];
			lab = await openLab({ state: clusterState({ ...SIX_NODES, guests }) });
			const file = { volid: disk, storage: disk.split(':')[0] ?? '', content: 'images', vmid: 100 };
			lab.emulator.state.volumes.set(disk, {
				...file,
				format: 'raw',
				size: 2 ** 30,
				used: 1,
				ctime: 1,
			});
		};

		it('goes to the node with the most memory, and several clones spread', async () => {
			await openSix('shared:100/vm-100-disk-0.raw');
			const { items, error } = await lab.run(clone({ ...spread, memory_current: 60 * 1024 }), [
				{},
				{},
				{},
			]);
			expect(error).toBeUndefined();
			expect((items[0] ?? []).map(({ json }) => [json.node, json.placement])).toEqual([
				['pve4', expect.stringContaining(' of 128.0 GiB')],
				['pve4', expect.stringContaining(' of 128.0 GiB')],
				['pve2', expect.stringContaining(' of 64.0 GiB')],
			]);
			expect(vm(items[0]?.[2]?.json.vmid)?.node).toBe('pve2');
			expect(await lab.output(clone({ options: { spread: true, preview: true } }))).toMatchObject({
				body: { target: expect.any(String) },
				placement: expect.stringContaining('Most memory'),
			});
		});

		it('stays with the original if a disk is on local storage', async () => {
			await openSix('local:100/vm-100-disk-0.raw');
			expect(await lab.output(clone(spread))).toMatchObject({ node: 'pve1' });
			expect(sent()).not.toHaveProperty('target');
		});

		it('cannot have Target Node too', async () => {
			const { error } = await lab.run(clone({ options: { spread: true, target: picked('pve2') } }));
			expect(error?.message).toContain('Choose Node cannot be combined with Target Node');
			expect(lab.emulator.requests).toEqual([]);
		});
	});

	it('links to a template, and only to one', async () => {
		const { vmid } = await lab.output(clone({ full: false }, 101));
		const { scsi0 } = vm(vmid)?.config ?? {};
		expect(lab.emulator.state.volumes.get(String(scsi0).split(',')[0] ?? '')?.parent).toContain(
			'base-101-disk-0',
		);
		const { error } = await lab.run(clone({ full: false }));
		expect(error?.message).toContain('Linked clone feature is not supported');
		expect(error?.description).toContain('Choose Full Clone');
	});

	it('takes a fixed ID, and never another in its place', async () => {
		expect(await lab.output(fixed(4711))).toMatchObject({ vmid: 4711 });
		const { error } = await lab.run(fixed(4711));
		expect(error?.message).toBe(
			'Proxmox VE answered 500: unable to create VM 4711: config file already exists',
		);
		expect(posts()).toHaveLength(2);
	});

	it('tries another free ID if another request was faster', async () => {
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: '/cluster/nextid',
			effect: {
				status: 200,
				body: '{"data":"104"}',
				headers: { 'Content-Type': 'application/json' },
			},
		});
		const { vmid } = await lab.output(clone());
		expect(posts().map(({ status }) => status)).toEqual([500, 200]);
		expect(vm(vmid)?.config.name).toBe('Copy-of-VM-existing');
	});

	it('searches the next free ID in the range of the user', async () => {
		expect(
			await lab.output(clone({ options: { lowestVmId: 5000, highestVmId: 5010 } })),
		).toMatchObject({ vmid: 5000 });
	});

	it('gives many clones at once an ID each', async () => {
		const { items } = await lab.run(
			clone(),
			Array.from({ length: 8 }, () => ({})),
		);
		expect(new Set((items[0] ?? []).map(({ json }) => json.vmid)).size).toBe(8);
	});

	it('takes another ID if its task finds that another request was faster', async () => {
		await lab.close();
		// The tasks wait for each other's locks by the clock.
		lab = await openLab({ realTime: true });
		const runs = await Promise.all(
			[1, 2, 3].map(async (copy) => await lab.run(clone({ name: `copy-${copy}` }))),
		);
		const made = runs.map(({ items, error }) => {
			expect(error).toBeUndefined();
			return items[0]?.[0]?.json.vmid;
		});
		expect(new Set(made).size).toBe(3);
		expect(made.map((vmid) => vm(vmid)?.config.name)).toEqual(['copy-1', 'copy-2', 'copy-3']);
	}, 60_000);

	it('takes another ID if its task finds that the ID has been taken on another node', async () => {
		lab.emulator.faults.onTask({
			type: 'qmclone',
			failsBefore:
				"close (rename) atomic file '/etc/pve/nodes/pve1/qemu-server/7000.conf' failed: File exists",
		});
		const { vmid } = await lab.output(
			clone({ options: { lowestVmId: 7000, maxPollInterval: 0.1 } }),
		);
		expect(vmid).toBeGreaterThan(7000);
		expect(vm(vmid)).toBeDefined();
	});

	it('waits for its turn if a running VM is cloned several times', async () => {
		await lab.output({ operation: 'start', vm: { __rl: true, mode: 'list', value: 100 } });
		const { items, error } = await lab.run(clone(), [{}, {}, {}]);
		expect(error).toBeUndefined();
		expect(new Set((items[0] ?? []).map(({ json }) => json.vmid)).size).toBe(3);
	}, 60_000);

	it('has an unknown outcome if the response was lost: its task may be that of another worker', async () => {
		lab.emulator.faults.onRequest({ ...LOST, when: 'after', effect: 'reset' });
		const { error } = await lab.run(clone({ name: 'once' }));
		expect(error?.message).toContain('its response was lost');
		expect(error?.description).toMatch(/Task that may belong to it: UPID:pve1:\S+:qmclone:100:/);
		expect(posts()).toHaveLength(1);
	}, 60_000);

	it('is not sent again if the response was lost and there is no task, since that might create a second clone', async () => {
		lab.emulator.faults.onRequest({ ...LOST, effect: 'reset' });
		const { error } = await lab.run(clone());
		expect(error?.message).toContain('The request was sent, but its response was lost');
		expect(error?.description).toContain('It was not sent again');
		expect(posts()).toHaveLength(1);
	}, 60_000);

	it('names no task of another clone of the same VM', async () => {
		lab.emulator.faults.onRequest({ ...LOST, nth: 2, when: 'after', effect: 'reset' });
		const { items } = await lab.run(
			clone({ name: '={{ $json.name }}' }),
			[{ name: 'a' }, { name: 'b' }, { name: 'c' }],
			{ onError: 'continueRegularOutput' },
		);
		const made = (items[0] ?? []).map(({ json }) =>
			json.error === undefined ? vm(json.vmid)?.config.name : json.error,
		);
		expect(made).toEqual([
			'a',
			expect.objectContaining({ vmid: expect.any(Number) as number }),
			'c',
		]);
		const { description } = made[1] as { description: string };
		const named = [...description.matchAll(/UPID:\S+:qmclone:100:\S+:/g)].map(([upid]) => upid);
		expect(named).toHaveLength(1);
		expect(lab.emulator.tasks.find(named[0] ?? '')?.log.join('\n')).toContain(
			`with ID ${String((made[1] as IDataObject).vmid)}`,
		);
	}, 30_000);

	it('reports why a clone failed', async () => {
		lab.emulator.faults.onTask({ type: 'qmclone', failsBefore: 'no space left' });
		const { error } = await lab.run(fixed(4712));
		expect(error?.message).toBe('The task of VM 4712 failed: no space left');
		expect((await lab.run(clone({}, 103))).error?.message).toContain('VM is locked (backup)');
	});

	it.each([
		[clone({ name: 'a_b' }), 'Name must be a host name'],
		[fixed(99), 'New VM ID must be a VM ID from 100 to 999999999, got "99"'],
		[
			clone({ options: { lowestVmId: 200, highestVmId: 150 } }),
			'Lowest VM ID must not be above Highest VM ID (150)',
		],
		[
			clone({ options: { bwlimit: -1 } }),
			'Bandwidth Limit (KiB/s) must be a whole number of at least 0',
		],
	])('refuses %j before any request', async (given, message) => {
		expect((await lab.run(given)).error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
