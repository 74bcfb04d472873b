import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { json } from '../../reliability/faults/ingredients';
import { openLab, readApi, type Lab } from '../../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

/** It has no disks, so every snapshot of it works. */
const VM = 104;
const picked = (value: unknown) => ({ __rl: true, mode: 'id', value: String(value) });
const on = (operation: string, more: INodeParameters = {}, vmid = VM): INodeParameters => ({
	resource: 'snapshot',
	operation,
	vm: picked(vmid),
	...more,
});
const create = (snapname: string, more: INodeParameters = {}) =>
	on('create', { snapname, ...more });
const rollback = (snapname: string, more: INodeParameters = {}) =>
	on('rollback', { snapname: picked(snapname), ...more });
const remove = (snapname: string, more: INodeParameters = {}) =>
	on('delete', { snapname: picked(snapname), ...more });
const vm = (vmid = VM) => {
	const found = lab.emulator.state.vms.get(vmid);
	if (!found) throw new Error(`the emulator has no VM ${vmid}`);
	return found;
};
const names = () => vm().snapshots.map(({ name }) => name);
const changes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const failure = async (parameters: INodeParameters) => {
	const { error } = await lab.run(parameters);
	return {
		message: error?.message,
		description: String((error as { description?: unknown })?.description),
	};
};
const lose = (method: string, path: RegExp) =>
	lab.emulator.faults.onRequest({ method, path, when: 'after', effect: 'reset' });

describe('Create', () => {
	it('takes a snapshot and reads it back', async () => {
		expect(
			await lab.output(create('before-update', { options: { description: 'v1 is fine' } })),
		).toMatchObject({
			vmid: VM,
			name: 'inpool',
			node: 'pve1',
			snapshot: 'before-update',
			createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
			withRam: false,
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmsnapshot:104:') as string,
		});
		expect(await readApi(lab.emulator, '/nodes/pve1/qemu/104/snapshot')).toContainEqual(
			expect.objectContaining({ name: 'before-update', description: 'v1 is fine' }),
		);
	});

	it('saves the memory of a running VM, and warns if there was none', async () => {
		vm().status = 'running';
		expect(await lab.output(create('live', { vmstate: true }))).toMatchObject({ withRam: true });
		vm().status = 'stopped';
		expect(await lab.output(create('off', { vmstate: true }))).toMatchObject({
			withRam: false,
			taskStatus: 'warnings',
			warnings: ['VM 104 was stopped: no RAM was saved'],
		});
	});

	it('sends no description that was not set', async () => {
		await lab.output(create('s1'));
		expect(changes()[0]?.body).toBe('snapname=s1&vmstate=0');
	});

	it.each([
		['a', 'Snapshot Name must be a name of letters, digits, - and _, at least two'],
		['1st', 'Snapshot Name must be a name of letters'],
		['my snapshot', 'Snapshot Name must be a name of letters'],
		['x'.repeat(41), 'Snapshot Name'],
		['current', 'Snapshot Name must not be current: Proxmox VE uses this name itself'],
		['={{ "" }}', 'Snapshot Name is needed'],
	])('refuses the name %s before any request', async (name, message) => {
		expect((await failure(create(name))).message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('refuses a name that Proxmox uses for VMs', async () => {
		expect((await failure(create('Pending'))).message).toBe(
			'Snapshot Name must not be Pending: Proxmox VE uses this name itself',
		);
		expect(changes()).toEqual([]);
	});

	it('refuses a name that is taken, before it starts a task', async () => {
		await lab.output(create('s1'));
		const before = changes().length;
		expect((await failure(create('s1'))).message).toBe(
			'VM 104 already has a snapshot s1. Choose another Snapshot Name, or delete it first',
		);
		expect(changes()).toHaveLength(before);
	});

	it('names the storage that has no snapshots, and what to do', async () => {
		expect((await failure(on('create', { snapname: 's1' }, 100))).message).toBe(
			'VM 100 cannot have snapshots, because not all of its disks can: scsi0 is on local (dir, only QCOW2 disks can). Move these disks with Move Disk, to the format QCOW2 or to a storage with snapshots such as ZFS, LVM-thin or Ceph',
		);
		expect(changes()).toEqual([]);
	});

	it('finds a snapshot whose response was lost, and sends nothing twice', async () => {
		lose('POST', /\/snapshot$/);
		expect(await lab.output(create('s1'))).toMatchObject({
			upid: null,
			taskStatus: 'warnings',
			withRam: false,
			warnings: [expect.stringContaining('The response to the snapshot s1 of VM 104')],
		});
		expect(changes()).toHaveLength(1);
		expect(names()).toEqual(['s1']);
	});

	it('reports an unknown outcome if the request never arrived', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/snapshot$/, effect: 'reset' });
		expect((await failure(create('s1'))).message).toBe(
			'The response to the snapshot s1 of VM 104 on pve1 was lost. Whether it was executed is unknown',
		);
		expect(changes()).toHaveLength(1);
	});

	it('shows the request with Preview, and sends nothing', async () => {
		const item = await lab.output(
			create('it_s', { options: { preview: true, description: "it's" } }),
		);
		expect(item).toEqual({
			method: 'POST',
			path: '/api2/json/nodes/pve1/qemu/104/snapshot',
			body: { snapname: 'it_s', vmstate: '0', description: "it's" },
			command: `pvesh create /nodes/pve1/qemu/104/snapshot --snapname it_s --vmstate 0 --description 'it'\\''s'`,
		});
		expect(changes()).toEqual([]);
	});
});

