import { clusterState } from './build';
import type { ClusterState, OciImage, VmConfig, Volume } from './types';

const GIB = 1024 ** 3;
const HOUR = 3_600;
const DAY = 24 * HOUR;

/** The system that the VM with a backup and the template have: Debian from a cloud image. */
const DEBIAN: VmConfig = {
	agent: '1',
	boot: 'order=scsi0',
	cores: 2,
	cpu: 'x86-64-v2-AES',
	ipconfig0: 'ip=dhcp',
	memory: '2048',
	ostype: 'l26',
	scsihw: 'virtio-scsi-single',
	serial0: 'socket',
	vga: 'serial0',
};

const IMAGE = 'debian-13-genericcloud-amd64.qcow2';
const VMS = { web: 100, expired: 101, template: 8000 };
/** A container that runs, and the template that it was made from. */
const CT = 300;
const CT_TEMPLATE = 'debian-13-standard_13.1-2_amd64.tar.zst';

/** An image of a registry. */
const NGINX: OciImage = {
	ostype: 'debian',
	entrypoint: ['/docker-entrypoint.sh'],
	cmd: ['nginx', '-g', 'daemon off;'],
	env: [
		'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
		'NGINX_VERSION=1.29.3',
	],
	stopSignal: 'SIGQUIT',
};

const PROXY: VmConfig = {
	arch: 'amd64',
	cores: 1,
	features: 'nesting=1',
	hostname: 'proxy',
	memory: 512,
	net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:03:00,ip=dhcp,type=veth',
	ostype: 'debian',
	rootfs: `local-lvm:vm-${CT}-disk-0,size=8G`,
	swap: 512,
	unprivileged: 1,
};

/**
 * The cluster of `npm start`, `npm run n8n`, `npm run workflow` and `npm run emulator`: named as Proxmox's installer
 * names things, with all that the workflows of examples/ look for. `now` is in seconds since 1970.
 */
export function demoState(now: number): ClusterState {
	const state = clusterState(
		{
			nodes: [{ name: 'pve', bridges: ['vmbr0'] }],
			storages: [
				{
					storage: 'local',
					path: '/var/lib/vz',
					content: ['images', 'iso', 'vztmpl', 'backup', 'import', 'snippets'],
				},
				{
					storage: 'local-lvm',
					type: 'lvmthin',
					path: '/dev/pve',
					content: ['images', 'rootdir'],
					total: 500 * GIB,
				},
			],
			guests: [
				{ vmid: VMS.web, node: 'pve', running: true, config: withDrives(VMS.web, 'web') },
				{
					vmid: VMS.expired,
					node: 'pve',
					running: true,
					config: { ...withDrives(VMS.expired, 'old-test'), tags: 'expires-2020-01-01;temporary' },
				},
				{
					vmid: VMS.template,
					node: 'pve',
					config: { ...withDrives(VMS.template, 'debian-13', 'base'), template: 1 },
				},
				{ vmid: CT, node: 'pve', type: 'lxc', running: true, config: { ...PROXY } },
			],
		},
		now,
	);
	for (const vm of state.vms.values()) {
		if (vm.type === 'lxc') continue;
		Object.assign(vm, { agentRuns: vm.status === 'running', ignoresShutdown: false });
		vm.addresses = [`198.51.100.${(vm.vmid % 250) + 1}`];
		for (const volume of disksOf(vm.vmid, vm.config, now)) state.volumes.set(volume.volid, volume);
	}
	state.volumes.set(volidOf(PROXY.rootfs), rootDisk(now));
	for (const volume of filesOf(now)) state.volumes.set(volume.volid, volume);
	state.web.set(`https://cloud.debian.org/images/cloud/trixie/latest/${IMAGE}`, {
		size: 400 * 1024 ** 2,
		sums: {},
		disk: { format: 'qcow2', size: 3 * GIB },
		boots: true,
	});
	for (const { location, sha512sum } of state.appliances)
		state.web.set(location, { size: 130 * 1024 ** 2, sums: { sha512: sha512sum } });
	for (const tag of ['1.29', 'latest']) state.registry.set(`docker.io/library/nginx:${tag}`, NGINX);
	state.history = [failedBackup(now)];
	return state;
}

