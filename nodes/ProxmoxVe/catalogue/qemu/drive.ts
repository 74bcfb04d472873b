import { choice, decimal, flag, integer, text } from '../fields';

/** What a volume on a storage can be, whatever it is plugged into. */
export const volume = {
	file: text({
		label: 'Volume',
		help: 'STORAGE:SIZE (in GiB) allocates a new disk, STORAGE:cloudinit a cloud-init drive. An existing volume, such as an ISO image, is attached; none is an empty CD drive.',
		required: true,
		format: 'pve-volume-id-or-qm-path',
		placeholder: 'local-lvm:32',
	}),
	format: choice({
		label: 'Format',
		help: 'Of a new disk',
		options: {
			raw: 'Raw',
			qcow2: 'QCOW2',
			vmdk: 'VMware VMDK',
			qcow: 'QCOW',
			qed: 'QED',
			cloop: 'Compressed Loop',
		},
	}),
	size: text({
		label: 'Size Note',
		help: 'Informational only: Proxmox ignores it',
		format: 'disk-size',
		placeholder: '32G',
	}),
};

/** Only if a disk can be created: not by Update, not for the old name cdrom. */
export const importFrom = {
	'import-from': text({
		label: 'Import From',
		help: 'The image to copy into the new disk, whose volume must be STORAGE:0. Accepts volumes with the content type images or import; absolute paths are for root@pam only. Create and Import download a URL first.',
		format: 'pve-volume-id-or-absolute-path',
		picker: 'searchImportImages',
		placeholder: 'local:import/debian-13.qcow2',
	}),
};

export const volumeAliases = { volume: 'file' } as const;

/** How fast a drive may be. A burst spends a reserve that fills up again while the drive is below its limit. */
const throttle = {
	mbps: decimal({
		label: 'Speed Limit (MiB/s)',
		initial: 100,
	}),
	mbps_rd: decimal({
		label: 'Read Speed Limit (MiB/s)',
		initial: 100,
	}),
	mbps_wr: decimal({
		label: 'Write Speed Limit (MiB/s)',
		initial: 100,
	}),
	mbps_max: decimal({
		label: 'Speed Burst (MiB/s)',
		initial: 200,
	}),
	mbps_rd_max: decimal({
		label: 'Read Speed Burst (MiB/s)',
		initial: 200,
	}),
	mbps_wr_max: decimal({
		label: 'Write Speed Burst (MiB/s)',
		initial: 200,
	}),
	bps_max_length: integer({
		label: 'Speed Burst Length (s)',
		min: 1,
	}),
	bps_rd_max_length: integer({
		label: 'Read Speed Burst Length (s)',
		min: 1,
	}),
	bps_wr_max_length: integer({
		label: 'Write Speed Burst Length (s)',
		min: 1,
	}),
	iops: integer({
		label: 'IOPS Limit',
		initial: 1000,
	}),
	iops_rd: integer({
		label: 'Read IOPS Limit',
		initial: 1000,
	}),
	iops_wr: integer({
		label: 'Write IOPS Limit',
		initial: 1000,
	}),
	iops_max: integer({
		label: 'IOPS Burst',
		initial: 2000,
	}),
	iops_rd_max: integer({
		label: 'Read IOPS Burst',
		initial: 2000,
	}),
	iops_wr_max: integer({
		label: 'Write IOPS Burst',
		initial: 2000,
	}),
	iops_max_length: integer({
		label: 'IOPS Burst Length (s)',
		min: 1,
	}),
	iops_rd_max_length: integer({
		label: 'Read IOPS Burst Length (s)',
		min: 1,
	}),
	iops_wr_max_length: integer({
		label: 'Write IOPS Burst Length (s)',
		min: 1,
	}),
	bps: integer({
		label: 'Speed Limit (Bytes/s)',
		help: 'Not applied by Proxmox',
		initial: 104857600,
	}),
	bps_rd: integer({
		label: 'Read Speed Limit (Bytes/s)',
		help: 'Not applied by Proxmox',
		initial: 104857600,
	}),
	bps_wr: integer({
		label: 'Write Speed Limit (Bytes/s)',
		help: 'Not applied by Proxmox',
		initial: 104857600,
	}),
};

