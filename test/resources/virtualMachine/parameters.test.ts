import type { INodeParameters } from 'n8n-workflow';

import { qemu } from '../../../nodes/ProxmoxVe/catalogue/qemu';
import { openLab, type Lab } from '../../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const disk = (values: INodeParameters): INodeParameters => ({ diskList: { values: [values] } });
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII me@x';
const MAC = /[0-9A-F]{2}(?::[0-9A-F]{2}){5}/;

/** A password cannot be compared. */
const SET_EACH_TIME = expect.objectContaining({ parameter: 'cipassword' }) as unknown;

interface Case {
	/** The API's parameters that it shows. */
	readonly shows: readonly string[];
	/** As the editor stores them in a workflow. */
	readonly given: INodeParameters;
	/** What the VM's config holds afterwards; a pattern where Proxmox makes up a part. */
	readonly config: Readonly<Record<string, string | number | RegExp>>;
}

const cases: Case[] = [
	{
		shows: ['name', 'description', 'tags', 'ostype', 'onboot', 'protection', 'startup', 'agent'],
		given: {
			name: 'web-1',
			general: {
				description: 'line one\nand ünïcode; 100 % + &',
				tags: 'web;prod',
				ostype: 'l26',
				onboot: true,
				protection: false,
				startup: 'order=2,up=30',
				agent_enabled: true,
				agent_fstrim_cloned_disks: true,
				agent_type: 'virtio',
			},
		},
		config: {
			name: 'web-1',
			description: 'line one\nand ünïcode; 100 % + &',
			tags: 'prod;web',
			ostype: 'l26',
			onboot: 1,
			protection: 0,
			startup: 'order=2,up=30',
			agent: /^1,(?=.*fstrim_cloned_disks=1)(?=.*type=virtio)/,
		},
	},
	{
		shows: ['scsi[n]', 'scsihw'],
		given: {
			...disk({
				source: 'new',
				storage: picked('local'),
				size: 4,
				options: {
					bus: 'scsi',
					cache: 'writeback',
					discard: 'on',
					iothread: true,
					ssd: true,
					serial: 'A1',
					slot: 3,
				},
			}),
			disks: { scsihw: 'virtio-scsi-single' },
		},
		config: {
			scsihw: 'virtio-scsi-single',
			scsi3:
				/^local:\d+\/vm-\d+-disk-0\.(?:raw|qcow2),cache=writeback,discard=on,iothread=1,serial=A1,size=4G,ssd=1$/,
		},
	},
	{
		shows: ['virtio[n]'],
		given: disk({
			source: 'new',
			storage: picked('local'),
			size: 1,
			options: { bus: 'virtio', backup: false },
			otherOptions: { values: [{ option: 'mbps_rd', value: '12.5' }] },
		}),
		config: { virtio0: /^local:\d+\/vm-\d+-disk-0\.\w+,backup=0,mbps_rd=12\.5,size=1G$/ },
	},
	{
		shows: ['sata[n]'],
		given: disk({
			source: 'new',
			storage: picked('local'),
			size: 1,
			options: { bus: 'sata', format: 'qcow2' },
		}),
		config: { sata0: /^local:\d+\/vm-\d+-disk-0\.qcow2,size=1G$/ },
	},
	{
		shows: ['ide[n]'],
		given: {
			diskList: {
				values: [
					{ source: 'iso', iso: picked('local:iso/tiny.iso'), options: { bus: 'ide' } },
					{ source: 'empty', options: { bus: 'ide', slot: 0 } },
					{ source: 'cloudInit', storage: picked('local'), options: { bus: 'ide' } },
				],
			},
		},
		config: {
			ide0: 'none,media=cdrom',
			ide2: /^local:iso\/tiny\.iso,media=cdrom/,
			ide1: /^local:\d+\/vm-\d+-cloudinit\.qcow2,media=cdrom/,
		},
	},
	{
		shows: ['cdrom'],
		given: { disks: { cdrom: 'local:iso/tiny.iso' } },
		config: { ide2: /^local:iso\/tiny\.iso,media=cdrom/ },
	},
	{
		shows: ['net[n]'],
		given: {
			netList: {
				values: [
					{
						model: 'virtio',
						bridge: picked('vmbr0'),
						options: { tag: 20, firewall: true, queues: 4, mtu: 1500, rate: 12.5 },
					},
					{
						model: 'e1000',
						bridge: picked('vmbr1'),
						options: { macaddr: 'BC:24:11:00:00:77', link_down: true, trunks: '10;20-29', slot: 5 },
					},
				],
			},
		},
		config: {
			net0: new RegExp(
				`^virtio=${MAC.source},bridge=vmbr0,firewall=1,mtu=1500,queues=4,rate=12\\.5,tag=20$`,
			),
			net5: 'e1000=BC:24:11:00:00:77,bridge=vmbr1,link_down=1,trunks=10;20-29',
		},
	},
	{
		shows: [
			'ciuser',
			'cipassword',
			'sshkeys',
			'ipconfig[n]',
			'nameserver',
			'searchdomain',
			'citype',
			'ciupgrade',
			'cicustom',
		],
		given: {
			cloudInit: {
				ciuser: 'admin',
				cipassword: 's3cret & more',
				sshkeys: `${KEY}\n`,
				nameserver: '192.0.2.1 2001:db8::1',
				searchdomain: 'example.com',
				citype: 'nocloud',
				ciupgrade: false,
				cicustom_user: picked('local:snippets/user.yaml'),
			},
			ipconfigList: {
				values: [
					{ ip: '192.0.2.5/24', gw: '192.0.2.1', options: {} },
					{ ip: 'dhcp', gw: '', options: { ip6: 'auto', slot: 4 } },
				],
			},
		},
		config: {
			ciuser: 'admin',
			cipassword: '**********',
			sshkeys: encodeURIComponent(KEY),
			ipconfig0: /^(?=.*ip=192\.0\.2\.5\/24)(?=.*gw=192\.0\.2\.1)/,
			ipconfig4: /^(?=.*ip=dhcp)(?=.*ip6=auto)/,
			nameserver: '192.0.2.1 2001:db8::1',
			searchdomain: 'example.com',
			citype: 'nocloud',
			ciupgrade: 0,
			cicustom: 'user=local:snippets/user.yaml',
		},
	},
	{
		shows: ['cores', 'sockets', 'cpu', 'vcpus', 'cpulimit', 'cpuunits', 'numa', 'numa[n]', 'kvm'],
		given: {
			processor: {
				sockets: 2,
				cpu_cputype: picked('x86-64-v2-AES'),
				cpu_flags: '+aes;-pcid',
				vcpus: 3,
				cpulimit: 1.5,
				cpuunits: 200,
				numa: true,
				kvm: false,
			},
			cores: 2,
			numaList: {
				values: [{ cpus: '0-1', memory: 512, options: { policy: 'bind', hostnodes: '0' } }],
			},
		},
		config: {
			cores: 2,
			sockets: 2,
			cpu: 'x86-64-v2-AES,flags=+aes;-pcid',
			vcpus: 3,
			cpulimit: /^1\.5$/,
			cpuunits: 200,
			numa: 1,
			numa0: /^(?=.*cpus=0-1)(?=.*memory=512)(?=.*policy=bind)(?=.*hostnodes=0)/,
			kvm: 0,
		},
	},
	{ shows: ['smp'], given: { processor: { smp: 2 } }, config: { sockets: 2 } },
	{
		shows: ['memory', 'balloon', 'shares', 'allow-ksm'],
		given: { memory_current: 2048, memory: { balloon: 1024, shares: 2000, 'allow-ksm': false } },
		config: { memory: /^2048$/, balloon: 1024, shares: 2000, 'allow-ksm': 0 },
	},
	{
		shows: ['bios', 'machine', 'efidisk0', 'tpmstate0', 'smbios1', 'acpi'],
		given: {
			firmware: {
				bios: 'ovmf',
				machine_type: picked('q35'),
				machine_viommu: 'virtio',
				efidisk0_file: picked('local'),
				efidisk0_efitype: '4m',
				'efidisk0_pre-enrolled-keys': true,
				tpmstate0_file: { __rl: true, mode: 'name', value: 'local:1' },
				tpmstate0_version: 'v2.0',
				smbios1_manufacturer: 'Example & Söhne',
				smbios1_serial: 'SN-1',
				acpi: false,
			},
		},
		config: {
			bios: 'ovmf',
			machine: 'q35,viommu=virtio',
			efidisk0: /^local:\d+\/vm-\d+-disk-\d\.\w+,efitype=4m,.*pre-enrolled-keys=1/,
			tpmstate0: /^local:\d+\/vm-\d+-disk-\d\.\w+,.*version=v2\.0/,
			smbios1: new RegExp(
				`^(?=.*base64=1)(?=.*manufacturer=${Buffer.from('Example & Söhne').toString('base64')})(?=.*serial=${Buffer.from('SN-1').toString('base64')})`,
			),
			acpi: 0,
		},
	},
	{
		shows: ['vga', 'keyboard', 'tablet', 'audio0'],
		given: {
			display: {
				vga_type: 'virtio',
				vga_memory: 64,
				keyboard: 'de',
				tablet: false,
				audio0_device: 'ich9-intel-hda',
				audio0_driver: 'none',
			},
		},
		config: {
			vga: 'virtio,memory=64',
			keyboard: 'de',
			tablet: 0,
			audio0: /^(?=.*device=ich9-intel-hda)(?=.*driver=none)/,
		},
	},
	{
		shows: ['boot', 'reboot', 'autostart', 'startdate', 'localtime', 'freeze', 'tdf', 'hotplug'],
		given: {
			netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
			boot: {
				boot_order: 'net0',
				reboot: false,
				autostart: true,
				freeze: false,
				hotplug: ['disk', 'network'],
			},
			firmware: { startdate: '2026-01-02T03:04:05', localtime: true, tdf: true },
		},
		config: {
			boot: 'order=net0',
			reboot: 0,
			autostart: 1,
			startdate: '2026-01-02T03:04:05',
			localtime: 1,
			freeze: 0,
			tdf: 1,
			hotplug: 'disk,network',
		},
	},
	{ shows: ['bootdisk'], given: { boot: { bootdisk: 'scsi0' } }, config: { bootdisk: 'scsi0' } },
	{
		shows: ['hostpci[n]', 'usb[n]', 'virtiofs[n]'],
		given: {
			hostpciList: {
				values: Array.from({ length: 8 }, () => ({
					mapping: picked('gpu'),
					options: { pcie: false, rombar: false },
				})),
			},
			usbList: {
				values: [
					{ mapping: picked(''), options: { host: 'spice' } },
					{ mapping: picked('usbkey'), options: { usb3: true, slot: 2 } },
				],
			},
			virtiofsList: {
				values: [{ dirid: picked('share1'), options: { 'direct-io': true, 'expose-acl': true } }],
			},
		},
		config: {
			hostpci0: /^(?=.*mapping=gpu)(?=.*pcie=0)(?=.*rombar=0)/,
			hostpci7: /mapping=gpu/,
			usb0: /spice/,
			usb2: /^(?=.*mapping=usbkey)(?=.*usb3=1)/,
			virtiofs0: /^share1,(?=.*direct-io=1)(?=.*expose-acl=1)/,
		},
	},
	{
		shows: ['serial[n]'],
		given: {
			serialList: {
				values: [
					{ value: 'socket', options: {} },
					{ value: 'socket', options: { slot: 3 } },
				],
			},
		},
		config: { serial0: 'socket', serial3: 'socket' },
	},
	{
		shows: ['rng0', 'watchdog', 'migrate_downtime', 'migrate_speed', 'vmstatestorage'],
		given: {
			security: { rng0_source: '/dev/urandom', rng0_max_bytes: 512, rng0_period: 500 },
			advanced: {
				watchdog_model: 'i6300esb',
				watchdog_action: 'reset',
				migrate_downtime: 0.5,
				migrate_speed: 100,
				vmstatestorage: picked('local'),
			},
		},
		config: {
			rng0: /^(?=.*\/dev\/urandom)(?=.*max_bytes=512)(?=.*period=500)/,
			watchdog: /^(?=.*i6300esb)(?=.*action=reset)/,
			migrate_downtime: /^0\.5$/,
			migrate_speed: 100,
			vmstatestorage: 'local',
		},
	},
];

