import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { ProxmoxVe } from '../../nodes/ProxmoxVe/ProxmoxVe.node';
import { openLab, postApi, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const CONFIG = '/nodes/pve1/qemu/100/config';
const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });
const update = (more: INodeParameters, vmid = 100): INodeParameters => ({
	resource: 'virtualMachine',
	operation: 'update',
	vm: picked(vmid),
	specifyVm: 'fields',
	...more,
});
const json = (given: IDataObject, more: INodeParameters = {}) =>
	update({ specifyVm: 'json', vmJson: JSON.stringify(given), ...more });
const disk = (more: INodeParameters, options: INodeParameters = {}): INodeParameters => ({
	diskList: {
		values: [{ source: 'keep', ...more, options: { bus: 'scsi', slot: 0, ...options } }],
	},
});
const vm = (vmid = 100) => {
	const found = lab.emulator.state.vms.get(vmid);
	if (!found) throw new Error(`there is no VM ${vmid}`);
	return found;
};
const config = () => vm().config;
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const set = async (form: Record<string, string>): Promise<void> => {
	await postApi(lab.emulator, CONFIG, form);
	await lab.emulator.tasks.settled();
};
/** The volume and the options of a disk. */
const partsOf = (name: string): string[] => String(config()[name]).split(',').sort();

describe('an option of a disk that is there', () => {
	beforeEach(
		async () =>
			await set({
				scsi0: `${String(config().scsi0).split(',')[0]},iothread=1,cache=writeback,backup=0,ssd=1`,
			}),
	);

	it.each([
		['Current Disk', () => disk({}, { discard: 'on' })],
		[
			'Existing Volume with the volume that it has',
			() =>
				disk(
					{ source: 'existing', volume: String(config().scsi0).split(',')[0] ?? '' },
					{ discard: 'on' },
				),
		],
	])('is changed, and the others stay: %s', async (_how, given) => {
		const before = partsOf('scsi0');
		await lab.output(update(given()));
		expect(partsOf('scsi0')).toEqual([...before, 'discard=on'].sort());
		expect(Object.keys(config()).filter((name) => name.startsWith('unused'))).toEqual([]);
	});

	it('can be turned off again', async () => {
		await lab.output(update(disk({}, { backup: true, cache: 'none' })));
		expect(partsOf('scsi0')).toEqual(
			expect.arrayContaining(['backup=1', 'cache=none', 'iothread=1', 'ssd=1']) as string[],
		);
	});

	it('is refused if the slot is not named, or has no disk', async () => {
		const unnamed = {
			diskList: { values: [{ source: 'keep', options: { bus: 'scsi', discard: 'on' } }] },
		};
		expect((await lab.run(update(unnamed))).error?.message).toBe(
			'Disk 1 → Options → Slot is needed',
		);
		const anyBus = { diskList: { values: [{ source: 'keep', options: { slot: 0, ssd: true } }] } };
		expect((await lab.run(update(anyBus))).error?.message).toContain(
			'Disk 1 → Options → Bus is needed: Current Disk changes the disk on this bus and slot',
		);
		expect(lab.emulator.requests.filter(({ path }) => path.includes('/pending'))).toEqual([]);
		const before = posts().length;
		const { error } = await lab.run(update(disk({}, { slot: 7, discard: 'on' })));
		expect(error?.message).toBe(
			'Disk scsi7 does not exist: Current Disk changes a disk that the VM already has. Choose its bus and slot',
		);
		expect(posts()).toHaveLength(before);
	});

	it('is the whole line in JSON, as the API has it', async () => {
		const [volume = ''] = String(config().scsi0).split(',');
		await lab.output(json({ scsi0: `${volume},discard=on` }));
		expect(partsOf('scsi0').filter((part) => !part.startsWith('size='))).toEqual([
			'discard=on',
			volume,
		]);
	});

	it('is a source of Update only', () => {
		const sourcesOf = (operation: string): unknown[] =>
			new ProxmoxVe().description.properties
				.filter(
					({ name, displayOptions }) =>
						name === 'diskList' && displayOptions?.show?.operation?.includes(operation),
				)
				.flatMap((list) => JSON.stringify(list).match(/"value":"\w+"/g) ?? []);
		expect(sourcesOf('create')).not.toContain('"value":"keep"');
		expect(sourcesOf('update')).toContain('"value":"keep"');
	});
});

