import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { json } from '../reliability/faults/ingredients';
import { openLab, until, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const vm = (vmid: number) => {
	const found = lab.emulator.state.vms.get(vmid);
	if (!found) throw new Error(`the emulator has no VM ${vmid}`);
	return found;
};
const on = (
	vmid: number | string,
	operation: string,
	more: INodeParameters = {},
): INodeParameters => ({
	resource: 'virtualMachine',
	operation,
	vm: { __rl: true, mode: 'id', value: vmid },
	...more,
});
/** n8n itself stops at a required field that stands empty, but not at an expression that gives nothing. */
const EMPTY = '={{ "" }}';
const changes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const sent = (): IDataObject => Object.fromEntries(new URLSearchParams(changes().at(-1)?.body));
const running = async (vmid: number): Promise<void> => void (await lab.output(on(vmid, 'start')));

describe('Start, Shutdown, Stop and Reboot', () => {
	it('start a VM, and say so once it runs', async () => {
		expect(await lab.output(on(100, 'start'))).toEqual({
			vmid: 100,
			name: 'existing',
			node: 'pve1',
			url: `${lab.emulator.url}/#v1:0:=qemu%2F100:4`,
			upid: expect.stringContaining(':qmstart:100:') as string,
			taskStatus: 'ok',
			exitStatus: 'OK',
			warnings: [],
			startedAt: expect.any(String) as string,
			durationMs: expect.any(Number) as number,
			alreadyRunning: false,
		});
		expect(vm(100).status).toBe('running');
	});

	it('do not wait if they are not asked to', async () => {
		expect(await lab.output(on(100, 'start', { options: { waitUntil: 'nothing' } }))).toMatchObject(
			{
				taskStatus: 'running',
				exitStatus: null,
				alreadyRunning: false,
			},
		);
		const after = lab.emulator.requests.slice(
			lab.emulator.requests.findIndex(({ method }) => method === 'POST') + 1,
		);
		expect(after.some(({ path }) => path.includes('status/current'))).toBe(false);
	});

	it('start nothing if the VM runs already, and say so', async () => {
		await running(100);
		const before = changes().length;
		expect(await lab.output(on(100, 'start'))).toEqual({
			vmid: 100,
			name: 'existing',
			node: 'pve1',
			url: `${lab.emulator.url}/#v1:0:=qemu%2F100:4`,
			upid: null,
			taskStatus: 'ok',
			exitStatus: null,
			warnings: [],
			startedAt: null,
			durationMs: expect.any(Number) as number,
			alreadyRunning: true,
		});
		expect(changes()).toHaveLength(before);
	});

	it('accept a VM that another request has started at the same moment as running', async () => {
		await running(100);
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			effect: json(200, 'OK', { data: { status: 'stopped', qmpstatus: 'stopped' } }),
		});
		expect(await lab.output(on(100, 'start'))).toMatchObject({
			upid: expect.stringContaining(':qmstart:100:') as string,
			taskStatus: 'ok',
			exitStatus: 'VM 100 already running',
			alreadyRunning: true,
		});
	});

	it.each([
		['the task fails otherwise', 'no KVM', true],
		['Proxmox says that the VM runs, and it does not', 'VM 100 already running', false],
	])('fail if %s', async (_what, reason, runs) => {
		if (runs) await running(100);
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			effect: json(200, 'OK', { data: { status: 'stopped', qmpstatus: 'stopped' } }),
		});
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: reason });
		const { error } = await lab.run(on(100, 'start'));
		expect(error?.message).toContain(reason);
	});

	it.each([
		['is not yet seen to run', 2, json(200, 'OK', { data: { status: 'stopped' } })],
		['cannot be read for a while', 6, 'reset' as const],
	])('look again if the VM %s after the task', async (_what, times, effect) => {
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			nth: 2,
			times,
			effect,
		});
		expect(await lab.output(on(100, 'start'))).toMatchObject({
			taskStatus: 'ok',
			alreadyRunning: false,
		});
	});

	it('start nothing if a backup of the VM that runs is at work', async () => {
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			effect: json(200, 'OK', {
				data: { status: 'running', qmpstatus: 'running', lock: 'backup' },
			}),
		});
		expect(await lab.output(on(100, 'start'))).toMatchObject({ upid: null, alreadyRunning: true });
		expect(changes()).toEqual([]);
	});

	it('ask high availability to start a VM that runs: it may be about to stop it', async () => {
		vm(100).haManaged = 'stopped';
		await running(100);
		expect(await lab.output(on(100, 'start'))).toMatchObject({
			upid: expect.stringContaining(':hastart:') as string,
			taskStatus: 'ok',
			alreadyRunning: true,
		});
	});

	it.each([
		['paused', 'VM 100 is paused. Start does not change that: use Resume'],
		['prelaunch', 'VM 100 is paused before its start. Start does not change that: use Resume'],
		[
			'io-error',
			'VM 100 is halted by a storage error (io-error). Free space on the storage or repair it, then use Resume',
		],
		[
			'guest-panicked',
			'VM 100 is halted because its guest crashed (guest-panicked). Use Stop, then Start',
		],
	])('do not take a VM that is %s for one that runs', async (qmpstatus, message) => {
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			effect: json(200, 'OK', { data: { status: 'running', qmpstatus } }),
		});
		expect((await lab.run(on(100, 'start'))).error?.message).toBe(message);
		expect(changes()).toEqual([]);
	});

	it('start a VM that a backup holds before its start', async () => {
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			effect: json(200, 'OK', {
				data: { status: 'running', qmpstatus: 'prelaunch', lock: 'backup' },
			}),
		});
		expect(await lab.output(on(100, 'start'))).toMatchObject({
			taskStatus: 'ok',
			alreadyRunning: false,
		});
	});

	it('report what Proxmox says if a VM is a template, or does not run', async () => {
		expect((await lab.run(on(101, 'start'))).error?.message).toContain(
			"you can't start a vm if it's a template",
		);
		expect((await lab.run(on(102, 'reboot'))).error?.message).toBe(
			'Proxmox VE answered 500: VM 102 not running',
		);
	});

	it('wait until high availability has started or stopped a VM, though its task only asks for it', async () => {
		vm(100).haManaged = 'stopped';
		expect(await lab.output(on(100, 'start'))).toMatchObject({
			upid: expect.stringContaining(':hastart:') as string,
			taskStatus: 'ok',
		});
		expect(vm(100).status).toBe('running');
		expect(await lab.output(on(100, 'stop'))).toMatchObject({
			upid: expect.stringContaining(':hastop:') as string,
			taskStatus: 'ok',
		});
		expect(vm(100).status).toBe('stopped');
	});

	it('do not take OK for a VM that runs if it does not', async () => {
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			times: 9,
			effect: {
				status: 200,
				body: JSON.stringify({ data: { status: 'stopped' } }),
				headers: { 'Content-Type': 'application/json' },
			},
		});
		const { error } = await lab.run(on(100, 'start'));
		expect(error?.message).toBe('The start ended with OK, but VM 100 is stopped');
		expect(error?.description).toMatch(/UPID:pve1:\S+:qmstart:100:/);
	});

	it('shut a guest down, with the time that it may take', async () => {
		vm(100).agentRuns = true;
		await running(100);
		const item = await lab.output(
			on(100, 'shutdown', { options: { shutdownTimeout: 120, maxPollInterval: 0.1 } }),
		);
		expect(item).toMatchObject({
			vmid: 100,
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmshutdown:') as string,
		});
		expect(sent()).toEqual({ forceStop: '0', timeout: '120' });
		expect(vm(100).status).toBe('stopped');
	});

	it('leave the time to Proxmox if none is set', async () => {
		await lab.output(on(100, 'shutdown'));
		expect(sent()).toEqual({ forceStop: '0' });
	});

	it('fail if a guest does not shut down, and turn it off if that is asked for', async () => {
		vm(102).ignoresShutdown = true;
		await running(102);
		const { error } = await lab.run(
			on(102, 'shutdown', { options: { shutdownTimeout: 1, maxPollInterval: 0.1 } }),
		);
		expect(error?.message).toContain('VM quit/powerdown failed - got timeout');
		expect(vm(102).status).toBe('running');
		await lab.output(
			on(102, 'shutdown', {
				forceStop: true,
				options: { shutdownTimeout: 1, maxPollInterval: 0.1 },
			}),
		);
		expect(vm(102).status).toBe('stopped');
	});

	it('stop a VM, and one that is stopped stays so', async () => {
		await running(100);
		expect(await lab.output(on(100, 'stop'))).toMatchObject({ taskStatus: 'ok' });
		expect(
			await lab.output(on(100, 'stop', { options: { 'overrule-shutdown': true } })),
		).toMatchObject({ taskStatus: 'ok' });
		expect(sent()).toEqual({ 'overrule-shutdown': '1' });
		expect(vm(100).status).toBe('stopped');
	});

	it('reboot a VM that runs', async () => {
		vm(100).agentRuns = true;
		await running(100);
		expect(await lab.output(on(100, 'reboot'))).toMatchObject({
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmreboot:') as string,
		});
		expect(vm(100).status).toBe('running');
	});

	it.each([
		[EMPTY, 'Virtual Machine must be a VM ID from 100 to 999999999, got ""'],
		['web', 'Virtual Machine must be a VM ID from 100 to 999999999, got "web"'],
	])('refuse the VM %j before any request', async (given, message) => {
		expect((await lab.run(on(given, 'start'))).error?.message).toBe(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('refuse bad options before any request, by their labels', async () => {
		const { error } = await lab.run(
			on(100, 'shutdown', { options: { shutdownTimeout: -1, timeout: 0 } }),
		);
		expect(error?.message).toContain(
			'Shutdown Timeout (Seconds) must be a whole number of at least 0, got "-1" (and 1 more)',
		);
		expect(error?.description).toContain('Timeout (Seconds) must be a number of at least 1');
		expect(lab.emulator.requests).toEqual([]);
	});

	it('say if there is no such VM', async () => {
		expect((await lab.run(on(4711, 'start'))).error?.message).toContain('There is no VM 4711');
	});
});

describe('Suspend, Hibernate, Resume and Reset', () => {
	const lose = (path: RegExp) =>
		lab.emulator.faults.onRequest({ method: 'POST', path, when: 'after', effect: 'reset' });

	it('pause a VM, also a second time, and continue it', async () => {
		await running(100);
		expect(await lab.output(on(100, 'suspend'))).toMatchObject({
			vmid: 100,
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmpause:100:') as string,
		});
		expect(vm(100)).toMatchObject({ status: 'running', paused: true });
		expect(await lab.output(on(100, 'suspend'))).toMatchObject({ taskStatus: 'ok' });
		expect(await lab.output(on(100, 'resume'))).toMatchObject({
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmresume:100:') as string,
		});
		expect(vm(100).paused).toBe(false);
		expect(await lab.output(on(100, 'resume'))).toMatchObject({ taskStatus: 'ok' });
	});

	it('save a VM to a storage and turn it off, and continue it there', async () => {
		await running(100);
		expect(
			await lab.output(on(100, 'hibernate', { options: { statestorage: 'local' } })),
		).toMatchObject({
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmsuspend:100:') as string,
		});
		expect(sent()).toEqual({ todisk: '1', statestorage: 'local' });
		expect(vm(100)).toMatchObject({ status: 'stopped', config: { lock: 'suspended' } });
		await lab.output(on(100, 'resume'));
		expect(vm(100).status).toBe('running');
		expect(vm(100).config.lock).toBeUndefined();
	});

	it('save no VM to a storage from which it could not be resumed', async () => {
		await running(100);
		const before = changes().length;
		const { error } = await lab.run(on(100, 'hibernate', { options: { statestorage: 'isoonly' } }));
		expect(error?.message).toBe(
			'Memory Storage isoonly is not for disk images, so the VM could not be resumed from it. Choose a storage with the content type Disk Image',
		);
		expect(changes()).toHaveLength(before);
	});

	it('reset a running VM', async () => {
		await running(100);
		expect(await lab.output(on(100, 'reset'))).toMatchObject({
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmreset:100:') as string,
		});
	});

	it.each(['suspend', 'hibernate', 'resume', 'reset'])('%s of a stopped VM fails', async (what) => {
		const { error } = await lab.run(on(100, what));
		expect(error?.message).toBe('Proxmox VE answered 500: VM 100 not running');
		expect(error?.description).toContain('Start the VM first');
	});

	it.each([
		['suspend', /\/suspend$/],
		['hibernate', /\/suspend$/],
	])('%s whose response is lost is found by the state of the VM', async (what, path) => {
		await running(100);
		const before = changes().length;
		lose(path);
		expect(await lab.output(on(100, what))).toMatchObject({ upid: null, taskStatus: 'warnings' });
		expect(changes()).toHaveLength(before + 1);
	});

	it('resume whose response is lost is found by the state of the VM', async () => {
		await running(100);
		await lab.output(on(100, 'suspend'));
		lose(/\/resume$/);
		expect(await lab.output(on(100, 'resume'))).toMatchObject({ upid: null });
	});

	it('a suspend that never arrived is unknown, though the VM has the status that it had', async () => {
		await running(100);
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/suspend$/, effect: 'reset' });
		expect((await lab.run(on(100, 'suspend'))).error?.message).toContain(
			'Whether it was executed is unknown',
		);
	});

	it('a reset whose response is lost is unknown, and not sent again', async () => {
		await running(100);
		const before = changes().length;
		lose(/\/reset$/);
		const { error } = await lab.run(on(100, 'reset'));
		expect(error?.message).toContain(
			'The response to the reset of VM 100 on pve1 was lost. Whether it was executed is unknown',
		);
		expect(error?.description).toMatch(/UPID:\S+:qmreset:100:/);
		expect(changes()).toHaveLength(before + 1);
	});

	it('a suspend that says OK and leaves the VM running is an error', async () => {
		await running(100);
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/status/current',
			times: 9,
			effect: json(200, 'OK', { data: { status: 'running', qmpstatus: 'running' } }),
		});
		expect((await lab.run(on(100, 'suspend'))).error?.message).toBe(
			'The suspend ended with OK, but VM 100 is running',
		);
	});
});

