import type { NodeApiError } from 'n8n-workflow';

import { openLab, readApi, type Lab } from '../../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const GARBAGE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_08.vma.zst';
const TRUNCATED = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_07.vma';
const quick = { maxPollInterval: 0.1 };

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const over = (vmid: number, options: object = {}, archive = ARCHIVE) => ({
	operation: 'restore',
	archive: picked(archive),
	vmIdMode: 'fixed',
	vmId: picked(vmid),
	restore: { force: true },
	options: { ...quick, ...options },
});
const posts = () =>
	lab.emulator.requests
		.filter(({ method }) => method === 'POST')
		.map(({ path }) => path.replace('/api2/json', ''));
const vm = (vmid: number) => lab.emulator.state.vms.get(vmid);
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);
const run = (vmid: number) => {
	const found = vm(vmid);
	if (found) Object.assign(found, { status: 'running', pid: 4242, startedAt: 1 });
};

describe('Restore over a VM', () => {
	it('replaces one that is off', async () => {
		expect(await lab.output(over(104))).toMatchObject({
			vmid: 104,
			taskStatus: 'ok',
			archive: ARCHIVE,
		});
		expect((await readApi(lab.emulator, '/nodes/pve1/qemu/104/config')).name).toBe('frombackup');
		expect(posts()).toEqual(['/nodes/pve1/qemu']);
	});

	it.each([
		[
			9000,
			'VM 9000 does not exist, so it cannot be overwritten. To restore it as a new VM, turn off Overwrite. Nothing was done',
		],
		[
			102,
			'VM 102 on pve1 is protected. To overwrite it, turn off Protection with Update first. Nothing was done',
		],
		[
			103,
			'VM 103 on pve1 is locked (backup): a task is working on it, or left the lock behind. Nothing was done',
		],
		[200, 'VM 200 is on pve2, not on pve1. Choose pve2 as Node. Nothing was done'],
	])('does nothing if VM %i cannot be replaced, and says why', async (vmid, message) => {
		const before = JSON.stringify(vm(vmid));
		const { error } = await lab.run(over(vmid, { stopFirst: true }));
		expect(error?.message).toBe(message);
		expect(posts()).toEqual([]);
		expect(JSON.stringify(vm(vmid))).toBe(before);
	});

	it('does nothing if the ID is a container’s', async () => {
		const container = vm(104);
		if (container) container.type = 'lxc';
		const { error } = await lab.run(over(104));
		expect(error?.message).toBe(
			'104 is a container on pve1: a restore of a VM cannot overwrite it. Nothing was done',
		);
		expect(posts()).toEqual([]);
	});

	it('does nothing if it runs, unless Stop First is chosen', async () => {
		run(104);
		const { error } = await lab.run(over(104));
		expect(error?.message).toBe(
			'VM 104 is running, and only a stopped VM can be overwritten. Stop it, or choose Options → Stop First. Nothing was done',
		);
		expect(vm(104)?.status).toBe('running');
		expect(posts()).toEqual([]);

		expect(await lab.output(over(104, { stopFirst: true }))).toMatchObject({
			vmid: 104,
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmrestore:') as string,
		});
		expect(posts()).toEqual(['/nodes/pve1/qemu/104/status/stop', '/nodes/pve1/qemu']);
	});

	it('stops nothing if the backup cannot be read', async () => {
		run(104);
		const garbage = await lab.run(over(104, { stopFirst: true }, GARBAGE));
		expect(garbage.error?.message).toContain('Failed to extract config from VMA archive');
		const missing = await lab.run(
			over(104, { stopFirst: true }, 'local:backup/vzdump-qemu-100-2099_01_02-03_04_05.vma.zst'),
		);
		expect(missing.error?.message).toContain('does not exist');
		expect(vm(104)?.status).toBe('running');
		expect(posts()).toEqual([]);
	});

	it('needs the ID of the VM', async () => {
		const { error } = await lab.run({
			operation: 'restore',
			archive: picked(ARCHIVE),
			restore: { force: true },
		});
		expect(error?.message).toBe(
			'Overwrite (force) needs the ID of the VM to overwrite: choose Fixed ID under VM ID',
		);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('leaves it to Proxmox if the token may not look at the VM', async () => {
		lab.emulator.faults.onRequest({
			path: /\/qemu\/104\/(?:config|status\/current)$/,
			times: 2,
			effect: { status: 403, phrase: 'Permission check failed (/vms/104, VM.Audit)' },
		});
		expect(await lab.output(over(104))).toMatchObject({ vmid: 104, taskStatus: 'ok' });
	});

	it.each(['config', 'status/current'])(
		'leaves it to Proxmox if the token may not read %s',
		async (what) => {
			lab.emulator.faults.onRequest({
				path: `/nodes/pve1/qemu/104/${what}`,
				effect: { status: 403, phrase: 'Permission check failed (/vms/104, VM.Audit)' },
			});
			expect(await lab.output(over(104))).toMatchObject({ vmid: 104, taskStatus: 'ok' });
		},
	);

	it.each([
		['a proxy refuses the request', 'status/current', 403, 'Forbidden'],
		['the config cannot be read', 'config', 500, 'got timeout'],
		[
			'the VM is removed meanwhile',
			'config',
			500,
			"Configuration file 'nodes/pve1/qemu-server/104.conf' does not exist",
		],
	])('does nothing if %s', async (_what, path, status, phrase) => {
		lab.emulator.faults.onRequest({
			path: `/nodes/pve1/qemu/104/${path}`,
			effect: { status, phrase },
		});
		const { error } = await lab.run(over(104));
		expect(error?.message).toContain(phrase);
		expect(posts()).toEqual([]);
	});

	it('reports that a VM was stopped for a restore that was then refused', async () => {
		run(104);
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/qemu',
			effect: { status: 500, phrase: 'cluster not ready - no quorum?' },
		});
		const { error } = await lab.run(over(104, { stopFirst: true }));
		expect(error?.message).toContain('no quorum');
		expect(descriptionOf(error)).toMatch(/VM 104 was stopped before: UPID:pve1:\S+:qmstop:104:/);
	});

	it('never removes a VM that was there before', async () => {
		const { error } = await lab.run(over(104, { cleanUp: true }, TRUNCATED));
		expect(error?.message).toContain('The task of VM 104 failed');
		expect(descriptionOf(error)).toContain('VM 104 on pve1 existed before, so it was not deleted.');
		expect(lab.emulator.requests.some(({ method }) => method === 'DELETE')).toBe(false);
		expect(vm(104)).toBeDefined();
	});
});