describe('Get Many', () => {
	const all = async (more: INodeParameters = {}): Promise<IDataObject[]> => {
		const { items, error } = await lab.run(on('getAll', { returnAll: true, ...more }));
		if (error) throw error;
		return (items[0] ?? []).map(({ json }) => json);
	};

	it('lists them oldest first, with parents, and marks what the VM is based on', async () => {
		for (const name of ['one', 'two', 'three']) await lab.output(create(name));
		await lab.output(rollback('two'));
		expect(await all()).toMatchObject([
			{ snapshot: 'one', parent: null, current: false, vmid: VM, state: null, description: null },
			{ snapshot: 'two', parent: 'one', current: true },
			{ snapshot: 'three', parent: 'two', current: false },
		]);
		expect(await all({ returnAll: false, limit: 1 })).toHaveLength(1);
	});

	it('returns a tree, with branches', async () => {
		for (const name of ['one', 'two']) await lab.output(create(name));
		await lab.output(rollback('one'));
		await lab.output(create('other'));
		const [tree] = await all({ options: { asTree: true } });
		expect(tree).toMatchObject({ vmid: VM, current: 'other' });
		expect(tree?.snapshots).toMatchObject([
			{
				snapshot: 'one',
				children: [
					{ snapshot: 'two', children: [] },
					{ snapshot: 'other', current: true, children: [] },
				],
			},
		]);
	});

	it('returns nothing for a VM without snapshots', async () => expect(await all()).toEqual([]));
});

