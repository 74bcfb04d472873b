import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { openLab, readApi, type Lab } from '../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const json = (value: unknown): INodeParameters => ({
	specifyVm: 'json',
	vmJson: typeof value === 'string' ? value : JSON.stringify(value),
});
const disk = ({ options = {}, ...entry }: IDataObject): INodeParameters =>
	({
		diskList: {
			values: [
				{
					source: 'new',
					storage: picked('local'),
					size: 1,
					...entry,
					options: { bus: 'scsi', ...(options as IDataObject) },
				},
			],
		},
	}) as INodeParameters;
const restored = (value: object): INodeParameters => ({
	...json({ archive: 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst', ...value }),
	operation: 'restore',
});
const cloudInitDrive = { source: 'cloudInit', storage: picked('local'), options: { bus: 'ide' } };
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const textOf = (error: unknown): string => {
	const { message = '', description } = (error ?? {}) as {
		message?: string;
		description?: unknown;
	};
	return `${message}\n${String(description)}`;
};
const sent = (): URLSearchParams =>
	new URLSearchParams(lab.emulator.requests.find(({ method }) => method === 'POST')?.body);

/** Runs what is to be refused before any request. */
async function refusalOf(parameters: INodeParameters, item: IDataObject = {}): Promise<string> {
	const { error } = await lab.run(parameters, [item]);
	expect(lab.emulator.requests).toEqual([]);
	expect(error).toBeDefined();
	return textOf(error);
}

describe('the size of a new disk', () => {
	it.each([
		[0.5, '0.5'],
		['32', '32'],
		['32G', '32'],
		['1.5 GiB', '1.5'],
		['0.5T', '512'],
		['512M', '0.5'],
		['2 tib', '2048'],
	])('%j is sent as %s GiB', async (size, gib) => {
		await lab.run(disk({ size }));
		expect(sent().get('scsi0')).toBe(`local:${gib}`);
		lab.emulator.requests.length = 0;
		await lab.run(json({ scsi0: `local:${String(size)}` }));
		expect(sent().get('scsi0')).toBe(`local:${gib}`);
	});

	it.each([
		'100/vm-100-disk-0.raw',
		'cloudinit',
		'0',
		'-5',
		'1e3',
		'10TB',
		'1,5',
		'x',
		'none',
		'32,cache=unsafe',
		0,
		-1,
		true,
		[32],
		{ a: 1 },
	])('%j is refused with its label', async (size) => {
		expect(await refusalOf(disk({ size }))).toContain(
			'Disk 1 → Size (GiB) must be a size above 0 in GiB',
		);
	});

	it.each(['local:0', 'local:-5', 'local:1e3', 'local:32GB', 'local:0G'])(
		'as %s is refused in JSON, as a text and as an object',
		async (volume) => {
			expect(await refusalOf(json({ scsi0: volume }))).toContain(
				'Volume must be STORAGE:SIZE with a size above 0',
			);
			expect(await refusalOf(json({ scsi0: { file: volume } }))).toContain(
				'Volume must be STORAGE:SIZE with a size above 0',
			);
		},
	);

	it('leaves the name of a volume, the 0 of an import and of an EFI disk as they are', async () => {
		await lab.run(
			json({
				scsi0: 'local:100/vm-100-disk-0.raw',
				scsi1: { file: 'local:0', 'import-from': 'local:import/cloud.qcow2' },
				efidisk0: 'local:0',
			}),
		);
		expect(Object.fromEntries(sent())).toMatchObject({
			scsi0: 'local:100/vm-100-disk-0.raw',
			scsi1: 'local:0,import-from=local:import/cloud.qcow2',
			efidisk0: 'local:0',
		});
	});
});

describe('parts of a volume', () => {
	it.each([
		[{ storage: picked('local:100/x') }, 'Disk 1 → Storage must be the name of a storage'],
		[{ storage: picked('lo,cal') }, 'Disk 1 → Storage must be the name of a storage'],
		[
			{ source: 'existing', volume: 'local:32' },
			'Disk 1 → Volume must be the name of an existing volume',
		],
		[
			{ source: 'existing', volume: 'local:cloudinit' },
			'Disk 1 → Volume must be the name of an existing volume',
		],
		[
			{ source: 'existing', volume: 'none' },
			'Disk 1 → Volume must be the name of an existing volume',
		],
		[
			{ source: 'iso', iso: picked('local:8'), options: { bus: 'ide' } },
			'Disk 1 → ISO Image must be the name of an existing volume',
		],
		[{ source: 'import', image: picked('cloud.qcow2') }, 'Disk 1 → Image must be a volume such as'],
		[{ source: 'nosuch' }, 'Disk 1 → Source must be one of new, url, import'],
		[{ options: { bus: 'nvme' } }, 'Disk 1 → Options → Bus must be one of auto, scsi, virtio'],
		[
			{ source: 'iso', iso: picked('local:iso/tiny.iso'), options: { bus: 'virtio' } },
			'Disk 1 → Options → Bus must be one of auto, scsi, sata, ide',
		],
		[
			{ options: { bus: 'sata', iothread: true } },
			'Disk 1 → Options → I/O Thread is not an option of SATA disks: choose SCSI or VirtIO Block under Options → Bus, or remove it',
		],
		[
			{ options: { bus: 'auto', ssd: true } },
			'Disk 1 → Options → SSD Emulation is not an option of VirtIO Block disks',
		],
		[{ options: { model: 'x' } }, 'Disk 1 → Options → Model is not an option of SCSI disks'],
		[
			{ options: { bus: 'sata', slot: 6 } },
			'Disk on sata → Slot must be a whole number from 0 to 5',
		],
		[{ options: { slot: '' } }, 'Disk on scsi → Slot'],
		[{ options: { slot: '0x1' } }, 'Disk on scsi → Slot must be a whole number from 0 to 30'],
	])('%j are refused by their labels', async (entry, message) =>
		expect(await refusalOf(disk(entry))).toContain(message),
	);

	it('may be those of a volume that is there', async () => {
		await lab.run(disk({ source: 'existing', volume: ' local:100/vm-100-disk-0.raw ' }));
		expect(sent().get('scsi0')).toBe('local:100/vm-100-disk-0.raw');
	});

	it.each([
		'UPID:..:000019FA:000E976D:6B042C6E:qmstart:100:root@pam:',
		'UPID:a/b:000019FA:000E976D:6B042C6E:qmstart:100:root@pam:',
	])('of the UPID %s lead to no other path', async (upid) => {
		expect(await refusalOf({ resource: 'task', operation: 'get', upid })).toContain(
			'UPID must be the ID of a task',
		);
	});

	it('of a filter are names of storages', async () => {
		expect(
			await refusalOf({
				resource: 'backup',
				operation: 'getAll',
				filters: { storage: picked('local,..') },
			}),
		).toContain('Filters → Storage must be the name of a storage');
	});
});

describe('JSON that does not parse', () => {
	it.each([
		['{"cipassword": hunter2-S3cret}', 'line 1, column 16'],
		['{\n  "cores": 2\n  "cipassword": "hunter2-S3cret"\n}', 'line 3, column 3'],
		['{"cipassword": "hunter2-S3cret', 'it ends too early at line 1, column 31'],
		['{"cipassword": "hunter2-S3cret\n"}', 'line 1, column 31'],
		['{"cipassword": "hunter2-S3cret",}', 'line 1, column 33'],
		["{'cipassword': 'hunter2-S3cret'}", 'line 1, column 2'],
		['{"cipassword": "hunter2-\\S3cret"}', 'line 1, column 26'],
		['{"cores": 01}', 'line 1, column 11'],
		['{"cores": 1}]', 'line 1, column 13'],
		['', 'line 1, column 1'],
	])('%j is refused by its place', async (text, place) => {
		const told = await refusalOf(json(text));
		expect(told).toContain('JSON is not valid: ');
		expect(told).toContain(place);
		expect(told).not.toContain('hunter2');
	});

	it.each(['```json\n{"cores": 3}\n```', '```\n{"cores": 3}\n```\n', '  {"cores": 3}\n'])(
		'but %j does',
		async (text) => {
			expect((await lab.configOf(json(text))).cores).toBe(3);
		},
	);
});

describe('a secret', () => {
	const secret = 'hunter2-S3cret';
	const wrong = [{ a: secret }, [secret], [[secret]], { cipassword: secret }];

	it.each([
		...wrong.map((cipassword) => json({ cipassword })),
		...wrong.map((cipassword) => ({ cloudInit: { cipassword } }) as INodeParameters),
		json({ [secret]: 'cipassword' }),
		json({ net0: { [secret]: 'cipassword' } }),
		json({ net0: `virtio,${secret}` }),
		json({ net0: `virtio,=${secret}` }),
		json({ net0: `virtio,${secret}=` }),
		json({ net0: `virtio,cipassword=${secret}` }),
		json({ ipconfig0: secret }),
		json({ cipasword: secret }),
		json({ CIPASSWORD: { value: secret } }),
		json([{ cipassword: secret }]),
		json(`{"cipassword": ${secret}}`),
		{ additionalParameters: { values: [{ name: 'cipassword', value: secret }] } },
		{ additionalParameters: { values: [{ name: '', value: secret }] } },
		{ additionalParameters: { values: [{ name: 'cipassword2', value: { a: secret } }] } },
		{ ...json({ cipassword: secret, cores: 'x' }), node: picked('bad_node') },
	] as INodeParameters[])('in %j is in no message and no log', async (parameters) => {
		const { error, logs } = await lab.run(parameters);
		expect(error).toBeDefined();
		expect(`${textOf(error)}${JSON.stringify(logs)}${String(error?.stack)}`).not.toContain(secret);
	});
});

describe('Additional Parameters', () => {
	it.each([
		'force',
		'archive',
		'vmid',
		'node',
		'start',
		'template',
		'cores',
		'net3',
		'scsi0',
		'efidisk0',
		'delete',
		'digest',
		'newid',
		'revert',
		' name ',
	])('refuse %s, which has a field', async (name) => {
		expect(await refusalOf({ additionalParameters: { values: [{ name, value: '1' }] } })).toContain(
			`Additional Parameter ${name.trim()} has its own field: set it in `,
		);
	});

	it('send every other name as it is', async () => {
		await lab.run({
			additionalParameters: {
				values: [
					{ name: 'brand-new', value: '1' },
					{ name: 'constructor', value: 'x' },
					{ name: '__proto__', value: 'y' },
				],
			},
		});
		expect(Object.fromEntries(sent())).toMatchObject({ 'brand-new': '1', constructor: 'x' });
		expect(sent().get('__proto__')).toBe('y');
	});
});

describe('a guard whose expression returns nothing', () => {
	const nothing = ['={{ $json.nothing }}', '={{ null }}', '={{ "" }}', '={{ " " }}'];
	const cases: Array<[string, (value: string) => INodeParameters]> = [
		['Preview', (preview) => ({ options: { preview } })],
		[
			'Wait for Completion',
			(waitForCompletion) => ({ operation: 'stop', vm: picked('100'), waitForCompletion }),
		],
		['Max Parallel', (maxParallel) => ({ options: { maxParallel } })],
		['Lowest VM ID', (lowestVmId) => ({ options: { lowestVmId } })],
		['Highest VM ID', (highestVmId) => ({ options: { highestVmId } })],
		[
			'Not Older Than (Days)',
			(maxAgeDays) => ({
				operation: 'restore',
				backupSource: 'newest',
				backupVm: picked('100'),
				maxAgeDays,
			}),
		],
		[
			'Config Digest',
			(digest) => ({ operation: 'update', vm: picked('100'), cores: 2, options: { digest } }),
		],
		[
			'Wait at Most (Seconds)',
			(waitAtMost) => ({
				resource: 'task',
				operation: 'wait',
				upid: 'UPID:pve1:000019FA:000E976D:6B042C6E:qmstart:100:root@pam:',
				options: { waitAtMost },
			}),
		],
		[
			'Snapshot',
			(snapshot) => ({
				operation: 'get',
				vm: picked('100'),
				options: { snapshot: picked(snapshot) },
			}),
		],
		[
			'Snapshot',
			(snapname) => ({
				operation: 'clone',
				vm: picked('100'),
				options: { snapname: picked(snapname) },
			}),
		],
		['Full Clone', (full) => ({ operation: 'clone', vm: picked('100'), full })],
		['Return All', (returnAll) => ({ operation: 'getAll', returnAll })],
	];
	it.each(
		cases.flatMap(([label, parameters]) =>
			nothing.map((value) => [label, value, parameters] as const),
		),
	)('(%s, %s) is an error, not off', async (label, value, parameters) => {
		expect(await refusalOf(parameters(value))).toContain(`${label} has no value`);
	});

	const filters: Array<[string, string, (value: string) => IDataObject]> = [
		['virtualMachine', 'Name Contains', (name) => ({ name })],
		['virtualMachine', 'Node', (node) => ({ node: picked(node) })],
		['virtualMachine', 'Status', (status) => ({ status })],
		['virtualMachine', 'Tags', (tags) => ({ tags })],
		['backup', 'Storage', (storage) => ({ storage: picked(storage) })],
		['backup', 'Guest', (vm) => ({ vm: picked(vm) })],
	];
	it.each(filters)(
		'(a filter of %s by %s) is an error, but an empty text filters nothing',
		async (resource, label, filter) => {
			for (const value of nothing.slice(0, 2)) {
				expect(
					await refusalOf({
						resource,
						operation: 'getAll',
						filters: filter(value),
					} as INodeParameters),
				).toContain(`Filters → ${label} has no value`);
			}
			expect(
				(
					await lab.run({
						resource,
						operation: 'getAll',
						filters: filter('={{ "" }}'),
					} as INodeParameters)
				).error,
			).toBeUndefined();
		},
	);
});

describe('flags, numbers and IDs as text', () => {
	it.each(['true', ' true ', '1', 1, true])(
		'Preview = %j shows and sends nothing',
		async (preview) => {
			expect(await lab.output({ options: { preview } })).toMatchObject({ method: 'POST' });
			expect(lab.emulator.requests).toEqual([]);
		},
	);

	it.each(['false', '0', 0, false])(
		'Wait for Completion = %j does not wait',
		async (waitForCompletion) => {
			expect(
				await lab.output({
					operation: 'convertToTemplate',
					vm: picked('100'),
					waitForCompletion,
				} as INodeParameters),
			).toMatchObject({ taskStatus: 'running' });
		},
	);

	it.each(['0x64', '1e2', '100.5', '99', '1000000000', [100], [[100]], true])(
		'%j is no VM',
		async (value) => {
			expect(
				await refusalOf({
					operation: 'get',
					vm: { __rl: true, mode: 'id', value },
				} as unknown as INodeParameters),
			).toContain('Virtual Machine must be a VM ID from 100 to 999999999');
		},
	);

	it.each([100, '100', ' 100 '])('%j is one', async (value) => {
		expect(
			await lab.output({
				operation: 'get',
				vm: { __rl: true, mode: 'id', value },
			} as unknown as INodeParameters),
		).toMatchObject({ vmid: 100 });
	});

	it('blanks around names and IDs are no part of them, but those of a description are', async () => {
		await lab.run(
			json({
				vmid: ' 6002 ',
				name: ' web ',
				node: ' pve1 ',
				cores: ' 2 ',
				onboot: ' true ',
				description: ' notes',
				net0: { model: 'virtio', bridge: ' vmbr0 ' },
			}),
		);
		expect(Object.fromEntries(sent())).toMatchObject({
			vmid: '6002',
			name: 'web',
			cores: '2',
			onboot: '1',
			description: ' notes',
			net0: 'virtio,bridge=vmbr0',
		});
	});
});

describe('an IP configuration that Proxmox would ignore', () => {
	it.each([
		[{ ip: 'dhcp', gw: '192.0.2.1' }, 'IPv4 Gateway cannot be set with IPv4 Address dhcp'],
		[{ ip: 'manual', gw: '192.0.2.1' }, 'IPv4 Gateway cannot be set with IPv4 Address manual'],
		[{ ip6: 'auto', gw6: '2001:db8::1' }, 'IPv6 Gateway cannot be set with IPv6 Address auto'],
		[{ ip6: 'dhcp', gw6: '2001:db8::1' }, 'IPv6 Gateway cannot be set with IPv6 Address dhcp'],
		[{ gw: '192.0.2.1' }, 'IPv4 Address is needed'],
		[{ ip: '192.0.2.5/24', ip6: 'auto', gw6: '2001:db8::1' }, 'IPv6 Gateway cannot be set'],
	])('%j is refused, in fields and in JSON', async (config, message) => {
		const { ip = '', gw = '', ...options } = config as Record<string, string>;
		expect(await refusalOf({ ipconfigList: { values: [{ ip, gw, options }] } })).toContain(message);
		expect(await refusalOf(json({ ipconfig0: config }))).toContain(message);
		expect(
			await refusalOf(
				json({
					ipconfig0: Object.entries(config)
						.map((pair) => pair.join('='))
						.join(','),
				}),
			),
		).toContain(message);
	});

	it('is none if each gateway has its address', async () => {
		await lab.run(
			json({
				ipconfig0: { ip: '192.0.2.5/24', gw: '192.0.2.1', ip6: 'auto' },
				ide2: 'local:cloudinit',
			}),
		);
		expect(sent().get('ipconfig0')).toBe('ip=192.0.2.5/24,gw=192.0.2.1,ip6=auto');
	});
});

describe('DNS servers and domains', () => {
	it.each(['1.1.1.1, 8.8.8.8', '1.1.1.1;8.8.8.8', '1.1.1.1\n8.8.8.8', ['1.1.1.1', '8.8.8.8']])(
		'%j are sent with blanks between them',
		async (nameserver) => {
			await lab.run(json({ nameserver, searchdomain: 'example.com,example.org;' }));
			expect(sent().get('nameserver')).toBe('1.1.1.1 8.8.8.8');
			expect(sent().get('searchdomain')).toBe('example.com example.org');
		},
	);

	it.each([
		[{ nameserver: '1.1.1.1, x_y' }, 'DNS Servers'],
		[{ searchdomain: 'example.com, a_b' }, 'DNS Search Domains'],
	])('%j are refused by item', async (given, label) => {
		expect(await refusalOf(json(given))).toContain(label);
		expect(await refusalOf({ cloudInit: given } as INodeParameters)).toContain(label);
	});
});

describe('what cannot work', () => {
	it.each([
		[
			{
				start: true,
				general: { agent_enabled: false },
				options: { waitUntil: 'ip', readyTimeout: 5 },
			},
			'Options → Wait Until needs Guest Agent',
		],
		[
			{ cores: 2, processor: { sockets: 2, vcpus: 5 } },
			'CPUs at Start (vcpus) must not be above cores × sockets (4)',
		],
		[json({ vcpus: 2 }), 'must not be above cores × sockets (1)'],
		[
			{ usbList: { values: [{ mapping: picked(''), options: {} }] } },
			'USB Device usb0 needs one of Mapped Device (mapping) and Raw Device (host)',
		],
		[
			json({ hostpci0: { pcie: true } }),
			'PCI Device hostpci0 needs one of Mapped Device (mapping) and Raw Device (host)',
		],
		[json({ usb0: '' }), 'USB Device usb0 needs one of'],
	] as Array<[INodeParameters, string]>)('%j is refused', async (parameters, message) =>
		expect(await refusalOf(parameters)).toContain(message),
	);

	it.each([
		[
			{ cloudInit: { ciuser: 'admin' } },
			'The VM has no cloud-init drive, so the guest does not get User (ciuser)',
		],
		[json({ start: true }), 'Start After Creation (start): the VM has no disk'],
		[
			json({ ide2: 'local:cloudinit', net0: 'virtio', ipconfig1: 'ip=dhcp' }),
			'ipconfig1 has no effect, because the VM has no network card net1',
		],
		[
			{
				diskList: {
					values: [
						{
							source: 'new',
							storage: picked('local'),
							size: 1,
							options: { bus: 'scsi', iothread: true },
						},
					],
				},
			},
			'SCSI Disk scsi0: I/O Thread has no effect',
		],
	] as Array<[INodeParameters, string]>)(
		'%j is done, with a warning',
		async (parameters, message) => {
			expect(await lab.output(parameters)).toMatchObject({
				taskStatus: 'warnings',
				exitStatus: 'OK',
				warnings: [expect.stringContaining(message)],
			});
		},
	);

	it.each([
		[{ cloudInit: { ciuser: 'admin' }, diskList: { values: [cloudInitDrive] } }],
		[json({ start: true, net0: 'virtio' })],
		[json({ start: true, scsi0: 'local:1' })],
		[json({ ide2: 'local:cloudinit', net0: 'virtio', ipconfig0: 'ip=dhcp' })],
		[
			{
				disks: { scsihw: 'virtio-scsi-single' },
				diskList: {
					values: [
						{
							source: 'new',
							storage: picked('local'),
							size: 1,
							options: { bus: 'scsi', iothread: true },
						},
					],
				},
			},
		],
		[{ cores: 2, processor: { sockets: 2, vcpus: 4 } }],
		[disk({})],
		[disk({ options: { bus: 'virtio', iothread: true } })],
		[json({ ciuser: 'admin', cdrom: 'local:cloudinit' })],
		// A backup may hold the cloud-init drive and the cores.
		[restored({ ciuser: 'admin', vcpus: 4 })],
	] as INodeParameters[][])('%j is done without one', async (parameters) => {
		expect(await lab.output(parameters ?? {})).toMatchObject({ taskStatus: 'ok', warnings: [] });
	});
});

describe('serial number and model of a disk', () => {
	it('are plain text for the user and percent-encoded in Proxmox', async () => {
		const { vmid } = await lab.output(
			json({ ide0: { file: 'local:1', serial: 'A 1/ü', model: 'My Disk 100%' } }),
		);
		expect((await readApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/config`)).ide0).toContain(
			'model=My%20Disk%20100%25,',
		);
		const { config } = await lab.output({
			operation: 'get',
			vm: picked(String(vmid)),
			simplify: false,
		});
		expect((config as IDataObject).ide0).toMatchObject({ serial: 'A 1/ü', model: 'My Disk 100%' });
	});

	it('stay as they are in the form of Proxmox, and hold no comma', async () => {
		await lab.run(json({ ide0: 'local:1,serial=A%201' }));
		expect(sent().get('ide0')).toBe('local:1,serial=A%201');
		lab.emulator.requests.length = 0;
		expect(await refusalOf(json({ ide0: { file: 'local:1', serial: 'a,b' } }))).toContain(
			'Serial Number must not contain a comma',
		);
	});
});

describe('JSON as other tools write it', () => {
	it('takes lists for keys and boot order, and the model of a card as its key', async () => {
		await lab.run(
			json({
				sshkeys: [`${KEY} a@x`, `${KEY} b@x`],
				boot: ['scsi0', 'net0'],
				scsi0: 'local:1',
				net0: { virtio: 'BC:24:11:00:00:01', bridge: 'vmbr0' },
				ide2: 'local:cloudinit',
			}),
		);
		expect(decodeURIComponent(sent().get('sshkeys') ?? '')).toBe(`${KEY} a@x\n${KEY} b@x`);
		expect(Object.fromEntries(sent())).toMatchObject({
			boot: 'order=scsi0;net0',
			net0: 'virtio,bridge=vmbr0,macaddr=BC:24:11:00:00:01',
		});
	});

	it.each([
		[{ ram: 1 }, 'did you mean memory?'],
		[{ cpus: 2 }, 'did you mean cores?'],
		[{ cpu: 4 }, 'the number of CPUs is cores'],
		[{ net: 'virtio' }, 'did you mean net0?'],
		[{ disk1: 'x' }, 'did you mean scsi1?'],
		[{ ssh_keys: 'x' }, 'did you mean sshkeys?'],
		[{ hostname: 'x' }, 'did you mean name?'],
		[{ net0: { model: 'virtio', vlan_id: 5 } }, 'did you mean tag?'],
		[{ net0: { model: 'virtio', vlan: 5 } }, 'did you mean tag?'],
		[{ scsi0: { storage: 'local', size: '8G' } }, 'a new disk is file with STORAGE:SIZE'],
		[{ scsi0: { file: 'local:1', discard: true } }, 'did you mean on?'],
		[{ bios: 'uefi' }, 'did you mean ovmf?'],
		[{ scsihw: 'virtio-scsi' }, 'did you mean virtio-scsi-pci?'],
		[{ ostype: 'linux' }, 'did you mean l26?'],
		[{ startup: { order: 1 } }, 'must be a plain value such as order=1,up=30,down=60'],
		[{ corse: 1 }, 'did you mean cores?'],
	])('helps with %j', async (given, hint) => expect(await refusalOf(json(given))).toContain(hint));

	it.each([
		{ vm: 1 },
		{ meta: 'x' },
		{ abc: 1 },
		{ foobar: 1 },
		{ ostype: 'beos' },
		{ net0: { model: 'xyz' } },
	])('suggests nothing for %j', async (given) => {
		expect(await refusalOf(json(given))).not.toContain('did you mean');
	});
});
