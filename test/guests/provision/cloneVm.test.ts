import type { IDataObject, INodeParameters, NodeApiError } from 'n8n-workflow';

import { markOf } from '../../../nodes/ProxmoxVe/guests/provision/idempotency';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({ seed: 'demo' });
});
afterEach(async () => await lab.close());

const TEMPLATE = 8000;
const SSH_KEY =
	'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII a@example.com';
const named = (value: string) => ({ __rl: true, mode: 'name', value });
const clone = (more: INodeParameters = {}): INodeParameters => ({
	operation: 'clone',
	vm: { __rl: true, mode: 'id', value: TEMPLATE },
	newIdMode: 'next',
	full: true,
	...more,
});
const grow = (...values: INodeParameters[]): INodeParameters => ({ growDisks: { values } });
const other = (...values: INodeParameters[]): INodeParameters => ({ otherParameters: { values } });
const json = (value: unknown): INodeParameters => ({
	specifyVm: 'json',
	vmJson: JSON.stringify(value),
});
const keyed = (key: string, more: INodeParameters = {}): INodeParameters => ({
	options: { idempotencyKey: key, ifExists: 'return', ...more },
});
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const writes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const changes = () =>
	writes().map(({ method, path }) => `${method} ${path.replace(/^.*\/qemu/, '')}`);
const sent = (end: string): IDataObject =>
	Object.fromEntries(
		new URLSearchParams(writes().find(({ path }) => path.endsWith(end))?.body ?? ''),
	);
const errorOf = async (parameters: INodeParameters): Promise<NodeApiError> => {
	const { error } = await lab.run(parameters);
	if (!error) throw new Error('it did not fail');
	return error as NodeApiError;
};
const refuseOnce = (end: RegExp, phrase: string): void =>
	lab.emulator.faults.onRequest({
		method: 'POST',
		path: end,
		effect: {
			status: 500,
			phrase,
			body: '{"data":null}',
			headers: { 'Content-Type': 'application/json' },
		},
	});