describe('a disk for a slot that is in use', () => {
	const refused = () =>
		`Disk scsi0 is in use by ${String(config().scsi0).split(',')[0]}, which would become an unused disk: choose another slot, Current Disk to change its options, or Options → Replace Disk in Use`;
	const other = 'local:100/vm-100-disk-9.raw';

	it.each([
		['New Disk', disk({ source: 'new', storage: picked('local'), size: 2 })],
		[
			'Imported Image',
			disk({
				source: 'import',
				storage: picked('local'),
				image: picked('local:import/tiny.qcow2'),
			}),
		],
		['Existing Volume, another one', disk({ source: 'existing', volume: other })],
		[
			'ISO Image',
			{
				diskList: {
					values: [
						{
							source: 'iso',
							iso: picked('local:iso/tiny.iso'),
							options: { bus: 'scsi', slot: 0 },
						},
					],
				},
			},
		],
		[
			'Empty CD Drive',
			{ diskList: { values: [{ source: 'empty', options: { bus: 'scsi', slot: 0 } }] } },
		],
	])('is refused: %s', async (_source, given) => {
		const { error } = await lab.run(update(given as INodeParameters));
		expect(error?.message).toBe(refused());
		expect(posts()).toEqual([]);
	});

	it.each([
		['a text', { scsi0: 'local:2' }],
		['an object', { scsi0: { file: 'local:2' } }],
		['an object with the alias of file', { scsi0: { volume: 'local:2' } }],
	])('is refused in JSON, as %s', async (_form, given) => {
		expect((await lab.run(json(given as IDataObject))).error?.message).toBe(refused());
		expect(posts()).toEqual([]);
	});

	it('is refused by the old name of the CD drive too', async () => {
		await set({ ide2: 'none,media=cdrom' });
		await set({ ide2: 'local:1' });
		const before = posts().length;
		const { error } = await lab.run(json({ cdrom: 'local:iso/tiny.iso' }));
		expect(error?.message).toContain('Disk ide2 is in use by local:100/');
		expect(posts()).toHaveLength(before);
	});

	it('takes its place if Replace Disk in Use says so', async () => {
		const [before] = String(config().scsi0).split(',');
		await lab.output(
			update({
				...disk({ source: 'new', storage: picked('local'), size: 2 }),
				options: { replaceDisk: true },
			}),
		);
		expect(config()).toMatchObject({
			scsi0: expect.stringContaining('size=2G') as string,
			unused0: before,
		});
		const body = new URLSearchParams(posts().at(-1)?.body);
		expect([...body.keys()].sort()).toEqual(['digest', 'scsi0']);
	});

	it('is refused for the EFI disk too', async () => {
		await set({ bios: 'ovmf', efidisk0: 'local:1' });
		const before = posts().length;
		const { error } = await lab.run(
			update({ otherParameters: { values: [{ parameter: 'efidisk0', value: 'local:1' }] } }),
		);
		expect(error?.message).toContain('Disk efidisk0 is in use by local:100/');
		expect(posts()).toHaveLength(before);
	});

	it('is no matter if the slot holds a CD drive', async () => {
		await set({ ide0: 'none,media=cdrom' });
		await lab.output(
			update({
				diskList: {
					values: [
						{
							source: 'iso',
							iso: picked('local:iso/tiny.iso'),
							options: { bus: 'ide', slot: 0 },
						},
					],
				},
			}),
		);
		expect(config().ide0).toContain('local:iso/tiny.iso');
	});

	it('is refused before any request if Replace Disk in Use is neither yes nor no', async () => {
		const { error } = await lab.run(
			update({
				...disk({ source: 'new', storage: picked('local'), size: 2 }),
				options: { replaceDisk: 'perhaps' },
			}),
		);
		expect(error?.message).toContain('Replace Disk in Use must be');
		expect(lab.emulator.requests).toEqual([]);
	});
});

