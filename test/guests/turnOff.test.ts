import type { INodeParameters, NodeApiError } from 'n8n-workflow';

import { markOf } from '../../nodes/ProxmoxVe/guests/provision/idempotency';
import type { Vm } from '../../tools/emulator';
import { newVm } from '../../tools/emulator/state/load';
import { inPanel, onPve1, openLab, type Lab, until } from '../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
	run(104);
});
afterEach(async () => await lab.close());

const vm = (vmid: number): Vm => {
	const found = lab.emulator.state.vms.get(vmid);
	if (!found) throw new Error(`the emulator has no VM ${vmid}`);
	return found;
};
const run = (vmid: number) =>
	void Object.assign(vm(vmid), { status: 'running', pid: 4242, startedAt: 1 });
/** Makes VMs from an ID on, all of them running. */
const running = (first: number, count: number) => {
	for (let vmid = first; vmid < first + count; vmid++) {
		lab.emulator.state.vms.set(vmid, newVm(vmid, 'pve1', { name: `vm${vmid}` }));
		run(vmid);
	}
	return Array.from({ length: count }, (_, index) => ({ vmid: first + index }));
};
const changes = () =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path }) => `${method} ${path.replace('/api2/json/nodes/pve1/qemu', '')}`);
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);

const restore = (
	vmid: number | string = 104,
	more: object = {},
	settings: object = {},
): INodeParameters => ({
	operation: 'restore',
	archive: picked(ARCHIVE),
	vmIdMode: 'fixed',
	vmId: picked(vmid),
	restore: { force: true, ...settings },
	options: { maxPollInterval: 0.1, stopFirst: true, ...more },
});
const remove = (vmid: number | string = 104, more: object = {}): INodeParameters => ({
	operation: 'delete',
	vm: picked(vmid),
	options: { maxPollInterval: 0.1, stopFirst: true, ...more },
});
/** Both operations, and what each sends after the stop. */
const both = [
	['Restore', restore, 'POST '],
	['Delete', remove, 'DELETE /104'],
] as const;

