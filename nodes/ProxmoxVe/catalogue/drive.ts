import { choice, decimal, flag, integer, text } from './fields';

/** What a volume on a storage can be, whatever it is plugged into. */
export const volume = {
	file: text({
		label: 'Volume',
		help: 'STORAGE:SIZE in GiB makes a new disk, STORAGE:cloudinit a cloud-init drive. A volume such as local:iso/debian.iso is used as it is, and none is an empty drive.',
		required: true,
		format: 'pve-volume-id-or-qm-path',
		placeholder: 'local-lvm:32',
	}),
	format: choice({
		label: 'Format',
		help: 'The image format of a new disk. The storage chooses where it is not set; block storages take raw only.',
		options: { raw: 'Raw', qcow2: 'QCOW2', vmdk: 'VMware VMDK', qcow: 'QCOW', qed: 'QED', cloop: 'Compressed Loop' },
	}),
	size: text({
		label: 'Size Note',
		help: 'Proxmox ignores it here and records the true size itself. The size of a new disk belongs to its volume.',
		format: 'disk-size',
		placeholder: '32G',
	}),
};

/** Only where a disk can be made: on create, not for the old name cdrom. */
export const importFrom = {
	'import-from': text({
		label: 'Import From',
		help: 'Image to copy into the new disk, whose volume is then STORAGE:0. A volume of content type images or import; a path only as root@pam.',
		format: 'pve-volume-id-or-absolute-path',
		picker: 'searchImportImages',
		placeholder: 'local:import/debian-13.qcow2',
	}),
};

export const volumeAliases = { volume: 'file' } as const;

/** How fast a drive may be. Bursts use up a reserve that fills again while the drive is slower. */
const throttle = {
	mbps: decimal({ label: 'Speed Limit (MiB/s)', help: 'Reads and writes together', initial: 100 }),
	mbps_rd: decimal({ label: 'Read Speed Limit (MiB/s)', help: 'Reads alone', initial: 100 }),
	mbps_wr: decimal({ label: 'Write Speed Limit (MiB/s)', help: 'Writes alone', initial: 100 }),
	mbps_max: decimal({
		label: 'Speed Burst (MiB/s)',
		help: 'What reads and writes together may reach for a short time. Needs the limit too.',
		initial: 200,
	}),
	mbps_rd_max: decimal({
		label: 'Read Speed Burst (MiB/s)',
		help: 'What reads may reach for a short time. Needs the limit too.',
		initial: 200,
	}),
	mbps_wr_max: decimal({
		label: 'Write Speed Burst (MiB/s)',
		help: 'What writes may reach for a short time. Needs the limit too.',
		initial: 200,
	}),
	bps_max_length: integer({
		label: 'Speed Burst Length (s)',
		help: 'How many seconds a burst of reads and writes may last',
		min: 1,
	}),
	bps_rd_max_length: integer({
		label: 'Read Speed Burst Length (s)',
		help: 'How many seconds a burst of reads may last',
		min: 1,
	}),
	bps_wr_max_length: integer({
		label: 'Write Speed Burst Length (s)',
		help: 'How many seconds a burst of writes may last',
		min: 1,
	}),
	iops: integer({ label: 'IOPS Limit', help: 'Reads and writes together, in operations a second', initial: 1000 }),
	iops_rd: integer({ label: 'Read IOPS Limit', help: 'Reads alone, in operations a second', initial: 1000 }),
	iops_wr: integer({ label: 'Write IOPS Limit', help: 'Writes alone, in operations a second', initial: 1000 }),
	iops_max: integer({
		label: 'IOPS Burst',
		help: 'Operations a second that reads and writes together may reach for a short time. Needs the limit too.',
		initial: 2000,
	}),
	iops_rd_max: integer({
		label: 'Read IOPS Burst',
		help: 'Operations a second that reads may reach for a short time. Needs the limit too.',
		initial: 2000,
	}),
	iops_wr_max: integer({
		label: 'Write IOPS Burst',
		help: 'Operations a second that writes may reach for a short time. Needs the limit too.',
		initial: 2000,
	}),
	iops_max_length: integer({
		label: 'IOPS Burst Length (s)',
		help: 'How many seconds a burst of operations may last',
		min: 1,
	}),
	iops_rd_max_length: integer({
		label: 'Read IOPS Burst Length (s)',
		help: 'How many seconds a burst of read operations may last',
		min: 1,
	}),
	iops_wr_max_length: integer({
		label: 'Write IOPS Burst Length (s)',
		help: 'How many seconds a burst of write operations may last',
		min: 1,
	}),
	bps: integer({
		label: 'Speed Limit (Bytes/s)',
		help: 'Proxmox stores it and does not apply it. Use the limit in MiB/s.',
		initial: 104857600,
	}),
	bps_rd: integer({
		label: 'Read Speed Limit (Bytes/s)',
		help: 'Proxmox stores it and does not apply it. Use the limit in MiB/s.',
		initial: 104857600,
	}),
	bps_wr: integer({
		label: 'Write Speed Limit (Bytes/s)',
		help: 'Proxmox stores it and does not apply it. Use the limit in MiB/s.',
		initial: 104857600,
	}),
};