describe('Delete', () => {
	it('deletes a VM and its disks', async () => {
		// The search for other disks fails where a storage cannot be used.
		lab.emulator.state.storages.delete('offline');
		const item = await lab.output(
			on(100, 'delete', { options: { purge: true, 'destroy-unreferenced-disks': true } }),
		);
		expect(item).toMatchObject({
			vmid: 100,
			node: 'pve1',
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmdestroy:100:') as string,
		});
		expect(changes()[0]?.path).toMatch(
			/\/nodes\/pve1\/qemu\/100\?purge=1&destroy-unreferenced-disks=1$/,
		);
		expect(lab.emulator.state.vms.has(100)).toBe(false);
		expect(
			[...lab.emulator.state.volumes.values()].some(
				({ vmid, content }) => vmid === 100 && content === 'images',
			),
		).toBe(false);
	});

	it('leaves one that runs, with the next step, and stops it first if that is asked for', async () => {
		await running(100);
		const refused = await lab.run(on(100, 'delete'));
		expect(refused.error?.message).toBe(
			'Proxmox VE answered 500: VM 100 is running - destroy failed',
		);
		expect(refused.error?.description).toContain('Stop First');
		expect(
			await lab.output(
				on(100, 'delete', { waitForCompletion: false, options: { stopFirst: true } }),
			),
		).toMatchObject({ taskStatus: 'running' });
		await until(() => !lab.emulator.state.vms.has(100));
		expect(lab.emulator.state.vms.has(100)).toBe(false);
	});

	it('leaves one that is protected, with the next step, and does not stop it in vain', async () => {
		const refused = await lab.run(on(102, 'delete'));
		expect(refused.error?.message).toBe(
			"Proxmox VE answered 500: can't remove VM 102 - protection mode enabled",
		);
		expect(refused.error?.description).toContain('Turn off Protection first');
		await running(102);
		const { error } = await lab.run(on(102, 'delete', { options: { stopFirst: true } }));
		expect(error?.message).toContain('VM 102 is protected');
		expect(vm(102).status).toBe('running');
	});

	it('reports the task that failed because of a lock, and how to remove the lock', async () => {
		const { error } = await lab.run(on(103, 'delete'));
		expect(error?.message).toContain('VM is locked (backup)');
		expect(error?.description).toContain(
			'If no task is running, remove the lock that was left behind: on pve1, as root: qm unlock 103.',
		);
	});

	it('says what is left if unreferenced disks could not be looked for, and what to do', async () => {
		const { error } = await lab.run(
			on(100, 'delete', { options: { 'destroy-unreferenced-disks': true } }),
		);
		expect(error?.message).toContain('unable to activate storage');
		expect(error?.description).toContain(
			'The disks of VM 100 are deleted, but its configuration is still there',
		);
		expect(error?.description).toContain('without Destroy Unreferenced Disks');
		expect(error?.description).toMatch(/UPID:pve1:\S+:qmdestroy:100:/);
		expect(await lab.output(on(100, 'delete'))).toMatchObject({ taskStatus: 'ok' });
	});

	it('says nothing of that if the deletion failed before', async () => {
		const { error } = await lab.run(
			on(103, 'delete', { options: { 'destroy-unreferenced-disks': true } }),
		);
		expect(error?.description).not.toContain('are deleted');
	});
});

