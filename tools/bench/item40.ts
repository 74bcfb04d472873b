import type { INodeParameters } from 'n8n-workflow';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });

/** How many of the API's parameters it sets, node and VM ID among them. */
export const PARAMETERS = 40;

/** A VM with much to say, as the editor stores it. */
export const item40: INodeParameters = {
	resource: 'virtualMachine',
	operation: 'create',
	profile: 'none',
	diskSource: 'none',
	bridge: { __rl: true, mode: 'name', value: '' },
	name: 'web-1',
	cores: 4,
	memory_current: 8192,
	moreSettings: [
		'general',
		'network',
		'cloudInit',
		'processor',
		'disks',
		'memory',
		'firmware',
		'display',
		'boot',
		'security',
	],
	diskList: {
		values: [
			{
				source: 'new',
				storage: picked('local'),
				size: 32,
				options: { bus: 'scsi', cache: 'writeback', discard: 'on', iothread: true, ssd: true },
			},
			{
				source: 'new',
				storage: picked('local'),
				size: 100,
				options: { bus: 'scsi', backup: false },
			},
			{ source: 'iso', iso: picked('local:iso/tiny.iso'), options: { bus: 'ide' } },
			{ source: 'cloudInit', storage: picked('local'), options: { bus: 'ide' } },
		],
	},
	netList: {
		values: [
			{
				model: 'virtio',
				bridge: picked('vmbr0'),
				options: { tag: 20, firewall: true, queues: 4, mtu: 1500 },
			},
			{
				model: 'e1000',
				bridge: picked('vmbr1'),
				options: { macaddr: 'BC:24:11:00:00:77', link_down: true },
			},
		],
	},
	general: {
		description: 'line one\nline two',
		tags: 'web;prod',
		ostype: 'l26',
		onboot: true,
		startup: 'order=2,up=30',
		agent_enabled: true,
		agent_fstrim_cloned_disks: true,
		protection: false,
	},
	processor: {
		sockets: 2,
		cpu_cputype: 'x86-64-v2-AES',
		cpu_flags: '+aes;-pcid',
		cpulimit: 1.5,
		cpuunits: 200,
		numa: true,
	},
	memory: { balloon: 4096, shares: 2000 },
	disks: { scsihw: 'virtio-scsi-single' },
	firmware: {
		bios: 'ovmf',
		machine_type: 'q35',
		efidisk0_file: 'local:1',
		efidisk0_efitype: '4m',
		tpmstate0_file: 'local:1',
		tpmstate0_version: 'v2.0',
		smbios1_manufacturer: 'Example',
	},
	display: { vga_type: 'virtio', vga_memory: 64 },
	boot: { boot_order: 'scsi0;net0', hotplug: ['disk', 'network'] },
	cloudInit: {
		ciuser: 'admin',
		sshkeys:
			'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII me@x',
		nameserver: '192.0.2.1',
	},
	ipconfigList: {
		values: [
			{ ip: '192.0.2.5/24', gw: '192.0.2.1', options: {} },
			{ ip: 'dhcp', gw: '', options: { ip6: 'auto' } },
		],
	},
	security: { rng0_source: '/dev/urandom', rng0_max_bytes: 512 },
	options: { node: picked('pve1'), vmId: '1234', preview: true },
};