/** The sub-options that drives of all buses share. */
export const drive = {
	...volume,
	media: choice({
		label: 'Media',
		help: 'Whether the guest sees a disk or a CD drive. ISO images and cloud-init drives are CDs.',
		options: { disk: 'Disk', cdrom: 'CD/DVD Drive' },
		default: 'disk',
	}),
	cache: choice({
		label: 'Cache',
		help: 'How the host caches. None is safe and fast on most storages; with Write Back the guest must flush what matters; Unsafe loses data when the host fails.',
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
		help: 'On hands TRIM requests of the guest through, so that a thin storage gets freed space back',
		options: { on: 'On', ignore: 'Ignore' },
	}),
	aio: choice({
		label: 'Asynchronous I/O',
		help: 'How the host carries out reads and writes. Proxmox picks what suits the storage where it is not set.',
		options: { io_uring: 'io_uring', native: 'Native', threads: 'Threads' },
	}),
	backup: flag({ label: 'Backup', help: 'Whether backups of the VM hold this drive; they do where it is not set' }),
	replicate: flag({ label: 'Replicate', help: 'Whether replication jobs copy this drive', default: true }),
	shared: flag({
		label: 'Shared',
		help: 'Whether the volume can be reached from all nodes under the same name. It only says so, and shares nothing.',
		default: false,
	}),
	snapshot: flag({
		label: 'Discard Changes',
		help: 'Whether all writes are thrown away when the VM shuts down',
	}),
	detect_zeroes: flag({
		label: 'Detect Zeroes',
		help: 'Whether blocks of zeroes are written in a cheaper way; they are where it is not set',
	}),
	serial: text({
		label: 'Serial Number',
		help: 'The serial number that the guest reads, percent-encoded, up to 20 bytes',
		format: 'urlencoded',
		maxLength: 60,
		placeholder: 'DISK-0001',
	}),
	rerror: choice({
		label: 'On Read Error',
		help: 'Ignore it, report it to the guest, or stop the VM',
		options: { report: 'Report', stop: 'Stop', ignore: 'Ignore' },
	}),
	werror: choice({
		label: 'On Write Error',
		help: 'Ignore it, report it to the guest, stop the VM, or stop it only where the storage is full',
		options: { enospc: 'Stop if Full', report: 'Report', stop: 'Stop', ignore: 'Ignore' },
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
	ssd: flag({ label: 'SSD Emulation', help: 'Whether the guest sees a solid-state disk' }),
	wwn: text({
		label: 'World Wide Name',
		help: 'The name that the guest reads: 0x and 16 hexadecimal digits',
		pattern: '(0x)[0-9a-fA-F]{16}',
		placeholder: '0x5000c50015ea71ac',
	}),
};

export const ideOptions = {
	...ataOptions,
	model: text({
		label: 'Model',
		help: 'The model name that the guest reads, percent-encoded, up to 40 bytes',
		format: 'urlencoded',
		maxLength: 120,
		placeholder: 'QEMU%20HARDDISK',
	}),
};

/** What SCSI and VirtIO drives have on top. */
export const paravirtualOptions = {
	iothread: flag({
		label: 'I/O Thread',
		help: 'Whether the drive has a thread of its own on the host. With SCSI it needs the controller VirtIO SCSI Single.',
	}),
	ro: flag({ label: 'Read Only', help: 'Whether the guest cannot write to the drive' }),
};

export const scsiOptions = {
	...ataOptions,
	...paravirtualOptions,
	queues: integer({
		label: 'Queues',
		help: 'Request queues that the guest can work on side by side; as many as it has CPUs is a good start',
		min: 2,
	}),
	scsiblock: flag({
		label: 'SCSI Block Passthrough',
		help: 'Whether SCSI commands go straight to a block device of the host. Can cause I/O errors when the memory of the host is short or fragmented.',
		default: false,
	}),
	vendor: text({
		label: 'Vendor',
		help: 'The vendor that the guest reads, up to 8 characters',
		since: '8.4',
		pattern: '[A-Za-z0-9\\-_\\s]{0,8}',
		placeholder: 'ACME',
	}),
	product: text({
		label: 'Product',
		help: 'The product name that the guest reads, up to 16 characters',
		since: '8.4',
		pattern: '[A-Za-z0-9\\-_\\s]{0,16}',
		placeholder: 'FastDisk',
	}),
};