describe('the mark of an Idempotency Key in the notes', () => {
	const mark = `<!-- n8n-key:${'0123456789abcdef'.repeat(2)} -->`;
	beforeEach(async () => await set({ description: `made by n8n\n\n${mark}` }));

	it.each([
		[
			'Description',
			() => update({ general: { description: 'new notes' } }),
			`new notes\n\n${mark}`,
		],
		['Description, empty', () => update({ general: { description: '' } }), mark],
		[
			'Description with the mark in it',
			() => update({ general: { description: `${mark} notes` } }),
			`${mark} notes`,
		],
		['JSON', () => json({ description: 'new notes' }), `new notes\n\n${mark}`],
		['Settings to Remove', () => update({ delete: 'description' }), mark],
		['delete in JSON', () => json({ delete: ['description', 'serial0'] }), mark],
	])('stays if the notes are changed: %s', async (_how, given, notes) => {
		await lab.output(given());
		expect(config().description).toBe(notes);
		expect(config()).toHaveProperty('net0');
	});

	it('does not keep the other settings from being removed', async () => {
		await lab.output(update({ delete: 'description; serial0' }));
		expect(config()).not.toHaveProperty('serial0');
	});

	it('is added to nothing if there is none', async () => {
		await set({ description: 'plain' });
		await lab.output(update({ general: { description: 'new' } }));
		expect(config().description).toBe('new');
		await lab.output(update({ delete: 'description' }));
		expect(config()).not.toHaveProperty('description');
	});

	it('counts for the length of the notes', async () => {
		const before = posts().length;
		const { error } = await lab.run(update({ general: { description: 'x'.repeat(8192) } }));
		expect(error?.message).toBe(
			`Description (description) may have at most ${8192 - mark.length - 2} characters: the mark of the Idempotency Key under it is kept`,
		);
		expect(posts()).toHaveLength(before);
	});
});

describe('several items that change one VM', () => {
	const nine = Array.from({ length: 9 }, (_, index) => ({ index }));

	it('take turns: none makes the digest of another one stale', async () => {
		const { items, error } = await lab.run(
			update({
				diskList: {
					values: [{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'scsi' } }],
				},
			}),
			nine,
		);
		expect(error).toBeUndefined();
		expect((items[0] ?? []).map(({ json: { taskStatus } }) => taskStatus)).toEqual(
			nine.map(() => 'ok'),
		);
		expect(Object.keys(config()).filter((name) => /^scsi\d/.test(name))).toHaveLength(10);
		expect(lab.emulator.tasks.all().filter(({ type }) => type === 'qmconfig')).toHaveLength(9);
	}, 30_000);

	it('take turns too if they do not wait for their tasks', async () => {
		const disks = {
			diskList: {
				values: [{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'scsi' } }],
			},
			waitForCompletion: false,
		};
		const { items } = await lab.run(update(disks), nine);
		expect((items[0] ?? []).map(({ json: { taskStatus } }) => taskStatus)).toEqual(
			nine.map(() => 'running'),
		);
		await lab.emulator.tasks.settled();
		expect(lab.emulator.tasks.all().map(({ exitstatus }) => exitstatus)).toEqual(
			nine.map(() => 'OK'),
		);
		expect(Object.keys(config()).filter((name) => /^scsi\d/.test(name))).toHaveLength(10);
	}, 30_000);

	it('send no digest if they do not wait, and a second time changes nothing more', async () => {
		await lab.output(update({ cores: 3, waitForCompletion: false }));
		expect([...new URLSearchParams(posts()[0]?.body).keys()]).toEqual(['cores']);
		await lab.output(update({ cores: 4 }));
		expect([...new URLSearchParams(posts()[1]?.body).keys()].sort()).toEqual(['cores', 'digest']);
	});

	it('may do so in several executions at once', async () => {
		const add = update({
			netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
		});
		const before = Object.keys(config()).filter((name) => /^net\d/.test(name)).length;
		const results = await Promise.all(Array.from({ length: 4 }, async () => await lab.run(add)));
		expect(results.map(({ error }) => error?.message)).toEqual([
			undefined,
			undefined,
			undefined,
			undefined,
		]);
		expect(Object.keys(config()).filter((name) => /^net\d/.test(name))).toHaveLength(before + 4);
	}, 30_000);
});