describe('Roll Back', () => {
	it('brings settings back, and says which snapshots are newer', async () => {
		await lab.output(create('one'));
		await lab.output(create('two'));
		vm().config.cores = 8;
		expect(await lab.output(rollback('one'))).toMatchObject({
			snapshot: 'one',
			newerSnapshots: ['two'],
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmrollback:104:') as string,
		});
		expect(vm().config).toMatchObject({ parent: 'one' });
		expect(vm().config.cores).not.toBe(8);
	});

	it('does not roll back a running VM unless allowed, and says what would be lost', async () => {
		await lab.output(create('one'));
		vm().status = 'running';
		const before = changes().length;
		expect((await failure(rollback('one'))).message).toMatch(
			/^VM 104 is running: a rollback turns it off at once, and loses its memory and all changes since \d{4}-\S+Z\. Shut it down first, or turn on Options → Allow If Running$/,
		);
		expect(changes()).toHaveLength(before);
		await lab.output(rollback('one', { options: { stopFirst: true } }));
		expect(vm().status).toBe('stopped');
	});

	it('starts the VM afterwards, and follows that start', async () => {
		await lab.output(create('one'));
		expect(await lab.output(rollback('one', { start: true }))).toMatchObject({
			startUpid: expect.stringContaining(':qmstart:104:') as string,
		});
		expect(vm().status).toBe('running');
	});

	it('says that the VM is rolled back if only its start fails', async () => {
		await lab.output(create('one'));
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: 'no KVM' });
		const { message, description } = await failure(rollback('one', { start: true }));
		expect(message).toContain('no KVM');
		expect(description).toContain('VM 104 was rolled back to one: only its start failed.');
	});

	it('leaves the start to Proxmox if it does not wait', async () => {
		await lab.output(create('one'));
		await lab.output(rollback('one', { start: true, waitForCompletion: false }));
		expect(changes().at(-1)?.body).toBe('start=1');
	});

	it('lists the existing snapshots if none has the name', async () => {
		await lab.output(create('one'));
		expect((await failure(rollback('two'))).message).toBe(
			'VM 104 has no snapshot two. It has: one',
		);
	});

	it('finds a rollback whose response was lost', async () => {
		await lab.output(create('one'));
		await lab.output(create('two'));
		lose('POST', /\/rollback$/);
		expect(await lab.output(rollback('one'))).toMatchObject({ upid: null, taskStatus: 'warnings' });
		expect(changes().filter(({ path }) => path.endsWith('/rollback'))).toHaveLength(1);
	});

	it('is unknown for the snapshot that the VM is already based on', async () => {
		await lab.output(create('one'));
		lose('POST', /\/rollback$/);
		const { message, description } = await failure(rollback('one'));
		expect(message).toContain('Whether it was executed is unknown');
		expect(description).toMatch(/UPID:\S+:qmrollback:104:/);
		expect(changes().filter(({ path }) => path.endsWith('/rollback'))).toHaveLength(1);
	});

	it('shows with Preview what would be lost', async () => {
		await lab.output(create('one'));
		await lab.output(create('two'));
		vm().status = 'running';
		const before = changes().length;
		expect(await lab.output(rollback('one', { options: { preview: true } }))).toMatchObject({
			path: '/api2/json/nodes/pve1/qemu/104/snapshot/one/rollback',
			lost: expect.stringMatching(
				/^All changes to VM 104 since \S+, and what is in its memory$/,
			) as string,
			newerSnapshots: ['two'],
			isRunning: true,
		});
		expect(changes()).toHaveLength(before);
	});
});