/** The sub-options that drives of all buses share. */
export const drive = {
	...volume,
	media: choice({
		label: 'Media',
		help: 'ISO images need CD/DVD Drive',
		options: { disk: 'Disk', cdrom: 'CD/DVD Drive' },
		default: 'disk',
	}),
	cache: choice({
		label: 'Cache',
		help: 'Unsafe loses data when the host fails',
		options: {
			none: 'None',
			writeback: 'Write Back',
			writethrough: 'Write Through',
			directsync: 'Direct Sync',
			unsafe: 'Write Back (Unsafe)',
		},
	}),
	discard: choice({
		label: 'Discard',
		help: 'On frees unused space on thin storage',
		options: { on: 'On', ignore: 'Ignore' },
	}),
	aio: choice({
		label: 'Asynchronous I/O',
		options: { io_uring: 'io_uring', native: 'Native', threads: 'Threads' },
	}),
	backup: flag({
		label: 'Backup',
		initial: false,
	}),
	replicate: flag({
		label: 'Replicate',
		default: true,
	}),
	shared: flag({
		label: 'Shared',
		help: 'Whether all nodes have the volume',
		default: false,
	}),
	snapshot: flag({
		label: 'Discard Changes',
	}),
	detect_zeroes: flag({
		label: 'Detect Zeroes',
		help: 'Whether to optimize writes of zeroes',
		initial: false,
	}),
	serial: text({
		label: 'Serial Number',
		format: 'urlencoded',
		maxLength: 60,
		placeholder: 'DISK-0001',
	}),
	rerror: choice({
		label: 'On Read Error',
		options: { report: 'Report to Guest', stop: 'Stop VM', ignore: 'Ignore' },
	}),
	werror: choice({
		label: 'On Write Error',
		options: {
			enospc: 'Stop if Full',
			report: 'Report to Guest',
			stop: 'Stop VM',
			ignore: 'Ignore',
		},
	}),
	...throttle,
};

export const driveAliases = {
	...volumeAliases,
	bps_rd_length: 'bps_rd_max_length',
	bps_wr_length: 'bps_wr_max_length',
	iops_rd_length: 'iops_rd_max_length',
	iops_wr_length: 'iops_wr_max_length',
} as const;

/** What IDE, SATA and SCSI drives have on top. */
export const ataOptions = {
	ssd: flag({
		label: 'SSD Emulation',
	}),
	wwn: text({
		label: 'World Wide Name',
		help: '0x and 16 hexadecimal digits',
		pattern: '(0x)[0-9a-fA-F]{16}',
		placeholder: '0x5000c50015ea71ac',
	}),
};

export const ideOptions = {
	...ataOptions,
	model: text({
		label: 'Model',
		format: 'urlencoded',
		maxLength: 120,
		placeholder: 'Example Disk',
	}),
};

/** What SCSI and VirtIO drives have on top. */
export const paravirtualOptions = {
	iothread: flag({
		label: 'I/O Thread',
		help: 'Whether the drive has its own thread. SCSI needs VirtIO SCSI Single.',
	}),
	ro: flag({ label: 'Read Only' }),
};

export const scsiOptions = {
	...ataOptions,
	...paravirtualOptions,
	queues: integer({
		label: 'Queues',
		help: 'At most one per CPU',
		min: 2,
	}),
	scsiblock: flag({
		label: 'SCSI Block Passthrough',
		help: 'Whether to pass all SCSI commands to a device of the host',
		default: false,
	}),
	vendor: text({
		label: 'Vendor',
		help: 'Up to 8 letters, digits, spaces, - and _',
		since: '8.4',
		pattern: '[A-Za-z0-9\\-_\\s]{0,8}',
		placeholder: 'ACME',
	}),
	product: text({
		label: 'Product',
		help: 'Up to 16 letters, digits, spaces, - and _',
		since: '8.4',
		pattern: '[A-Za-z0-9\\-_\\s]{0,16}',
		placeholder: 'FastDisk',
	}),
};