describe('a response without a task', () => {
	it('is a lost one, and the state of the VM decides', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			effect: json(200, 'OK', { data: null }),
			when: 'after',
		});
		expect(await lab.output(on(100, 'start'))).toMatchObject({
			upid: null,
			taskStatus: 'warnings',
			warnings: [expect.stringContaining('The response to the start of VM 100') as string],
		});
	});
});

describe('Resize Disk', () => {
	const resize = (disk: string, size: string) =>
		on(100, 'resizeDisk', { disk: { __rl: true, mode: 'list', value: disk }, size });

	it('grows a disk by an amount or to a size, and reports the size', async () => {
		expect(await lab.output(resize('scsi0', '+1G'))).toMatchObject({
			vmid: 100,
			disk: 'scsi0',
			size: '2G',
			taskStatus: 'ok',
			upid: expect.stringContaining(':resize:') as string,
		});
		expect(await lab.output(resize('scsi0', '5G'))).toMatchObject({ size: '5G' });
		expect(vm(100).config.scsi0).toContain('size=5G');
	});

	it('is content without a task, as Proxmox VE 7 has it', async () => {
		lab.emulator.faults.onRequest({
			method: 'PUT',
			effect: {
				status: 200,
				body: '{"data":null}',
				headers: { 'Content-Type': 'application/json' },
			},
		});
		expect(await lab.output(resize('scsi0', '+1G'))).toEqual({
			vmid: 100,
			name: 'existing',
			node: 'pve1',
			url: `${lab.emulator.url}/#v1:0:=qemu%2F100:4`,
			disk: 'scsi0',
			size: '1G',
			upid: null,
			taskStatus: 'ok',
			exitStatus: null,
			warnings: [],
			startedAt: null,
			durationMs: expect.any(Number) as number,
		});
	});

	it('reports every wrong field in one error, before any request', async () => {
		const { error } = await lab.run({
			...resize('disk one', 'big'),
			vm: { __rl: true, mode: 'id', value: 'web' },
			options: { timeout: 'soon' },
		});
		expect(error?.message).toContain('Virtual Machine must be a VM ID');
		expect(error?.message).toContain('(and 3 more)');
		expect(error?.description).toMatch(/Disk must.*\n.*Size must.*\n.*Timeout \(Seconds\) must/);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('shrinks no disk, and reports a missing one', async () => {
		expect((await lab.run(resize('scsi0', '512M'))).error?.message).toContain(
			'shrinking disks is not supported',
		);
		expect((await lab.run(resize('scsi7', '+1G'))).error?.message).toContain(
			"disk 'scsi7' does not exist",
		);
	});

	it.each([
		['scsi0', '40', 'Size must be a value such as +10G, got "40"'],
		['scsi0', EMPTY, 'Size is needed'],
		['scsi0', '-1G', 'Size must be a value such as +10G, got "-1G"'],
		['disk0', '+1G', 'Disk must be a value such as scsi0, got "disk0"'],
		[EMPTY, '+1G', 'Disk is needed'],
	])('refuses %j to %j before any request', async (disk, size, message) => {
		expect((await lab.run(resize(disk, size))).error?.message).toBe(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});

describe('Convert to Template', () => {
	it('converts a VM to a template, disks included', async () => {
		expect(await lab.output(on(100, 'convertToTemplate'))).toMatchObject({
			vmid: 100,
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmtemplate:') as string,
		});
		expect(vm(100).config).toMatchObject({
			template: 1,
			scsi0: expect.stringContaining('base-100-disk-0') as string,
		});
	});

	it('reports why it cannot', async () => {
		expect((await lab.run(on(101, 'convertToTemplate'))).error?.message).toContain(
			"you can't convert a template to a template",
		);
		await running(100);
		expect((await lab.run(on(100, 'convertToTemplate'))).error?.message).toContain(
			"you can't convert a VM to template if VM is running",
		);
	});
});