describe('Delete', () => {
	it('deletes one and leaves the others', async () => {
		for (const name of ['one', 'two']) await lab.output(create(name));
		expect(await lab.output(remove('one'))).toMatchObject({
			snapshot: 'one',
			deleted: true,
			taskStatus: 'ok',
		});
		expect(names()).toEqual(['two']);
	});

	it('fails for one that does not exist, also after a lost response', async () => {
		lose('DELETE', /\/snapshot\//);
		expect((await failure(remove('none'))).message).toBe(
			'VM 104 has no snapshot none. It has none at all',
		);
		expect(changes()).toEqual([]);
	});

	it('finds a deletion whose response was lost', async () => {
		await lab.output(create('one'));
		lose('DELETE', /\/snapshot\//);
		expect(await lab.output(remove('one'))).toMatchObject({ upid: null, deleted: true });
		expect(changes().filter(({ method }) => method === 'DELETE')).toHaveLength(1);
	});
});

describe('Keep Last N', () => {
	const keepLast = (pattern: string, keep: unknown, more: INodeParameters = {}) =>
		on('keepLast', { pattern, keep: keep as number, ...more });
	const many = async (...all: string[]) => {
		for (const name of all) await lab.output(create(name));
	};

	it('deletes the oldest that match, one after the other, and no others', async () => {
		await many('auto-1', 'mine', 'auto-2', 'auto-3', 'auto_4');
		expect(await lab.output(keepLast('auto-*', 1))).toMatchObject({
			vmid: VM,
			deleted: ['auto-1', 'auto-2'],
			kept: ['auto-3'],
			upids: [expect.stringContaining('qmdelsnapshot'), expect.stringContaining('qmdelsnapshot')],
			warnings: [],
		});
		expect(names()).toEqual(['mine', 'auto-3', 'auto_4']);
	});

	it.each([
		['auto-1', ['auto-1']],
		['*', ['auto-1', 'x-auto-1', 'auto-1-x']],
		['*-1', ['auto-1', 'x-auto-1']],
		['auto*1', ['auto-1']],
		['a*auto*', []],
		['auto-*-1', []],
		['*o-1*x', ['auto-1-x']],
	])('takes the pattern %s as a whole name', async (pattern, expected) => {
		await many('auto-1', 'x-auto-1', 'auto-1-x');
		expect(await lab.output(keepLast(pattern, 0))).toMatchObject({ deleted: expected });
	});

	it('deletes nothing if no more exist than to keep', async () => {
		await many('auto-1');
		expect(await lab.output(keepLast('auto-*', 3))).toMatchObject({
			deleted: [],
			kept: ['auto-1'],
		});
	});

	it('says what was deleted and what was not if one fails', async () => {
		await many('auto-1', 'auto-2', 'auto-3', 'auto-4');
		lab.emulator.faults.onRequest({
			method: 'DELETE',
			nth: 2,
			effect: json(500, 'no room', { data: null }),
		});
		const { message, description } = await failure(keepLast('auto-*', 1));
		expect(message).toContain('no room');
		expect(description).toContain(
			'The deletion of snapshot auto-2 failed. Deleted before: auto-1. Not tried: auto-3.',
		);
		expect(names()).toEqual(['auto-2', 'auto-3', 'auto-4']);
	});

	it('neither deletes nor counts an incomplete snapshot', async () => {
		await many('auto-1', 'auto-2');
		Object.assign(vm().snapshots[1] ?? {}, { snapstate: 'delete' });
		expect(await lab.output(keepLast('auto-*', 1))).toMatchObject({
			deleted: [],
			kept: ['auto-1'],
			warnings: ['Snapshot auto-2 is incomplete (delete): it was not deleted'],
		});
	});

	it.each([
		['={{ "" }}', 1, 'Name Pattern is needed'],
		['auto *', 1, 'Name Pattern must be'],
		['auto-*', '={{ "" }}', 'Keep is needed'],
		['auto-*', -1, 'Keep must be a whole number of at least 0'],
	])('refuses %s and %s before any request', async (pattern, keep, message) => {
		expect((await failure(keepLast(pattern, keep))).message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('shows with Preview what it would delete', async () => {
		await many('auto-1', 'auto-2');
		const before = changes().length;
		const options = { preview: true };
		expect(await lab.output(keepLast('auto-*', 1, { options }))).toMatchObject({
			wouldDelete: ['auto-1'],
			kept: ['auto-2'],
			requests: [
				{
					method: 'DELETE',
					command: 'pvesh delete /nodes/pve1/qemu/104/snapshot/auto-1',
				},
			],
		});
		expect(await lab.output(keepLast('none-*', 1, { options }))).toMatchObject({ wouldDelete: [] });
		expect(changes()).toHaveLength(before);
	});
});

describe('several items of one VM', () => {
	it('take turns, so that none finds the VM locked by another one', async () => {
		const created = await lab.run(create('={{ $json.name }}'), [
			{ name: 'auto-1' },
			{ name: 'auto-2' },
			{ name: 'auto-3' },
		]);
		expect(created.error).toBeUndefined();
		expect(names().sort()).toEqual(['auto-1', 'auto-2', 'auto-3']);
		const kept = await lab.run(on('keepLast', { pattern: 'auto-*', keep: 1 }), [{}, {}]);
		expect(kept.error).toBeUndefined();
		expect((kept.items[0] ?? []).map(({ json: { deleted } }) => deleted)).toEqual([
			[expect.any(String), expect.any(String)],
			[],
		]);
		expect(names()).toHaveLength(1);
	});
});