describe.each(both)('Stop First of %s', (_name, operation, request) => {
	it('stops one VM after the other, each right before its own request', async () => {
		const items = running(7000, 6);
		const { error } = await lab.run(operation('={{ $json.vmid }}', { maxParallel: 1 }), items);
		expect(error).toBeUndefined();
		// Which VM gets the one place first depends on the reads before it.
		const sent = changes();
		const pairs = items.map((_item, index) => sent.slice(2 * index, 2 * index + 2));
		expect(pairs.sort()).toEqual(
			items.map(({ vmid }) => [`POST /${vmid}/status/stop`, request.replace('104', String(vmid))]),
		);
		expect(sent).toHaveLength(2 * items.length);
	});

	it('leaves all VMs on whose turn has not come when the execution is cancelled', async () => {
		const items = running(7000, 6);
		lab.emulator.faults.onTask({
			type: operation === restore ? 'qmrestore' : 'qmdestroy',
			times: 9,
			extraMs: 30_000,
		});
		const stop = new AbortController();
		const execution = lab.engine.runNode({
			parameters: inPanel({ ...onPve1, ...operation('={{ $json.vmid }}', { maxParallel: 2 }) }),
			items,
			credentials: lab.credentials,
			signal: stop.signal,
		});
		await until(() => changes().length === 4);
		stop.abort();
		expect((await execution).status).toBe('canceled');
		expect(
			items.filter(({ vmid }) => lab.emulator.state.vms.get(vmid)?.status === 'running'),
		).toHaveLength(4);
		expect(changes()).toHaveLength(4);
	});

	it('starts the VM again if the request is refused, and says so', async () => {
		const [method = ''] = request.split(' ');
		lab.emulator.faults.onRequest({
			method,
			path: method === 'POST' ? '/nodes/pve1/qemu' : '/nodes/pve1/qemu/104',
			effect: { status: 500, phrase: 'cluster not ready - no quorum?' },
		});
		const { error } = await lab.run(operation());
		expect(error?.message).toContain('no quorum');
		expect(descriptionOf(error)).toMatch(/VM 104 was stopped before: UPID:pve1:\S+:qmstop:104:/);
		expect(descriptionOf(error)).toMatch(/VM 104 was started again: UPID:pve1:\S+:qmstart:104:/);
		expect(vm(104).status).toBe('running');
	});

	it('says that a task is unknown if the response to the stop or the start was lost', async () => {
		const [method = ''] = request.split(' ');
		for (const change of ['stop', 'start'])
			lab.emulator.faults.onRequest({
				method: 'POST',
				path: `/nodes/pve1/qemu/104/status/${change}`,
				when: 'after',
				effect: 'reset',
			});
		lab.emulator.faults.onRequest({
			method,
			path: method === 'POST' ? '/nodes/pve1/qemu' : '/nodes/pve1/qemu/104',
			effect: { status: 500, phrase: 'cluster not ready - no quorum?' },
		});
		const { error } = await lab.run(operation());
		const unknown = 'the response was lost, so its task is unknown';
		expect(descriptionOf(error)).toContain(`VM 104 was stopped before: ${unknown}`);
		expect(descriptionOf(error)).toContain(`VM 104 was started again: ${unknown}`);
		expect(error?.context).toMatchObject({ stopUpid: null, restartUpid: null });
		expect(vm(104).status).toBe('running');
	});

	it('says so if the VM cannot be started again', async () => {
		const [method = ''] = request.split(' ');
		lab.emulator.faults.onRequest({
			method,
			path: method === 'POST' ? '/nodes/pve1/qemu' : '/nodes/pve1/qemu/104',
			effect: { status: 403, phrase: 'Permission check failed' },
		});
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: 'no KVM' });
		const { error } = await lab.run(operation());
		expect(error?.message).toContain('Permission check failed');
		expect(descriptionOf(error)).toMatch(
			/VM 104 could not be started again: no KVM, UPID:pve1:\S+:qmstart:104:/,
		);
		expect(vm(104).status).toBe('stopped');
	});

	it('does not start the VM if the outcome of the request is unknown', async () => {
		const [method = ''] = request.split(' ');
		lab.emulator.faults.onRequest({
			method,
			path: method === 'POST' ? '/nodes/pve1/qemu' : '/nodes/pve1/qemu/104',
			when: 'after',
			effect: 'reset',
		});
		lab.emulator.faults.onTask({
			type: operation === restore ? 'qmrestore' : 'qmdestroy',
			failsBefore: 'no room',
		});
		const { error } = await lab.run(operation());
		expect(error).toBeDefined();
		expect(changes()).not.toContain('POST /104/status/start');
	});

	it('does not start the VM if the task fails: its disks may be replaced', async () => {
		lab.emulator.faults.onTask({
			type: operation === restore ? 'qmrestore' : 'qmdestroy',
			failsWithin: 'no room',
		});
		const { error } = await lab.run(operation());
		expect(error?.message).toContain('no room');
		expect(changes()).not.toContain('POST /104/status/start');
	});

	it('sends nothing if the stop fails, and returns its task', async () => {
		lab.emulator.faults.onTask({ type: 'qmstop', failsBefore: 'no way' });
		const { error } = await lab.run(operation());
		expect(error?.message).toContain('no way');
		expect(descriptionOf(error)).toMatch(/Task of VM 104 on pve1: UPID:pve1:\S+:qmstop:104:/);
		expect(descriptionOf(error)).not.toContain('was stopped before');
		expect(changes()).toEqual(['POST /104/status/stop']);
	});

	it.each([
		['is protected', { protection: 1 }],
		['is locked', { lock: 'backup' }],
	])('stops nothing if the VM %s', async (_what, config) => {
		Object.assign(vm(104).config, config);
		expect((await lab.run(operation())).error).toBeDefined();
		expect(changes()).toEqual([]);
		expect(vm(104).status).toBe('running');
	});

	it('works with one place for all', async () => {
		expect((await lab.run(operation(104, { maxParallel: 1 }))).error).toBeUndefined();
	});
});

