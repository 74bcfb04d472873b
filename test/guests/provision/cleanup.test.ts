/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { NodeApiError } from 'n8n-workflow';

import { newVm } from '../../../tools/emulator/state/load';
import { onPve1, openLab, type Lab } from '../../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const TRUNCATED = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_07.vma';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const restore = (archive: string, more: object = {}) => ({
	operation: 'restore',
	archive: picked(archive),
	vmIdMode: 'fixed',
	vmId: { __rl: true, mode: 'id', value: '7001' },
	options: { maxPollInterval: 0.1, cleanUp: true },
	...more,
});
const deletes = () =>
	lab.emulator.requests
		.filter(({ method }) => method === 'DELETE')
		.map(({ path }) => path.replace('/api2/json', ''));
const vm = (vmid: number) => lab.emulator.state.vms.get(vmid);
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);
const imagesOf = (vmid: number) =>
	[...lab.emulator.state.volumes.values()].filter(
		(volume) => volume.vmid === vmid && volume.content === 'images',
	);

describe('what a failed restore leaves of a new VM', () => {
	/** Does something right after the restore has failed, and before the node looks at what is left. */
	const whenItFailed = async (act: () => void, archive = TRUNCATED) => {
		const running = lab.run(restore(archive));
		while (
			!lab.emulator.tasks
				.all()
				.some(({ type, state }) => type === 'qmrestore' && state === 'stopped')
		)
			await new Promise<void>((later) => setTimeout(later, 1));
		act();
		return await running;
	};

	it('is removed if that is chosen, and the error says so', async () => {
		const { error } = await lab.run(restore(TRUNCATED));
		expect(error?.message).toContain(
			'The task of VM 7001 failed: vma failed: ERROR: short vma extent',
		);
		expect(descriptionOf(error)).toContain('What was left of VM 7001 on pve1 was deleted.');
		expect(descriptionOf(error)).toMatch(/UPID:pve1:\S+:qmrestore:7001:/);
		expect(deletes()).toEqual(['/nodes/pve1/qemu/7001']);
		expect(vm(7001)).toBeUndefined();
		expect(imagesOf(7001)).toEqual([]);
		// Its ID is free again.
		expect(await lab.output(restore(ARCHIVE))).toMatchObject({ vmid: 7001, taskStatus: 'ok' });
	});

	it('is removed under the next free ID, too', async () => {
		const { items } = await lab.run(restore(TRUNCATED, { vmIdMode: 'next' }), [{}], {
			onError: 'continueErrorOutput',
		});
		const failed = items[1]?.[0]?.json.error;
		expect(failed).toMatchObject({
			guestState: 'removed',
			upid: expect.stringContaining(':qmrestore:') as string,
		});
		const { vmid } = failed as { vmid: number };
		expect(vm(vmid)).toBeUndefined();
	});

	it('stays if that is not chosen, and the error names the option', async () => {
		const { error } = await lab.run(restore(TRUNCATED, { options: { maxPollInterval: 0.1 } }));
		expect(descriptionOf(error)).toContain(
			'Options → Clean Up After Failed Restore deletes what a failed restore leaves of a new VM.',
		);
		expect(deletes()).toEqual([]);
		expect(vm(7001)).toBeDefined();
		// Nothing has to be looked at before the POST.
		const paths = lab.emulator.requests.map(({ method, path }) => `${method} ${path}`);
		expect(paths.slice(0, paths.indexOf('POST /api2/json/nodes/pve1/qemu'))).not.toContain(
			'GET /api2/json/nodes/pve1/qemu/7001/config',
		);
	});

	it('stays after a create, whose error does not name an option of Restore', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', dies: true });
		const { error } = await lab.run({ vmIdMode: 'fixed', vmId: picked(7001) });
		expect(descriptionOf(error)).toContain('qm unlock 7001');
		expect(descriptionOf(error)).not.toContain('Remove What Is Left');
		expect(vm(7001)?.config.lock).toBe('create');
	});

	it('is removed without a parameter that passes over a lock if there is none', async () => {
		await lab.run(restore(TRUNCATED, { authentication: 'password' }));
		expect(deletes()).toEqual(['/nodes/pve1/qemu/7001']);
	});

	it('is nothing if the task failed before: nothing is removed', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', failsBefore: 'no space left' });
		const { error } = await whenItFailed(() => lab.emulator.state.vms.delete(7001), ARCHIVE);
		expect(descriptionOf(error)).toContain(
			'VM 7001 does not exist on pve1: nothing was left behind.',
		);
		expect(deletes()).toEqual([]);
	});

	it('is reported as removed if it has gone by itself meanwhile', async () => {
		const { error } = await whenItFailed(() =>
			lab.emulator.faults.onRequest({
				method: 'GET',
				path: '/nodes/pve1/qemu/7001/config',
				nth: 2,
				effect: {
					status: 500,
					phrase: "Configuration file 'nodes/pve1/qemu-server/7001.conf' does not exist",
				},
			}),
		);
		expect(descriptionOf(error)).toContain('What was left of VM 7001 on pve1 was deleted.');
		expect(deletes()).toEqual([]);
	});

	it('stays if it is locked and a token asks, and the error says why', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', dies: true });
		const { error } = await lab.run(restore(ARCHIVE));
		expect(descriptionOf(error)).toContain('It could not be deleted: VM is locked (create)');
		expect(descriptionOf(error)).toContain('qm unlock 7001');
		expect(vm(7001)?.config.lock).toBe('create');
	});

	it('is removed though it is locked if root@pam asks with a password', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', dies: true });
		const { error } = await lab.run(restore(ARCHIVE, { authentication: 'password' }));
		expect(descriptionOf(error)).toContain('What was left of VM 7001 on pve1 was deleted.');
		expect(deletes()).toEqual(['/nodes/pve1/qemu/7001?skiplock=1']);
		expect(vm(7001)).toBeUndefined();
	});

	it('stays if the response to the POST was lost: whose VM it is is unknown', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/qemu',
			when: 'after',
			effect: 'reset',
		});
		const { error } = await lab.run(restore(TRUNCATED));
		expect(error?.message).toContain('its response was lost');
		expect(descriptionOf(error)).toMatch(
			/Task that may belong to it: UPID:pve1:\S+:qmrestore:7001:/,
		);
		expect(deletes()).toEqual([]);
		expect(vm(7001)).toBeDefined();
	});

	it('stays if the status of the task could not be read before whether there was such a VM', async () => {
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: '/nodes/pve1/qemu/7001/config',
			effect: { status: 403, phrase: 'Permission check failed (/vms/7001, VM.Audit)' },
		});
		const { error } = await lab.run(restore(TRUNCATED));
		expect(descriptionOf(error)).toContain('It was not deleted');
		expect(deletes()).toEqual([]);
	});

	it('belongs to others if the ID was taken: nothing is removed', async () => {
		const { error } = await lab.run(
			restore(TRUNCATED, { vmId: { __rl: true, mode: 'id', value: '104' } }),
		);
		expect(error?.message).toContain('VM 104 already exists');
		expect(deletes()).toEqual([]);
		expect(vm(104)).toBeDefined();
	});

	it('is whole if only its start fails: nothing is removed', async () => {
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: 'no KVM' });
		const { error } = await lab.run(restore(ARCHIVE, { start: true }));
		expect(error?.message).toContain('VM 7001 was created, but');
		expect(deletes()).toEqual([]);
		expect(vm(7001)).toBeDefined();
	});

	it('stays if another VM has been created under the ID meanwhile', async () => {
		const { error } = await whenItFailed(
			() =>
				void lab.emulator.state.vms.set(
					7001,
					newVm(7001, 'pve1', { name: 'others', scsi0: 'local:7001/vm-7001-disk-0.raw' }),
				),
		);
		expect(descriptionOf(error)).toContain(
			'It was not deleted: it does not look like what a failed restore leaves behind',
		);
		expect(deletes()).toEqual([]);
		expect(vm(7001)?.config.name).toBe('others');
	});

	it.each([
		['before its first disk is there', {}],
		['with its config there already', { name: 'others', memory: '512' }],
	])('stays if a VM is cloned to the ID meanwhile, %s', async (_when, config) => {
		// Its task is listed under the original.
		const { error } = await whenItFailed(
			() =>
				void lab.emulator.state.vms.set(7001, newVm(7001, 'pve1', { lock: 'clone', ...config })),
		);
		expect(descriptionOf(error)).toContain(
			'It was not deleted: it does not look like what a failed restore leaves behind',
		);
		expect(deletes()).toEqual([]);
	});

	it.each(['qmcreate', 'qmrestore', 'qmdestroy', 'qmclone'])(
		'stays if a %s of the ID came after the restore, even by the same token',
		async (type) => {
			const { error } = await whenItFailed(() => {
				lab.emulator.tasks.start({
					type,
					id: '7001',
					authId: lab.emulator.token.tokenId,
					run: async (worker) => await worker.work(60_000),
				});
			});
			expect(descriptionOf(error)).toMatch(
				new RegExp(
					`It was not deleted: another task has used the VM ID since: UPID:pve1:\\S+:${type}:7001:`,
				),
			);
			expect(deletes()).toEqual([]);
		},
	);

	it('stays if a locked one may be of another task, and root@pam asks with a password', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', dies: true });
		const running = lab.run(restore(ARCHIVE, { authentication: 'password' }));
		while (
			!lab.emulator.tasks
				.all()
				.some(({ type, state }) => type === 'qmrestore' && state === 'stopped')
		)
			await new Promise<void>((later) => setTimeout(later, 1));
		lab.emulator.tasks.start({
			type: 'qmcreate',
			id: '7001',
			authId: 'root@pam',
			run: async (worker) => await worker.work(60_000),
		});
		expect(descriptionOf((await running).error)).toContain(
			'It was not deleted: another task has used the VM ID since',
		);
		expect(deletes()).toEqual([]);
	});

	it('is removed though another task of the ID came before the restore', async () => {
		lab.emulator.tasks.start({
			type: 'qmdestroy',
			id: '7001',
			authId: 'root@pam',
			run: async () => undefined,
		});
		const { error } = await lab.run(restore(TRUNCATED));
		expect(descriptionOf(error)).toContain('What was left of VM 7001 on pve1 was deleted.');
	});

	/** Sets what the task list shows from the failure on, given the UPID of the restore. */
	const whenListed = async (listed: (restored: string) => string[]) =>
		await whenItFailed(() => {
			const [{ upid } = { upid: '' }] = lab.emulator.tasks
				.all()
				.filter(({ type }) => type === 'qmrestore');
			lab.emulator.faults.onRequest({
				method: 'GET',
				path: /\/nodes\/pve1\/tasks$/,
				times: 50,
				effect: {
					status: 200,
					body: JSON.stringify({ data: listed(upid).map((one) => ({ upid: one })) }),
					headers: { 'Content-Type': 'application/json' },
				},
			});
		});
	/** A UPID of the same ID whose process and second are later by so many. */
	const later = (upid: string, processes: number, seconds: number) => {
		const [head, node, pid, process = '', second = '', , ...tail] = upid.split(':');
		const plus = (hex: string, more: number) =>
			(parseInt(hex, 16) + more).toString(16).toUpperCase().padStart(8, '0');
		const moved = [plus(process, processes), plus(second, seconds)];
		return [head, node, pid, ...moved, 'qmdestroy', ...tail].join(':');
	};

	it('stays if the task list no longer shows the restore', async () => {
		const { error } = await whenListed(() => []);
		expect(descriptionOf(error)).toContain(
			'It was not deleted: the task list no longer shows the restore',
		);
		expect(deletes()).toEqual([]);
	});

	it.each([
		['is removed', 'earlier in the same second', -1, 0],
		['is removed', 'in an earlier second, before the node was booted', 1, -1],
		['stays', 'later in the same second', 1, 0],
		['stays', 'in a later second, after the node was booted', -1, 1],
	])('%s if another task of the ID began %s', async (what, _when, processes, seconds) => {
		const { error } = await whenListed((upid) => [upid, later(upid, processes, seconds)]);
		expect(descriptionOf(error)).toContain(
			what === 'stays' ? 'another task has used the VM ID since' : 'was deleted.',
		);
		expect(deletes()).toHaveLength(what === 'stays' ? 0 : 1);
	});

	it('stays if the tasks of others cannot be seen', async () => {
		const tokenId = 'nosysaudit@pve!tk';
		const { error } = await lab.engine.runNode({
			parameters: { ...onPve1, ...restore(TRUNCATED) },
			credentials: {
				proxmoxVeApi: {
					...lab.credentials.proxmoxVeApi,
					tokenId,
					tokenSecret: lab.emulator.tokens[tokenId] ?? '',
				},
			},
		});
		expect(descriptionOf(error)).toContain(
			'It was not deleted: without Sys.Audit on /nodes/pve1, tasks of other users cannot be seen',
		);
		expect(deletes()).toEqual([]);
	});

	it.each([
		['the task list', /\/nodes\/pve1\/tasks$/],
		['the rights', '/access/permissions'],
		['the VM', '/nodes/pve1/qemu/7001/config'],
	])('stays if %s cannot be read', async (_what, path) => {
		const running = whenItFailed(() =>
			lab.emulator.faults.onRequest({
				method: 'GET',
				path,
				times: 50,
				effect: { status: 403, phrase: 'Permission check failed' },
			}),
		);
		expect(descriptionOf((await running).error)).toMatch(
			/not deleted|could not be (?:deleted|read)/,
		);
		expect(deletes()).toEqual([]);
	});

	it('cannot be seen without waiting, so the option needs it', async () => {
		const { error } = await lab.run(
			restore(ARCHIVE, { options: { cleanUp: true, waitUntil: 'nothing' } }),
		);
		expect(error?.message).toContain(
			'Options → Clean Up After Failed Restore cannot be combined with Options → Wait Until → Nothing',
		);
		expect(lab.emulator.requests).toEqual([]);
	});
});