describe('a clone with settings', () => {
	it('creates a named machine with an address from a template, in one step', async () => {
		const item = await lab.output(
			clone({
				name: 'web-2',
				cores: 4,
				memory_current: 4096,
				bridge: named('vmbr0'),
				ciuser: 'admin',
				cipassword: 'not to be seen',
				sshkeys: SSH_KEY,
				ipAddress: '192.0.2.20/24',
				gateway: '192.0.2.1',
				...other({ parameter: 'tags', slot: 0, value: 'web' }),
				...grow({ disk: 'scsi0', size: 20 }),
				start: true,
				options: { waitUntil: 'ip' },
			}),
		);
		const { vmid } = item;
		expect(changes()).toEqual([
			'POST /8000/clone',
			`POST /${String(vmid)}/config`,
			`PUT /${String(vmid)}/resize`,
			`POST /${String(vmid)}/status/start`,
		]);
		expect(item).toMatchObject({
			name: 'web-2',
			node: 'pve',
			original: TEMPLATE,
			reused: false,
			taskStatus: 'ok',
			warnings: [],
			upid: expect.stringContaining(':qmclone:8000:') as string,
			startUpid: expect.stringContaining(`:qmstart:${String(vmid)}:`) as string,
			ipAddresses: ['192.0.2.20'],
		});
		expect(vm(vmid)).toMatchObject({
			status: 'running',
			config: {
				name: 'web-2',
				cores: 4,
				memory: '4096',
				ciuser: 'admin',
				tags: 'web',
				sshkeys: encodeURIComponent(SSH_KEY),
				ipconfig0: expect.stringMatching(
					/^(?=.*ip=192\.0\.2\.20\/24)(?=.*gw=192\.0\.2\.1)/,
				) as string,
				scsi0: expect.stringContaining('size=20G') as string,
			},
		});
		expect(vm(TEMPLATE)?.config).toMatchObject({ name: 'debian-13', cores: 2, template: 1 });
		expect(JSON.stringify(item)).not.toContain('not to be seen');
	});

	it('is a linked one if Full Clone is off', async () => {
		const { vmid } = await lab.output(clone({ full: false, cores: 1, start: true }));
		const made = `creating a clone of VM 8000 with ID ${String(vmid)}`;
		expect(lab.emulator.tasks.all().find(({ log }) => log.includes(made))?.log).toContain(
			'create linked clone of drive scsi0 (local-lvm:base-8000-disk-0)',
		);
		expect(vm(vmid)).toMatchObject({ status: 'running', config: { cores: 1 } });
	});

	it('keeps what is not set: the MAC address of the clone and the options of its network card', async () => {
		lab.emulator.state.vms.get(TEMPLATE)!.config.net0 =
			'virtio=BC:24:11:00:80:00,bridge=vmbr0,firewall=1,tag=7';
		const { vmid } = await lab.output(clone({ bridge: named('vmbr0') }));
		const net0 = String(vm(vmid)?.config.net0);
		expect(net0).toMatch(/^virtio=BC:24:11:(?!00:80:00)[\dA-F:]{8},/);
		expect(net0).toContain('tag=7');
		expect(net0).toContain('firewall=1');
	});

	it('gets a network card if the original has none', async () => {
		delete lab.emulator.state.vms.get(TEMPLATE)!.config.net0;
		const { vmid } = await lab.output(clone({ bridge: named('vmbr0') }));
		expect(vm(vmid)?.config.net0).toMatch(/^virtio=[\dA-F:]+,bridge=vmbr0/);
	});

	it('does not keep the gateway of the original beside an address that is set', async () => {
		lab.emulator.state.vms.get(TEMPLATE)!.config.ipconfig0 =
			'ip=198.51.100.9/24,gw=198.51.100.1,ip6=auto';
		const { vmid } = await lab.output(clone({ ipAddress: 'dhcp' }));
		expect(sent(`/${String(vmid)}/config`).ipconfig0).not.toContain('gw=');
		expect(vm(vmid)?.config.ipconfig0).toContain('ip6=auto');
	});

	it('takes all settings of Update by JSON or Other Parameters', async () => {
		const { vmid } = await lab.output(
			clone(json({ cores: 3, net1: { model: 'virtio', bridge: 'vmbr0' }, delete: 'serial0' })),
		);
		expect(vm(vmid)?.config).toMatchObject({
			cores: 3,
			net1: expect.stringContaining('bridge=vmbr0') as string,
		});
		expect(vm(vmid)?.config).not.toHaveProperty('serial0');
		const second = await lab.output(
			clone(
				other(
					{ parameter: 'scsi', slot: 1, value: 'local-lvm:2' },
					{ parameter: 'ipconfig', slot: 1, value: 'ip=dhcp' },
					{ parameter: 'onboot', slot: 0, value: '1' },
				),
			),
		);
		expect(vm(second.vmid)?.config).toMatchObject({
			scsi1: expect.stringContaining('size=2G') as string,
			ipconfig1: 'ip=dhcp',
			onboot: 1,
		});
	});

	it('sends nothing but the clone if nothing else is set', async () => {
		await lab.output(clone());
		expect(changes()).toEqual(['POST /8000/clone']);
		expect(lab.emulator.requests.filter(({ path }) => path.endsWith('/config'))).toEqual([]);
	});

	it('stays off without Start After Cloning, and a disk of the size stays as it is', async () => {
		const { vmid } = await lab.output(clone(grow({ disk: 'scsi0', size: 8 })));
		expect(changes()).toEqual(['POST /8000/clone']);
		expect(vm(vmid)?.status).toBe('stopped');
	});

	it.each<[string, INodeParameters, string | RegExp]>([
		[
			'needs to wait',
			{ cores: 2, options: { waitUntil: 'nothing' } },
			'Wait Until must not be Nothing',
		],
		[
			'needs to wait',
			{ start: true, options: { waitUntil: 'nothing' } },
			'Wait Until must not be Nothing',
		],
		[
			'that is not started has no address',
			{ options: { waitUntil: 'ip' } },
			'Wait Until needs Start After Cloning',
		],
		['has its name from its field', json({ name: 'a' }), 'has its own field: set it in Name'],
		['takes no pool as a setting', json({ pool: 'dev' }), 'set it in Options → Resource Pool'],
		[
			'has one value of each setting',
			{
				bridge: named('vmbr0'),
				...other({ parameter: 'net', slot: 0, value: 'virtio,bridge=vmbr0' }),
			},
			'net0 is set twice',
		],
		[
			'has sizes above 0',
			grow({ disk: 'scsi0', size: 0 }),
			'Disk to Grow 1 → Size (GiB) must be a size above 0',
		],
		[
			'has names of disks',
			grow({ disk: 'net0', size: 9 }),
			'Disk to Grow 1 → Disk must be a disk such as scsi0, got "net0"',
		],
		[
			'has texts as names of disks',
			grow({ disk: ['scsi0'] as never, size: 9 }),
			'Disk to Grow 1 → Disk must be a disk such as scsi0, got "a list"',
		],
		[
			'grows a disk once',
			grow({ disk: 'scsi0', size: 9 }, { disk: 'scsi0', size: 10 }),
			'scsi0 is set twice',
		],
		['has valid settings', { ipAddress: '192.0.2.20' }, /IPv4 Address/],
		[
			'has a key that is not empty',
			{ options: { idempotencyKey: '' } },
			'Idempotency Key is empty',
		],
	])('%s: %j is refused before any request', async (_what, more, message) => {
		const error = await errorOf(clone(more));
		expect([error.message, error.description].join('\n')).toMatch(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each<[string, INodeParameters, string]>([
		[
			'smaller disks',
			grow({ disk: 'scsi0', size: 4 }),
			'Disk to Grow 1 scsi0 of VM 8000 has 8G, and a disk cannot be made smaller',
		],
		[
			'disks that are not there',
			grow({ disk: 'scsi1', size: 9 }),
			'Disk to Grow 1 VM 8000 has no disk scsi1',
		],
		['a cloud-init drive as disk', grow({ disk: 'ide2', size: 9 }), 'VM 8000 has no disk ide2'],
		['a slot in use', json({ scsi0: 'local-lvm:9' }), 'Disk scsi0 is in use by'],
	])('refuses %s before the clone', async (_what, more, message) => {
		const error = await errorOf(clone(more));
		expect([error.message, error.description].join('\n')).toContain(message);
		expect(writes()).toEqual([]);
	});

	it('needs a cloud-init drive for cloud-init settings, or adds one', async () => {
		delete lab.emulator.state.vms.get(TEMPLATE)!.config.ide2;
		const error = await errorOf(clone({ ciuser: 'admin' }));
		expect(error.message).toBe(
			'User (ciuser) needs a cloud-init drive, which VM 8000 does not have. Add one to it with Update, or remove this setting',
		);
		expect(writes()).toEqual([]);
		const { vmid } = await lab.output(
			clone(json({ ciuser: 'admin', ide2: 'local-lvm:cloudinit' })),
		);
		expect(vm(vmid)?.config).toMatchObject({
			ciuser: 'admin',
			ide2: expect.stringContaining('cloudinit') as string,
		});
	});

	it('is distinguished from its settings if these are refused', async () => {
		refuseOnce(/\/qemu\/\d+\/config$/, 'no such bridge');
		const error = await errorOf(
			clone({ cores: 4, ...grow({ disk: 'scsi0', size: 9 }), start: true }),
		);
		const { vmid } = error.context;
		expect(error.message).toBe(
			`VM ${String(vmid)} was created, but its settings (cores) were not changed: no such bridge`,
		);
		expect(error.description).toContain(
			`VM ${String(vmid)} exists on pve: use Update, then Resize Disk, then Start, or delete it`,
		);
		expect(vm(vmid)).toMatchObject({ status: 'stopped', config: { cores: 2 } });
	});

	it('is distinguished from its start', async () => {
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: 'no memory' });
		const error = await errorOf(clone({ start: true }));
		expect(error.message).toMatch(/^VM \d+ was created, but is not running: no memory/);
	});
});

describe('the preview of a clone', () => {
	it('has every request in its order, and sends none', async () => {
		const { method, path, body, command, afterwards } = await lab.output(
			clone({
				name: 'web-2',
				bridge: named('vmbr1'),
				cipassword: 'not to be seen',
				...grow({ disk: 'scsi0', size: 20 }),
				start: true,
				options: { preview: true },
			}),
		);
		expect(writes()).toEqual([]);
		expect({ method, path, body }).toEqual({
			method: 'POST',
			path: '/api2/json/nodes/pve/qemu/8000/clone',
			body: { newid: 'NEXT_FREE_ID', name: 'web-2', full: '1' },
		});
		expect(command).toBe(
			`pvesh create /nodes/pve/qemu/8000/clone --newid "$(pvesh get /cluster/nextid)" --name web-2 --full 1`,
		);
		expect(afterwards).toMatchObject([
			{
				method: 'POST',
				path: '/api2/json/nodes/pve/qemu/NEXT_FREE_ID/config',
				body: {
					cipassword: expect.not.stringContaining('not to be seen') as string,
					net0: expect.stringContaining('MAC_OF_THE_CLONE') as string,
				},
			},
			{ method: 'PUT', body: { disk: 'scsi0', size: '20G' } },
			{
				method: 'POST',
				path: '/api2/json/nodes/pve/qemu/NEXT_FREE_ID/status/start',
				command: 'pvesh create /nodes/pve/qemu/NEXT_FREE_ID/status/start',
			},
		]);
		expect(JSON.stringify(afterwards)).not.toContain('not to be seen');
	});

	it('has the ID and the mark of its key', async () => {
		const { body, afterwards } = await lab.output(
			clone({ cores: 4, ...keyed('a', { preview: true }) }),
		);
		const made = await lab.output(clone({ cores: 4, ...keyed('a') }));
		expect(body).toMatchObject({ newid: String(made.vmid) });
		expect((body as IDataObject).description).toContain(markOf('a'));
		expect(sent('/clone')).toEqual(body);
		const [config] = afterwards as IDataObject[];
		expect({ ...sent('/config'), digest: undefined }).toEqual(config?.body);
	});
});

describe('the clone of a key', () => {
	it('is one for two deliveries, and keeps the notes of the original', async () => {
		lab.emulator.state.vms.get(TEMPLATE)!.config.description = 'A golden image';
		const first = await lab.output(clone({ cores: 4, start: true, ...keyed('a') }));
		const second = await lab.output(clone({ cores: 4, start: true, ...keyed('a') }));
		expect(second).toMatchObject({
			vmid: first.vmid,
			upid: first.upid,
			name: 'Copy-of-VM-debian-13',
			reused: true,
			taskStatus: 'ok',
		});
		expect(changes()).toHaveLength(3);
		expect(vm(first.vmid)?.config.description).toBe(`A golden image\n\n${markOf('a')}`);
	});

	it('is an error for the second delivery, unless it may be returned', async () => {
		const { vmid } = await lab.output(clone(keyed('a')));
		const error = await errorOf(clone({ options: { idempotencyKey: 'a' } }));
		expect(error.message).toContain(
			`VM ${String(vmid)} already exists on pve, created with this Idempotency Key`,
		);
	});

	it('gets from the second delivery what the first one left undone', async () => {
		refuseOnce(/\/qemu\/\d+\/config$/, 'no quorum');
		const given = clone({
			cores: 4,
			...grow({ disk: 'scsi0', size: 20 }),
			start: true,
			...keyed('a'),
		});
		const error = await errorOf(given);
		const { vmid } = error.context;
		expect(error.description).toContain('run this again with the same Idempotency Key');
		expect(vm(vmid)?.config.description).toContain('n8n-unfinished');
		expect(await lab.output(given)).toMatchObject({ vmid, reused: true });
		expect(vm(vmid)).toMatchObject({
			status: 'running',
			config: {
				cores: 4,
				scsi0: expect.stringContaining('size=20G') as string,
				description: markOf('a'),
			},
		});
		expect(changes().filter((one) => one.endsWith('/clone'))).toHaveLength(1);
	});

	it('is started by the second delivery if the first one ended before that', async () => {
		refuseOnce(/\/status\/start$/, 'no quorum');
		const given = clone({ cores: 4, start: true, ...keyed('a') });
		await errorOf(given);
		const { vmid } = await lab.output(given);
		expect(vm(vmid)?.status).toBe('running');
	});

	it('is neither changed nor started again if it was changed or stopped since', async () => {
		const given = clone({ cores: 4, start: true, ...keyed('a') });
		const { vmid } = await lab.output(given);
		const made = vm(vmid)!;
		made.config.cores = 8;
		made.status = 'stopped';
		const { warnings } = await lab.output(given);
		expect(made).toMatchObject({ status: 'stopped', config: { cores: 8 } });
		expect(warnings).toEqual([`VM ${String(vmid)} already exists and is not running`]);
	});

	it('is one for two deliveries at the same moment', async () => {
		const given = clone({ cores: 4, start: true, ...keyed('a') });
		const [one, two] = await Promise.all([lab.output(given), lab.output(given)]);
		expect(one?.vmid).toBe(two?.vmid);
		expect([one?.reused, two?.reused].sort()).toEqual([false, true]);
		const made = [...lab.emulator.state.vms.values()].filter(({ config }) =>
			String(config.description).includes(markOf('a')),
		);
		expect(made).toMatchObject([{ status: 'running', config: { cores: 4 } }]);
	}, 60_000);

	it('is found if the response to its request was lost', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve/qemu/8000/clone',
			when: 'after',
			effect: 'reset',
		});
		const { vmid } = await lab.output(clone({ cores: 4, start: true, ...keyed('a') }));
		expect(vm(vmid)).toMatchObject({ status: 'running', config: { cores: 4 } });
		expect(changes().filter((one) => one.endsWith('/clone'))).toHaveLength(1);
	}, 60_000);

	it('gets another ID of the key if another VM has the first one', async () => {
		const { vmid } = await lab.output(clone(keyed('a')));
		const made = vm(vmid)!;
		made.config.description = 'of somebody else';
		const second = await lab.output(clone(keyed('a')));
		expect(second).toMatchObject({ reused: false });
		expect(second.vmid).not.toBe(vmid);
	});

	it('can have a fixed ID, which no other VM may have', async () => {
		const fixed: INodeParameters = { newIdMode: 'fixed', newId: 4711 };
		const given = clone({ ...fixed, cores: 4, ...keyed('a') });
		expect(await lab.output(given)).toMatchObject({ vmid: 4711, reused: false });
		expect(await lab.output(given)).toMatchObject({ vmid: 4711, reused: true });
		const error = await errorOf(clone({ ...fixed, ...keyed('b') }));
		expect(error.message).toContain('unable to create VM 4711: config file already exists');
	});
});

describe('If VM Exists of a clone', () => {
	it('replaces a fixed ID that is taken by another one', async () => {
		const { vmid } = await lab.output(
			clone({ newIdMode: 'fixed', newId: 100, options: { ifExists: 'useAnotherId' } }),
		);
		expect(vmid).not.toBe(100);
		expect(vm(vmid)?.config.name).toBe('Copy-of-VM-debian-13');
	});
});