describe('Stop First stops nothing', () => {
	it.each([
		[
			'the pool does not exist',
			() => ({ general: { pool: picked('nosuch') } }),
			"Pool 'nosuch' does not exist: choose another one",
		],
		[
			'the storage does not exist',
			() => ({ restore: { force: true, storage: picked('nosuch') } }),
			"Node pve1 has no storage 'nosuch': choose another storage",
		],
		[
			'the storage is offline',
			() => ({ restore: { force: true, storage: picked('offline') } }),
			'Storage offline is offline on pve1',
		],
		[
			'the storage is disabled',
			() => ({ restore: { force: true, storage: picked('disabled') } }),
			'Storage disabled is disabled, or not available on pve1',
		],
		[
			'the storage takes no disks',
			() => ({ restore: { force: true, storage: picked('isoonly') } }),
			'Storage isoonly does not accept VM disks',
		],
	])('if %s', async (_what, more, message) => {
		const { error } = await lab.run({ ...restore(), ...more() });
		expect(error?.message).toContain(message);
		expect(error?.message).toContain('VM 104 was neither stopped nor overwritten');
		expect(changes()).toEqual([]);
	});

	it('if the storage of a disk in the backup is gone', async () => {
		const storage = lab.emulator.state.storages.get('small');
		const volume = lab.emulator.state.volumes.get(ARCHIVE);
		if (volume) volume.backup = structuredClone(volume.backup);
		for (const drive of Object.values(volume?.backup?.drives ?? {})) drive.storage = 'small';
		if (storage) storage.unmounted = true;
		const { error } = await lab.run(restore());
		expect(error?.message).toContain(
			'Storage small is offline on pve1: choose a storage for all disks in the restore',
		);
		expect(changes()).toEqual([]);
	});

	it('if the right to overwrite or to put disks there is missing', async () => {
		const { state } = lab.emulator;
		state.roles.set(
			'PowerOnly',
			new Set([
				'VM.Audit',
				'VM.PowerMgmt',
				'Datastore.AllocateSpace',
				'Datastore.Audit',
				'VM.Backup',
			]),
		);
		state.acl.push({
			path: '/',
			type: 'user',
			ugid: 'nothing@pve',
			roleid: 'PowerOnly',
			propagate: true,
		});
		const rights = state.roles.get('PowerOnly');
		rights?.delete('VM.Backup');
		// The backup may be read by who may allocate on its storage.
		rights?.add('Datastore.Allocate');
		expect((await lab.runAs('nothing@pve!tk', restore())).error?.message).toContain(
			'Missing privilege VM.Backup on /vms/104',
		);
		rights?.add('VM.Backup');
		rights?.delete('Datastore.AllocateSpace');
		expect((await lab.runAs('nothing@pve!tk', restore())).error?.message).toContain(
			'Missing privilege Datastore.AllocateSpace on /storage/local',
		);
		expect(changes()).toEqual([]);
		expect(vm(104).status).toBe('running');
	});

	it('if the right to delete is missing', async () => {
		const { error } = await lab.runAs('novmallocate@pve!tk', remove());
		expect(error?.message).toContain(
			'This user or token may not delete VM 104, so it was neither stopped nor deleted. It needs VM.Allocate on /vms/104',
		);
		expect(changes()).toEqual([]);
	});

	it('if high availability manages the VM and it is not to be purged', async () => {
		vm(104).haManaged = 'started';
		const { error } = await lab.run(remove());
		expect(error?.message).toContain(
			'VM 104 is managed by high availability, so it was neither stopped nor deleted. Choose Options → Purge From Job Configurations',
		);
		expect(changes()).toEqual([]);
	});

	it('and asks Proxmox if the rights cannot be read', async () => {
		lab.emulator.faults.onRequest({
			path: '/access/permissions',
			times: 99,
			effect: { status: 501, phrase: 'Not Implemented' },
		});
		expect((await lab.run(restore())).error).toBeUndefined();
		run(104);
		expect((await lab.run(remove())).error).toBeUndefined();
	});
});

describe('a restore with a key that is delivered twice', () => {
	const options = {
		stopFirst: true,
		idempotencyKey: 'order-1',
		ifExists: 'return',
		maxPollInterval: 0.1,
	};
	const keyed: INodeParameters = {
		...restore(),
		restore: { force: true },
		start: true,
		options,
	};
	/** Restores, and does something as soon as the VM is being stopped. */
	const restoreAnd = async (act: () => void, parameters = keyed) =>
		await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, ...parameters }),
			credentials: lab.credentials,
			onProgress: (event) => {
				if (event.type === 'log' && event.message.includes('accepted the stop')) act();
			},
		});
	const marked = () => void (vm(104).config.description = markOf('order-1'));

	it('does not overwrite what the other delivery has restored, and starts it again', async () => {
		const { items, error } = await restoreAnd(marked);
		expect(error).toBeUndefined();
		expect(items[0]?.[0]?.json).toMatchObject({ vmid: 104, reused: true, taskStatus: 'ok' });
		expect(changes()).toEqual(['POST /104/status/stop', 'POST /104/status/start']);
		expect(vm(104).status).toBe('running');
	});

	it('does not start it if it was not to be started', async () => {
		const { items } = await restoreAnd(marked, { ...keyed, start: false });
		expect(items[0]?.[0]?.json).toMatchObject({ vmid: 104, reused: true });
		expect(changes()).toEqual(['POST /104/status/stop']);
	});

	it('starts it again if the VM is not to be returned', async () => {
		const { error } = await restoreAnd(marked, {
			...keyed,
			options: { ...options, ifExists: 'fail' },
		});
		expect(error?.message).toMatch(/^VM 104 already exists on pve1, created with this/);
		expect(changes()).toEqual(['POST /104/status/stop', 'POST /104/status/start']);
	});

	it('starts it again if whose VM it is can no longer be read', async () => {
		const effect = { status: 403, phrase: 'Permission check failed (/vms/104, VM.Audit)' };
		const { error } = await restoreAnd(() =>
			lab.emulator.faults.onRequest({ path: /\/qemu\/104\/config/, times: 99, effect }),
		);
		expect(error?.message).toContain('VM.Audit');
		expect(changes()).toEqual(['POST /104/status/stop', 'POST /104/status/start']);
	});

	it('is not failed by a later restore that was refused because the VM runs', async () => {
		await lab.output(keyed);
		lab.emulator.tasks.start({
			type: 'qmrestore',
			id: '104',
			authId: lab.emulator.token.tokenId,
			run: async () => {
				throw new Error('unable to restore VM 104 - vm is running');
			},
		});
		await lab.emulator.tasks.settled();
		expect(await lab.output(keyed)).toMatchObject({ vmid: 104, reused: true, taskStatus: 'ok' });
	});
});
