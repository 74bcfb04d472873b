import { choice, decimal, flag, integer, text } from '../fields';

/** What a volume on a storage can be, whatever it is plugged into. */
export const volume = {
	file: text({
		label: 'Volume',
		help: 'STORAGE:SIZE (in GiB) allocates a new disk, STORAGE:cloudinit a cloud-init drive. An existing volume, such as an ISO image, is attached; none makes an empty CD drive.',
		required: true,
		format: 'pve-volume-id-or-qm-path',
		placeholder: 'local-lvm:32',
	}),
	format: choice({
		label: 'Format',
		help: 'The image format of a new disk; by default that of the storage. Block storages support raw only.',
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
		help: 'Informational only: Proxmox ignores it and records the actual size. The size of a new disk is part of the volume.',
		format: 'disk-size',
		placeholder: '32G',
	}),
};

/** Only where a disk can be made: on create, not for the old name cdrom. */
export const importFrom = {
	'import-from': text({
		label: 'Import From',
		help: 'The image to copy into the new disk, whose volume must be STORAGE:0. Accepts volumes with the content type images or import; absolute paths are for root@pam only.',
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
		help: 'Upper limit for reads and writes together',
		initial: 100,
	}),
	mbps_rd: decimal({
		label: 'Read Speed Limit (MiB/s)',
		help: 'Upper limit for reads',
		initial: 100,
	}),
	mbps_wr: decimal({
		label: 'Write Speed Limit (MiB/s)',
		help: 'Upper limit for writes',
		initial: 100,
	}),
	mbps_max: decimal({
		label: 'Speed Burst (MiB/s)',
		help: 'Speed that reads and writes together may reach for a short time. Only useful with the speed limit.',
		initial: 200,
	}),
	mbps_rd_max: decimal({
		label: 'Read Speed Burst (MiB/s)',
		help: 'Speed that reads may reach for a short time. Only useful with the read speed limit.',
		initial: 200,
	}),
	mbps_wr_max: decimal({
		label: 'Write Speed Burst (MiB/s)',
		help: 'Speed that writes may reach for a short time. Only useful with the write speed limit.',
		initial: 200,
	}),
	bps_max_length: integer({
		label: 'Speed Burst Length (s)',
		help: 'How long a burst of reads and writes may last',
		min: 1,
	}),
	bps_rd_max_length: integer({
		label: 'Read Speed Burst Length (s)',
		help: 'How long a burst of reads may last',
		min: 1,
	}),
	bps_wr_max_length: integer({
		label: 'Write Speed Burst Length (s)',
		help: 'How long a burst of writes may last',
		min: 1,
	}),
	iops: integer({
		label: 'IOPS Limit',
		help: 'Upper limit for reads and writes together, in operations per second',
		initial: 1000,
	}),
	iops_rd: integer({
		label: 'Read IOPS Limit',
		help: 'Upper limit for reads, in operations per second',
		initial: 1000,
	}),
	iops_wr: integer({
		label: 'Write IOPS Limit',
		help: 'Upper limit for writes, in operations per second',
		initial: 1000,
	}),
	iops_max: integer({
		label: 'IOPS Burst',
		help: 'Operations per second that reads and writes together may reach for a short time. Only useful with the IOPS limit.',
		initial: 2000,
	}),
	iops_rd_max: integer({
		label: 'Read IOPS Burst',
		help: 'Read operations per second that may be reached for a short time. Only useful with the read IOPS limit.',
		initial: 2000,
	}),
	iops_wr_max: integer({
		label: 'Write IOPS Burst',
		help: 'Write operations per second that may be reached for a short time. Only useful with the write IOPS limit.',
		initial: 2000,
	}),
	iops_max_length: integer({
		label: 'IOPS Burst Length (s)',
		help: 'How long a burst of operations may last',
		min: 1,
	}),
	iops_rd_max_length: integer({
		label: 'Read IOPS Burst Length (s)',
		help: 'How long a burst of read operations may last',
		min: 1,
	}),
	iops_wr_max_length: integer({
		label: 'Write IOPS Burst Length (s)',
		help: 'How long a burst of write operations may last',
		min: 1,
	}),
	bps: integer({
		label: 'Speed Limit (Bytes/s)',
		help: 'Stored by Proxmox but not applied. Use the limit in MiB/s instead.',
		initial: 104857600,
	}),
	bps_rd: integer({
		label: 'Read Speed Limit (Bytes/s)',
		help: 'Stored by Proxmox but not applied. Use the limit in MiB/s instead.',
		initial: 104857600,
	}),
	bps_wr: integer({
		label: 'Write Speed Limit (Bytes/s)',
		help: 'Stored by Proxmox but not applied. Use the limit in MiB/s instead.',
		initial: 104857600,
	}),
};