describe('cloud-init settings of a VM that runs', () => {
	beforeEach(async () => {
		await set({ ciuser: 'anna', ipconfig0: 'ip=dhcp' });
		await postApi(lab.emulator, '/nodes/pve1/qemu/100/status/start');
		await lab.emulator.tasks.settled();
	});

	it.each([
		['one that was changed', { ciuser: 'bob' }, ['ciuser']],
		['one that was added', { nameserver: '192.0.2.1' }, ['nameserver']],
		['one that was removed', { delete: 'ciuser' }, ['ciuser']],
		['an IP configuration that was changed', { ipconfig0: { ip: '192.0.2.7/24' } }, ['ipconfig0']],
		['an IP configuration that was added', { ipconfig1: { ip: 'dhcp' } }, ['ipconfig1']],
		['one beside others', { ciuser: 'bob', cores: 3 }, ['ciuser', 'cores']],
		['a password, which Proxmox does not list', { cipassword: 's3cret' }, ['cipassword']],
		[
			'a password beside others',
			{ cipassword: 's3cret', ciuser: 'bob', cores: 3 },
			['cipassword', 'ciuser', 'cores'],
		],
		['none', { name: 'other' }, []],
	])('wait for its next start, and are reported as pending: %s', async (_what, given, pending) => {
		expect(await lab.output(json(given as IDataObject))).toMatchObject({
			taskStatus: 'ok',
			pending,
		});
	});

	it('are not pending if Proxmox renews the image at once', async () => {
		await set({ hotplug: 'disk,network,cloudinit' });
		expect(
			await lab.output(json({ ciuser: 'bob', ipconfig0: { ip: '192.0.2.7/24' } })),
		).toMatchObject({ taskStatus: 'ok', pending: [] });
	});

	it.each([
		['alone', {}, ['cipassword']],
		['with a setting that is not in the image', { description: 'x' }, ['cipassword']],
		['with a setting that stays as it is', { ciuser: 'anna' }, ['cipassword']],
		['with a user', { ciuser: 'bob' }, []],
		['with a removed user', { delete: 'ciuser' }, []],
		['with a name', { name: 'other' }, []],
		['with a network card', { net1: { model: 'virtio', bridge: 'vmbr0' } }, []],
	])(
		'that renew the image at once bring a new password with them, which alone is pending: %s',
		async (_what, given, pending) => {
			await set({ hotplug: 'disk,network,cloudinit' });
			expect(await lab.output(json({ ...given, cipassword: 's3cret' }))).toMatchObject({
				taskStatus: 'ok',
				pending,
			});
		},
	);

	it('are not in an image that is renewed only when a waiting network card is changed', async () => {
		await set({ hotplug: 'cloudinit' });
		await set({ net0: 'e1000=BC:24:11:00:00:01,bridge=vmbr0' });
		expect(await lab.output(json({ cipassword: 's3cret' }))).toMatchObject({
			pending: ['cipassword', 'net0'],
		});
	});

	it('are not pending if the VM is off', async () => {
		vm().status = 'stopped';
		expect(await lab.output(json({ cipassword: 's3cret' }))).toMatchObject({ pending: [] });
		expect(
			await lab.output(json({ ciuser: 'bob', ipconfig0: { ip: '192.0.2.7/24' } })),
		).toMatchObject({ pending: [] });
	});

	it('are not asked for if the VM has no cloud-init drive, or Proxmox has no such list', async () => {
		lab.emulator.faults.onRequest({
			path: '/nodes/pve1/qemu/100/cloudinit',
			effect: { status: 501, phrase: 'Method not implemented' },
		});
		expect(await lab.output(json({ ciuser: 'bob' }))).toMatchObject({
			taskStatus: 'ok',
			pending: [],
		});
		lab.emulator.requests.length = 0;
		await lab.output(update({ name: 'x' }, 102));
		expect(lab.emulator.requests.some(({ path }) => path.endsWith('/cloudinit'))).toBe(false);
	});
});

