import { choice, flag, integer, text } from '../fields';

/**
 * What the API takes for doing something with a VM that is there, by its own names: one table an
 * endpoint. How to wait for the task is no part of it.
 */

const shutdownTimeout = integer({
	label: 'Shutdown Timeout (Seconds)',
	help: 'How long the guest may take to shut down. If not set, it is the delay of its start and shutdown order, or else 60 seconds.',
	min: 0,
	initial: 60,
});

/** `POST …/status/shutdown`. */
export const shutdownFields = {
	forceStop: flag({
		label: 'Stop if It Does Not Shut Down',
		help: 'Whether to turn the VM off when the guest has not shut down in time. Without it the task fails then, and the VM goes on.',
	}),
	timeout: shutdownTimeout,
};

/** `POST …/status/reboot`. */
export const rebootFields = { timeout: shutdownTimeout };

/** `POST …/status/stop`. */
export const stopFields = {
	'overrule-shutdown': flag({
		label: 'Overrule Shutdown',
		help: 'Whether to break off a shutdown of the VM that is still under way, instead of waiting for it. Proxmox VE 7 does not know it.',
	}),
};

/** `DELETE /nodes/{node}/qemu/{vmid}`. */
export const deleteFields = {
	purge: flag({
		label: 'Purge From Job Configurations',
		help: 'Whether to take the VM out of backup and replication jobs and out of high availability too. One that is managed by high availability cannot be deleted without it.',
	}),
	'destroy-unreferenced-disks': flag({
		label: 'Destroy Unreferenced Disks',
		help: 'Whether to also destroy volumes with the ID of the VM, on all storages, that its configuration does not name',
	}),
};

/** `POST …/clone`. */
export const cloneFields = {
	newid: integer({
		label: 'New VM ID',
		help: 'The number that identifies the clone. It must be unique among all VMs and containers of the cluster.',
		required: true,
		min: 100,
		max: 999999999,
	}),
	name: text({
		label: 'Name',
		help: 'The name of the clone. Without one Proxmox takes Copy-of-VM- and the name of the original.',
		format: 'dns-name',
		placeholder: 'web-02',
	}),
	full: flag({
		label: 'Full Clone',
		guards: true,
		help: 'Whether to copy all disks. If off, the clone is a linked one: it is made at once and shares its data with the original, which must be a template.',
	}),
	storage: text({
		label: 'Target Storage',
		help: 'The storage for the disks of a full clone. If not set, each disk stays on the storage of the original.',
		format: 'pve-storage-id',
		picker: 'searchImageStorages',
		placeholder: 'local-lvm',
	}),
	format: choice({
		label: 'Disk Format',
		help: 'The image format of the disks of a full clone, on storages that hold files',
		options: { raw: 'Raw', qcow2: 'QCOW2', vmdk: 'VMware VMDK' },
	}),
	target: text({
		label: 'Target Node',
		help: 'The node for the clone. Needs all disks of the original to be on storage that both nodes share.',
		format: 'pve-node',
		picker: 'searchNodes',
		placeholder: 'pve2',
	}),
	description: text({
		label: 'Description',
		help: 'Notes about the clone, in Markdown. Without it the clone has those of the original.',
		rows: 4,
	}),
	pool: text({
		label: 'Resource Pool',
		help: 'The pool to add the clone to',
		format: 'pve-poolid',
		picker: 'searchPools',
		placeholder: 'dev',
	}),
	snapname: text({
		label: 'Snapshot',
		help: 'The snapshot of the original to clone, instead of its present state',
		format: 'pve-configid',
		picker: 'searchSnapshots',
		maxLength: 40,
		guards: true,
		placeholder: 'before-update',
	}),
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'Upper limit for copying disks. If not set, the limit of the datacenter or the storage applies; 0 means no limit.',
		min: 0,
	}),
};