const withDrives = (vmid: number, name: string, kind = 'vm'): VmConfig => ({
	...DEBIAN,
	name,
	ide2: `local-lvm:vm-${vmid}-cloudinit,media=cdrom`,
	net0: `virtio=BC:24:11:00:${vmid === VMS.template ? '80:00' : `01:0${vmid % 10}`},bridge=vmbr0`,
	scsi0: `local-lvm:${kind}-${vmid}-disk-0,discard=on,iothread=1,size=8G`,
	smbios1: `uuid=35ac12a0-bf85-4221-a511-${String(vmid).padStart(12, '0')}`,
	vmgenid: `627fb490-5ede-4979-8b6b-${String(vmid).padStart(12, '0')}`,
	meta: 'creation-qemu=10.0.13,ctime=1795435345',
});

const volidOf = (drive: string | number | undefined): string =>
	String(drive).split(',', 1)[0] ?? '';

function disksOf(vmid: number, { scsi0, ide2 }: VmConfig, now: number): Volume[] {
	const disk = {
		storage: 'local-lvm',
		content: 'images',
		vmid,
		ctime: now - 30 * DAY,
	};
	return [
		{ ...disk, volid: volidOf(scsi0), format: 'raw', size: 8 * GIB, used: 2 * GIB, boots: true },
		{ ...disk, volid: volidOf(ide2), format: 'raw', size: 4 * 1024 ** 2, used: 4 * 1024 ** 2 },
	];
}

const rootDisk = (now: number): Volume => ({
	volid: volidOf(PROXY.rootfs),
	storage: 'local-lvm',
	content: 'rootdir',
	format: 'raw',
	size: 8 * GIB,
	used: GIB,
	ctime: now - 30 * DAY,
	vmid: CT,
});

/** Cloud image, ISO images, the template of a container and the backups of last night. */
function filesOf(now: number): Volume[] {
	const file = (content: string, name: string, size: number): Volume => ({
		volid: `local:${content}/${name}`,
		storage: 'local',
		content,
		format: name.split('.').pop() ?? '',
		size,
		used: size,
		ctime: now - 20 * DAY,
	});
	const ctime = now - 10 * HOUR;
	const [day, time] = new Date(ctime * 1000).toISOString().replace(/[-:]/g, '_').split('T');
	const archive = `vzdump-qemu-${VMS.web}-${day}-${time?.slice(0, 8)}.vma.zst`;
	const ctArchive = `vzdump-lxc-${CT}-${day}-${time?.slice(0, 8)}.tar.zst`;
	return [
		{ ...file('vztmpl', CT_TEMPLATE, 130 * 1024 ** 2), format: 'tzst' },
		{
			...file('import', IMAGE, 3 * GIB),
			used: 400 * 1024 ** 2,
			boots: true,
		},
		{
			...file('import', 'appliance.ova', 600 * 1024 ** 2),
			guest: {
				name: 'appliance',
				cores: 2,
				memory: 2048,
				ostype: 'l26',
				disks: [{ slot: 'scsi0', file: 'appliance-disk1.vmdk', size: 4 * GIB, boots: true }],
				cards: [{ model: 'vmxnet3' }],
			},
		},
		file('iso', 'debian-13.2.0-amd64-netinst.iso', 784 * 1024 ** 2),
		file('iso', 'Win11_25H2_English_x64.iso', 7 * GIB),
		file('iso', 'virtio-win.iso', 754 * 1024 ** 2),
		{
			...file('backup', archive, 900 * 1024 ** 2),
			format: 'vma.zst',
			ctime,
			vmid: VMS.web,
			notes: 'web',
			backup: {
				config: withDrives(VMS.web, 'web'),
				drives: { scsi0: { size: 8 * GIB, format: 'raw', storage: 'local-lvm', boots: true } },
				ctime,
			},
		},
		{
			...file('backup', ctArchive, 180 * 1024 ** 2),
			format: 'tar.zst',
			ctime,
			vmid: CT,
			notes: 'proxy',
			backup: {
				config: { ...PROXY },
				drives: { rootfs: { size: 8 * GIB, format: 'raw', storage: 'local-lvm' } },
				ctime,
			},
		},
	];
}

function failedBackup(now: number) {
	const problem = `job errors`;
	const starttime = now - HOUR;
	return {
		type: 'vzdump',
		id: '',
		authId: 'root@pam',
		starttime,
		endtime: starttime + 372,
		exitstatus: problem,
		log: [
			`INFO: starting new backup job: vzdump ${VMS.expired} --storage local --mode snapshot`,
			`INFO: Starting Backup of VM ${VMS.expired} (qemu)`,
			`ERROR: Backup of VM ${VMS.expired} failed - vma_queue_write: write error - Broken pipe`,
			'INFO: Backup job finished with errors',
			`TASK ERROR: ${problem}`,
		],
	};
}