/** What Proxmox lets only root@pam set, and only with a password. */
const rootOnly: ReadonlyArray<
	readonly [name: string, given: INodeParameters, stored: string | RegExp]
> = [
	['affinity', { processor: { affinity: '0-1' } }, '0-1'],
	['arch', { processor: { arch: 'x86_64' } }, 'x86_64'],
	['args', { advanced: { args: '-no-reboot' } }, '-no-reboot'],
	[
		'hookscript',
		{ general: { hookscript: picked('local:snippets/hook.sh') } },
		'local:snippets/hook.sh',
	],
	['hugepages', { memory: { hugepages: 'any' } }, 'any'],
	['keephugepages', { memory: { keephugepages: true } }, '1'],
	[
		'ivshmem',
		{ passthrough: { ivshmem_size: 32, ivshmem_name: 'shm' } },
		/^(?=.*size=32)(?=.*name=shm)/,
	],
	['lock', { general: { lock: 'backup' } }, 'backup'],
	[
		'parallel[n]',
		{ parallelList: { values: [{ value: '/dev/parport0', options: {} }] } },
		'/dev/parport0',
	],
	[
		'spice_enhancements',
		{ display: { spice_enhancements_foldersharing: true } },
		'foldersharing=1',
	],
	['amd-sev', { security: { 'amd-sev_type': 'snp', 'amd-sev_no-debug': true } }, 'snp,no-debug=1'],
	[
		'intel-tdx',
		{ security: { 'intel-tdx_type': 'tdx', 'intel-tdx_attestation': false } },
		'tdx,attestation=0',
	],
	[
		'vmgenid',
		{ firmware: { vmgenid: '11111111-2222-4333-8444-555555555555' } },
		'11111111-2222-4333-8444-555555555555',
	],
];