/** `PUT …/resize`. */
export const resizeFields = {
	disk: text({
		label: 'Disk',
		help: 'The disk by its place in the VM, such as scsi0',
		pattern:
			'(?:ide[0-3]|sata[0-5]|scsi(?:[0-9]|[12]\\d|30)|virtio(?:[0-9]|1[0-5])|efidisk0|tpmstate0)',
		picker: 'searchDisks',
		required: true,
		placeholder: 'scsi0',
	}),
	size: text({
		label: 'Size',
		help: 'The size that the disk is to have, such as 40G, or how much it is to grow, such as +10G. Units are K, M, G and T. No disk can be made smaller.',
		// Proxmox takes a number without a unit for bytes, which nobody means.
		pattern: '\\+?\\d+(\\.\\d+)?[KMGT]',
		required: true,
		placeholder: '+10G',
	}),
};

/** `POST …/config`: how to change it. What to change is in the groups of Update. */
export const changeFields = {
	delete: text({
		label: 'Settings to Remove',
		help: 'Settings and devices to remove, separated by commas, so that Proxmox takes its default. A disk that is removed stays as an unused one; removing an unused one destroys it.',
		placeholder: 'net1,description',
	}),
	digest: text({
		label: 'Only if Unchanged',
		help: 'The digest of the configuration that the change is made for, as Get shows it. Another one means that somebody else was faster, and nothing is changed.',
		maxLength: 40,
		guards: true,
	}),
	force: flag({
		label: 'Destroy Removed Disks',
		help: 'Whether to destroy the volumes of disks that are removed, instead of keeping them as unused ones. All data on them is lost.',
		requires: 'delete',
	}),
	revert: text({
		label: 'Pending Changes to Revert',
		help: 'Settings whose change waits for the next start of the VM, and is to be given up, separated by commas',
		placeholder: 'cores,memory',
	}),
};

/** What Update asks for by itself: the API has no such parameter. */
export const updateFields = {
	replaceDisk: flag({
		label: 'Replace Disk in Use',
		help: 'Whether a disk may take a slot that another disk of the VM has. The other one stays as an unused disk. If off, such a change is refused.',
	}),
};

/** `POST /nodes/{node}/vzdump`, for one VM. */
export const backupFields = {
	storage: text({
		label: 'Storage',
		help: 'The storage for the backup: a directory, a share or a Proxmox Backup Server that holds backups',
		format: 'pve-storage-id',
		picker: 'searchBackupStorages',
		required: true,
		placeholder: 'local',
	}),
	mode: choice({
		label: 'Mode',
		help: 'What happens to a VM that runs. One that is stopped stays so.',
		options: {
			snapshot: 'Snapshot: It Runs On',
			suspend: 'Suspend: It Is Paused at First',
			stop: 'Stop: It Is Shut Down, and Started Again While It Is Copied',
		},
	}),
	compress: choice({
		label: 'Compression',
		help: 'How the archive is packed. A Proxmox Backup Server packs in its own way.',
		options: { zstd: 'Zstandard', gzip: 'Gzip', lzo: 'LZO', '0': 'None' },
	}),
	'notes-template': text({
		label: 'Notes',
		help: 'Notes about the backup. Proxmox puts in the name for {{guestname}}, the ID for {{vmid}}, and likewise {{node}} and {{cluster}}.',
		maxLength: 1024,
		rows: 2,
		placeholder: '{{guestname}}, before the update',
	}),
	protected: flag({
		label: 'Protected',
		help: 'Whether to keep the backup from being pruned or deleted until its protection is taken away in Proxmox',
	}),
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'Upper limit for reading the disks. If not set, the limit of the node applies; 0 means no limit.',
		min: 0,
	}),
};

/** `GET …/config`. */
export const getFields = {
	current: flag({
		label: 'Without Pending Changes',
		help: 'Whether to give the configuration that is in effect, without changes that wait for the next start of the VM',
	}),
	snapshot: text({
		label: 'Snapshot',
		help: 'The snapshot whose configuration to give, instead of the present one',
		format: 'pve-configid',
		picker: 'searchSnapshots',
		maxLength: 40,
		guards: true,
		placeholder: 'before-update',
	}),
};