/** The sub-options that drives of all buses share. */
export const drive = {
	...volume,
	media: choice({
		label: 'Media',
		help: 'What the guest sees: a disk or a CD drive. ISO images need CD/DVD Drive.',
		options: { disk: 'Disk', cdrom: 'CD/DVD Drive' },
		default: 'disk',
	}),
	cache: choice({
		label: 'Cache',
		help: 'How the host caches reads and writes; by default it does not. Write Back is faster, but relies on the guest flushing its data. Unsafe loses data when the host fails.',
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
		help: 'On passes TRIM requests of the guest to the storage, so that thin storage regains the space',
		options: { on: 'On', ignore: 'Ignore' },
	}),
	aio: choice({
		label: 'Asynchronous I/O',
		help: 'How the host performs reads and writes; by default whatever suits the storage',
		options: { io_uring: 'io_uring', native: 'Native', threads: 'Threads' },
	}),
	backup: flag({
		label: 'Backup',
		help: 'Whether backups of the VM include this drive. On by default.',
		initial: false,
	}),
	replicate: flag({
		label: 'Replicate',
		help: 'Whether replication jobs include this drive',
		default: true,
	}),
	shared: flag({
		label: 'Shared',
		help: 'Whether the volume is available on all nodes. This only declares it: Proxmox does not share the volume itself.',
		default: false,
	}),
	snapshot: flag({
		label: 'Discard Changes',
		help: 'Whether to discard all writes when the VM shuts down',
	}),
	detect_zeroes: flag({
		label: 'Detect Zeroes',
		help: 'Whether to optimize writes that consist of zeroes. On by default.',
		initial: false,
	}),
	serial: text({
		label: 'Serial Number',
		help: 'The serial number that the guest sees, as plain text of up to 20 bytes',
		format: 'urlencoded',
		maxLength: 60,
		placeholder: 'DISK-0001',
	}),
	rerror: choice({
		label: 'On Read Error',
		help: 'What to do when reading fails',
		options: { report: 'Report to Guest', stop: 'Stop VM', ignore: 'Ignore' },
	}),
	werror: choice({
		label: 'On Write Error',
		help: 'What to do when writing fails. Stop if Full pauses the VM only when the storage has run out of space.',
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
		help: 'Whether the guest sees an SSD instead of a rotating disk',
	}),
	wwn: text({
		label: 'World Wide Name',
		help: 'The worldwide name that the guest sees: 0x and 16 hexadecimal digits',
		pattern: '(0x)[0-9a-fA-F]{16}',
		placeholder: '0x5000c50015ea71ac',
	}),
};

export const ideOptions = {
	...ataOptions,
	model: text({
		label: 'Model',
		help: 'The model name that the guest sees, as plain text of up to 40 bytes',
		format: 'urlencoded',
		maxLength: 120,
		placeholder: 'Example Disk',
	}),
};

/** What SCSI and VirtIO drives have on top. */
export const paravirtualOptions = {
	iothread: flag({
		label: 'I/O Thread',
		help: 'Whether the host uses a separate thread for the drive. On SCSI this needs the controller VirtIO SCSI Single.',
	}),
	ro: flag({ label: 'Read Only', help: 'Whether the drive is read-only for the guest' }),
};

export const scsiOptions = {
	...ataOptions,
	...paravirtualOptions,
	queues: integer({
		label: 'Queues',
		help: 'Number of request queues that the guest can use in parallel, at most one per CPU',
		min: 2,
	}),
	scsiblock: flag({
		label: 'SCSI Block Passthrough',
		help: 'Whether to pass a block device of the host through with all its SCSI commands. Can cause I/O errors when the memory of the host is low or fragmented.',
		default: false,
	}),
	vendor: text({
		label: 'Vendor',
		help: 'The vendor name that the guest sees: up to 8 letters, digits, spaces, hyphens and underscores',
		since: '8.4',
		pattern: '[A-Za-z0-9\\-_\\s]{0,8}',
		placeholder: 'ACME',
	}),
	product: text({
		label: 'Product',
		help: 'The product name that the guest sees: up to 16 letters, digits, spaces, hyphens and underscores',
		since: '8.4',
		pattern: '[A-Za-z0-9\\-_\\s]{0,16}',
		placeholder: 'FastDisk',
	}),
};