describe('a task that did not get the lock of the VM', () => {
	const NO_LOCK = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
	const on100 = (operation: string, more: INodeParameters = {}): INodeParameters => ({
		resource: 'virtualMachine',
		operation,
		vm: picked(100),
		...more,
	});

	it.each([
		['start', 'qmstart', on100('start')],
		['stop', 'qmstop', on100('stop')],
		['shutdown', 'qmshutdown', on100('shutdown')],
		['update', 'qmconfig', update({ cores: 3 })],
		['resizeDisk', 'resize', on100('resizeDisk', { disk: picked('scsi0'), size: '+1G' })],
		['convertToTemplate', 'qmtemplate', on100('convertToTemplate')],
		['delete', 'qmdestroy', on100('delete')],
	])('is started again: %s', async (_operation, type, parameters) => {
		lab.emulator.faults.onTask({ type, times: 3, failsBefore: NO_LOCK });
		expect(await lab.output(parameters)).toMatchObject({ taskStatus: 'ok' });
		expect(lab.emulator.tasks.all().filter((task) => task.type === type)).toHaveLength(4);
	});

	it('is started again: reboot', async () => {
		await postApi(lab.emulator, '/nodes/pve1/qemu/100/status/start');
		await lab.emulator.tasks.settled();
		vm().agentRuns = true;
		lab.emulator.faults.onTask({ type: 'qmreboot', times: 2, failsBefore: NO_LOCK });
		expect(await lab.output(on100('reboot'))).toMatchObject({ taskStatus: 'ok' });
	});

	const backup = on100('create', { resource: 'backup', storage: picked('local') });
	const backups = () => lab.emulator.tasks.all().filter(({ type }) => type === 'vzdump');

	it('is started again: backup, whose log says so', async () => {
		// A start that takes longer than a backup waits for the lock.
		lab.emulator.faults.onTask({ type: 'qmstart', slowness: 400 });
		await postApi(lab.emulator, '/nodes/pve1/qemu/100/status/start');
		expect(await lab.output(backup)).toMatchObject({ taskStatus: 'ok' });
		expect(backups().length).toBeGreaterThan(1);
		expect(backups().at(-1)?.log.join('\n')).toContain(
			`ERROR: Backup of VM 100 failed - ${NO_LOCK}`,
		);
	});

	it('is not started again if a backup has done something before', async () => {
		lab.emulator.faults.onTask({ type: 'vzdump', failsWithin: NO_LOCK });
		expect((await lab.run(backup)).error?.message).toContain('Backup of VM 100 failed');
		expect(backups()).toHaveLength(1);
	});

	it('is given up at the timeout of the item', async () => {
		lab.emulator.faults.onTask({ type: 'qmstart', times: 99, failsBefore: NO_LOCK });
		const { error } = await lab.run(on100('start', { options: { timeout: 20 } }));
		expect(error?.message).toContain(NO_LOCK);
		const tasks = lab.emulator.tasks.all().filter(({ type }) => type === 'qmstart');
		expect(tasks.length).toBeGreaterThan(2);
		expect(tasks.length).toBeLessThan(7);
		expect(vm().status).toBe('stopped');
	});

	it('is not started again if another lock timed out, or it is not waited for', async () => {
		lab.emulator.faults.onTask({
			type: 'qmdestroy',
			failsWithin: "cfs-lock 'file-user_cfg' error: got lock request timeout",
		});
		expect((await lab.run(on100('delete'))).error?.message).toContain('got lock request timeout');
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: NO_LOCK });
		expect(await lab.output(on100('start', { options: { waitUntil: 'nothing' } }))).toMatchObject({
			taskStatus: 'running',
		});
		expect(posts()).toHaveLength(1);
	});
});
