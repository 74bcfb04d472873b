import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const update = (more: INodeParameters, vmid = 100): INodeParameters => ({
	operation: 'update',
	vm: { __rl: true, mode: 'list', value: vmid },
	...more,
});
const json = (value: unknown): INodeParameters =>
	update({ specifyVm: 'json', vmJson: JSON.stringify(value) });
const config = (vmid = 100) => lab.emulator.state.vms.get(vmid)?.config ?? {};
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const sent = (): IDataObject => Object.fromEntries(new URLSearchParams(posts().at(-1)?.body));
const network = (...values: INodeParameters[]): INodeParameters => ({ netList: { values } });
const newDisk = (bus: string, options: INodeParameters = {}): INodeParameters => ({
	source: 'new',
	storage: picked('local'),
	size: 2,
	options: { bus, ...options },
});

describe('Update', () => {
	it('changes what is set, sends nothing else, and follows its task', async () => {
		const item = await lab.output(
			update({
				name: 'renamed',
				general: { description: '', tags: 'web;prod', onboot: true },
				memory_current: 1024,
			}),
		);
		expect(item).toEqual({
			vmid: 100,
			name: 'renamed',
			node: 'pve1',
			url: `${lab.emulator.url}/#v1:0:=qemu%2F100:4`,
			upid: expect.stringContaining(':qmconfig:100:') as string,
			taskStatus: 'ok',
			exitStatus: 'OK',
			warnings: [],
			startedAt: expect.any(String) as string,
			durationMs: expect.any(Number) as number,
			pending: [],
		});
		expect(Object.keys(sent()).sort()).toEqual([
			'description',
			'digest',
			'memory',
			'name',
			'onboot',
			'tags',
		]);
		expect(config()).toMatchObject({
			name: 'renamed',
			tags: 'prod;web',
			onboot: 1,
			memory: '1024',
			cores: 1,
			scsi0: expect.stringContaining('local:100/') as string,
		});
	});

	it('says what waits for the next start of a VM that runs', async () => {
		await lab.output(update({ operation: 'start' }));
		expect(
			await lab.output(update({ name: 'at-once', cores: 2, delete: 'serial0' })),
		).toMatchObject({ pending: ['cores', 'serial0'] });
		expect(config()).toMatchObject({ name: 'at-once', cores: 1 });
		expect(await lab.output(update({ options: { revert: 'cores,serial0' } }))).toMatchObject({
			pending: [],
		});
	});

	it('gives new devices free slots, and keeps existing ones', async () => {
		const before = config();
		await lab.output(
			update({
				...network({ model: 'virtio', bridge: picked('vmbr1'), options: {} }),
				diskList: {
					values: [
						newDisk('scsi'),
						newDisk('virtio'),
						{ source: 'empty', options: { bus: 'ide' } },
					],
				},
				otherParameters: { values: [{ parameter: 'serial', slot: 1, value: 'socket' }] },
			}),
		);
		expect(config()).toMatchObject({
			net0: before.net0,
			scsi0: before.scsi0,
			ide2: before.ide2,
			serial0: 'socket',
			serial1: 'socket',
		});
		expect(config()).toMatchObject({
			net1: expect.stringContaining('bridge=vmbr1') as string,
			scsi1: expect.stringContaining('size=2G') as string,
			virtio0: expect.stringContaining('size=2G') as string,
			ide0: 'none,media=cdrom',
		});
	});

	it('uses each slot once if two items add a disk to the same VM', async () => {
		const { items, error } = await lab.run(update({ diskList: { values: [newDisk('scsi')] } }), [
			{},
			{},
			{},
		]);
		expect(error).toBeUndefined();
		expect((items[0] ?? []).map(({ json: { taskStatus } }) => taskStatus)).toEqual([
			'ok',
			'ok',
			'ok',
		]);
		expect(
			Object.keys(config())
				.filter((name) => /^(?:scsi|unused)\d/.test(name))
				.sort(),
		).toEqual(['scsi0', 'scsi1', 'scsi2', 'scsi3']);
	}, 20_000);

	it('keeps what is not set of an existing device: a card its MAC address, a CPU its flags', async () => {
		const [, mac] = /virtio=([0-9A-F:]+)/.exec(String(config().net0)) ?? [];
		await lab.output(
			json({
				cpu: 'host,flags=+aes',
				smbios1: { manufacturer: 'Example', uuid: '35ac12a0-bf85-4221-a511-cfacbb61713b' },
			}),
		);
		await lab.output(
			update({
				...network({
					model: 'virtio',
					bridge: picked('vmbr1'),
					options: { slot: 0, firewall: true },
				}),
				processor: { cpu_hidden: true },
				general: { agent_fstrim_cloned_disks: true },
			}),
		);
		expect(config()).toMatchObject({
			net0: `virtio=${mac},bridge=vmbr1,firewall=1`,
			cpu: 'host,flags=+aes,hidden=1',
			agent: '1,fstrim_cloned_disks=1',
			smbios1: expect.stringContaining(
				`manufacturer=${Buffer.from('Example').toString('base64')}`,
			) as string,
		});
		expect(config().smbios1).toContain('uuid=35ac12a0-bf85-4221-a511-cfacbb61713b');
	});

	it('reports what a missing device needs', async () => {
		const { error } = await lab.run(update({ general: { agent_type: 'isa' } }, 102));
		expect(error?.message).toContain('Guest Agent (agent.enabled) is needed');
		expect(posts()).toEqual([]);
	});

	it('takes JSON as the API does: a device in it takes the place of the whole one', async () => {
		await lab.output(
			json({
				vmid: 100,
				cores: 2,
				net0: { model: 'e1000', bridge: 'vmbr1' },
				agent: true,
				tags: ['x'],
				delete: ['serial0', 'scsihw'],
			}),
		);
		expect(Object.keys(sent()).sort()).toEqual([
			'agent',
			'cores',
			'delete',
			'digest',
			'net0',
			'tags',
		]);
		expect(config()).toMatchObject({
			cores: 2,
			net0: expect.stringMatching(/^e1000=[0-9A-F:]+,bridge=vmbr1$/) as string,
			agent: '1',
			tags: 'x',
		});
		expect(config()).not.toHaveProperty('serial0');
	});

	it('removes settings, and disks for good if chosen', async () => {
		await lab.output(update({ delete: 'serial0, scsi0' }));
		expect(config()).not.toHaveProperty('serial0');
		expect(config()).toMatchObject({ unused0: expect.stringContaining('local:100/') as string });
		await lab.output(update({ delete: 'unused0', options: { force: true } }));
		expect(sent()).toEqual({ delete: 'unused0', force: '1', digest: expect.any(String) as string });
	});

	it('changes nothing if the digest no longer matches', async () => {
		const { config: read } = await lab.output(update({ operation: 'get', simplify: false }));
		const { digest = '' } = read as { digest?: string };
		await lab.output(update({ name: 'other' }));
		const { error } = await lab.run(update({ name: 'mine', options: { digest } }));
		expect(error?.message).toContain('checksum mismatch (file change by other user?)');
		expect(config().name).toBe('other');
	});

	it('sends Additional Parameters as they are', async () => {
		await lab.run(update({ additionalParameters: { values: [{ name: 'skiplock', value: '1' }] } }));
		const sent = lab.emulator.requests.find(
			({ method, path }) => method === 'POST' && path.endsWith('/config'),
		);
		expect(new URLSearchParams(sent?.body).get('skiplock')).toBe('1');
	});

	it.each([
		[{}, 'Update changes nothing: set a field, or name a setting to remove'],
		[
			{ otherParameters: { values: [{ parameter: 'balloon', value: '-1' }] } },
			'Minimum Memory (MiB) (balloon) must be a whole number of at least 0, got "-1"',
		],
		[{ options: { force: true } }, 'Settings to Remove is needed with Destroy Removed Disks'],
		[
			network({ model: 'virtio', options: { slot: 40 } }),
			'Network Card → Slot must be a whole number from 0 to 31, got "40"',
		],
		[
			{
				diskList: {
					values: [
						{ source: 'new', storage: picked('={{ "" }}'), size: 2, options: { bus: 'scsi' } },
					],
				},
			},
			'Disk 1 → Storage is needed',
		],
	])('refuses %j before any request', async (given, message) => {
		const { error } = await lab.run(update(given as INodeParameters));
		expect(error?.message).toBe(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each([
		[{}, 'Update changes nothing'],
		[{ corse: 2 }, 'did you mean cores?'],
		[{ pool: 'a b' }, 'Resource Pool'],
		[{ start: true }, 'Start After Creation (start) cannot be changed on an existing VM'],
		[
			{ archive: 'local:backup/x.vma' },
			'Backup Archive (archive) cannot be changed on an existing VM',
		],
		[{ node: 'pve2' }, 'Node (node) cannot be changed on an existing VM'],
		[{ template: true }, 'use the operation Convert to Template'],
		[{ vmid: 101, cores: 2 }, 'VM ID (vmid) is "100" in its field and "101" in the JSON'],
		[{ agent: { type: 'isa' } }, 'Guest Agent (agent.enabled) is needed'],
		[{ net0: { model: 'virtoi' } }, 'did you mean virtio?'],
	])('refuses the JSON %j before any request', async (given, message) => {
		const { error } = await lab.run(json(given));
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it('refuses what is set in its field and in the JSON', async () => {
		const { error } = await lab.run({ ...json({ delete: 'net0' }), delete: 'net1' });
		expect(error?.message).toBe('Settings to Remove is set in its field and in the JSON');
	});

	it('refuses what only root@pam may set, with a token', async () => {
		const { error } = await lab.run(json({ args: '-no-reboot' }));
		expect(error?.message).toContain('QEMU Arguments (args) can be set only by root@pam');
		expect(posts()).toEqual([]);
	});

	it('reports what Proxmox rejects', async () => {
		expect((await lab.run(update({ delete: 'bogus' }))).error?.message).toContain(
			"unknown option 'bogus'",
		);
		expect((await lab.run(update({ cores: 2 }, 103))).error?.message).toContain(
			'VM is locked (backup)',
		);
	});
});