/** Shown elsewhere, because there is nothing of them in the config. */
const elsewhere: Readonly<Record<string, string>> = {
	node: 'create.test.ts: where every VM goes',
	vmid: 'create.test.ts: fixed and next free',
	archive: 'restore.test.ts',
	force: 'restore.test.ts',
	unique: 'restore.test.ts',
	storage: 'restore.test.ts',
	'live-restore': 'restore.test.ts',
	bwlimit: 'restore.test.ts',
	pool: 'create.test.ts: the pool has the VM',
	start: 'create.test.ts: the VM runs',
	template: 'create.test.ts: the VM is a template',
	'ha-managed': 'create.test.ts: what the API answers',
	'import-working-storage': 'create.test.ts: import',
	'unused[n]': 'create.test.ts: what the API answers',
};

describe('every parameter, from the editor through the API into the config', () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await openLab();
	});
	afterAll(async () => await lab.close());

	it.each(cases)('$shows', async ({ given, config }) => {
		const found = await lab.configOf(given);
		for (const [name, value] of Object.entries(config)) {
			// The API reports some numbers as text, so a pattern is held against the text of a value.
			if (value instanceof RegExp)
				expect({ [name]: String(found[name]) }).toEqual({
					[name]: expect.stringMatching(value) as string,
				});
			else expect({ [name]: found[name] }).toEqual({ [name]: value });
		}
	});

	it.each(cases)('$shows: Update It sends nothing if nothing differs', async ({ given }) => {
		const fixed = { ...given, options: { ifExists: 'update', maxPollInterval: 0.1, vmId: '7000' } };
		await lab.output(fixed);
		const writes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET').length;
		const before = writes();
		const { changes, reused } = await lab.output(fixed);
		expect({ changes, reused }).toEqual({
			changes: 'cipassword' in ((given.cloudInit ?? {}) as object) ? [SET_EACH_TIME] : [],
			reused: true,
		});
		expect(writes() - before).toBe((changes as unknown[]).length);
	});

	it.each(rootOnly)('%s, by root@pam with a password', async (name, given, stored) => {
		const found = await lab.configOf({ ...given, authentication: 'password' });
		const value = String(found[name.replace('[n]', '0')]);
		if (stored instanceof RegExp) expect(value).toMatch(stored);
		else expect(value).toBe(stored);
	});

	it.each(rootOnly)('%s is refused with an API token before any request', async (_name, given) => {
		const before = lab.emulator.requests.length;
		const { error } = await lab.run(given);
		expect(error?.message).toContain(
			'can be set only by root@pam with a password, never by an API token',
		);
		expect(error?.message).toContain(
			'of the type User and Password (Credential → Create new credential',
		);
		expect(lab.emulator.requests).toHaveLength(before);
	});

	it('covers all of them', () => {
		const shown = [
			...cases.flatMap(({ shows }) => shows),
			...rootOnly.map(([name]) => name),
			...Object.keys(elsewhere),
		];
		expect([...new Set(shown)].sort()).toEqual(Object.keys(qemu.parameters).sort());
	});
});
