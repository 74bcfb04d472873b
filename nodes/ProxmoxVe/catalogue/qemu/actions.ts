import { choice, flag, integer, text } from '../fields';

/**
 * What the API takes for doing something with a VM that is there, by its own names: one table an
 * endpoint. How to wait for the task is no part of it.
 */

const shutdownTimeout = integer({
	label: 'Shutdown Timeout (Seconds)',
	help: 'How long the guest may take to shut down. If not set, the shutdown delay of its start and shutdown order applies, or else 60 seconds.',
	min: 0,
	initial: 60,
});

/** `POST …/status/shutdown`. */
export const shutdownFields = {
	forceStop: flag({
		label: 'Force Stop After Timeout',
		help: 'Whether to turn off the VM if the guest has not shut down in time. If off, the task fails and the VM keeps running.',
	}),
	timeout: shutdownTimeout,
};

/** `POST …/status/reboot`. */
export const rebootFields = { timeout: shutdownTimeout };

/** `POST …/status/stop`. */
export const stopFields = {
	'overrule-shutdown': flag({
		label: 'Abort Running Shutdown',
		help: 'Whether to abort a running shutdown task and stop the VM at once, instead of waiting for it. Not available in Proxmox VE 7.',
	}),
};

/** `DELETE /nodes/{node}/qemu/{vmid}`. */
export const deleteFields = {
	purge: flag({
		label: 'Purge From Job Configurations',
		help: 'Whether to also remove the VM from backup jobs, replication jobs and high availability. Required to delete a VM that is managed by high availability.',
	}),
	'destroy-unreferenced-disks': flag({
		label: 'Destroy Unreferenced Disks',
		help: 'Whether to also destroy volumes on any storage that have the ID of the VM but are not in its configuration',
	}),
};

/** `POST …/clone`. */
export const cloneFields = {
	newid: integer({
		label: 'New VM ID',
		help: 'The ID of the clone. It must be unique among all VMs and containers of the cluster.',
		required: true,
		min: 100,
		max: 999999999,
	}),
	name: text({
		label: 'Name',
		help: 'The name of the clone. By default Copy-of-VM- followed by the name of the original.',
		format: 'dns-name',
		placeholder: 'web-02',
	}),
	full: flag({
		label: 'Full Clone',
		guards: true,
		help: 'Whether to copy all disks. If off, the clone is linked: it is created at once and shares its data with the original, which must be a template.',
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
		help: 'The node for the clone. All disks of the original must be on storage that both nodes share.',
		format: 'pve-node',
		picker: 'searchNodes',
		placeholder: 'pve2',
	}),
	description: text({
		label: 'Description',
		help: 'Notes about the clone, in Markdown. By default the notes of the original.',
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
		help: 'The snapshot of the original to clone instead of its current state',
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
		help: 'The disk by its slot in the VM, such as scsi0',
		pattern:
			'(?:ide[0-3]|sata[0-5]|scsi(?:[0-9]|[12]\\d|30)|virtio(?:[0-9]|1[0-5])|efidisk0|tpmstate0)',
		picker: 'searchDisks',
		required: true,
		placeholder: 'scsi0',
	}),
	size: text({
		label: 'Size',
		help: 'The new size (40G) or the increase (+10G). Units are K, M, G and T. A disk cannot be made smaller.',
		// Proxmox reads a number without a unit as bytes, which is never what a user wants.
		pattern: '\\+?\\d+(\\.\\d+)?[KMGT]',
		required: true,
		placeholder: '+10G',
	}),
};

/** `POST …/config`: how to change it. What to change is in the groups of Update. */
export const changeFields = {
	delete: text({
		label: 'Settings to Remove',
		help: 'Settings and devices to remove, separated by commas. A removed setting returns to the default of Proxmox. A removed disk becomes an unused disk; removing an unused disk destroys it.',
		placeholder: 'net1,description',
	}),
	digest: text({
		label: 'Config Digest',
		help: 'The digest of the configuration, as returned by Get. If the configuration has changed since, the update is rejected.',
		maxLength: 40,
		guards: true,
	}),
	force: flag({
		label: 'Destroy Removed Disks',
		help: 'Whether to destroy the volumes of removed disks instead of keeping them as unused disks. All data on them is lost.',
		requires: 'delete',
	}),
	revert: text({
		label: 'Pending Changes to Revert',
		help: 'Settings whose pending change to discard, separated by commas',
		placeholder: 'cores,memory',
	}),
};

/** What Update asks for by itself: the API has no such parameter. */
export const updateFields = {
	replaceDisk: flag({
		label: 'Replace Disk in Use',
		help: 'Whether a disk may use a slot that is already in use. The disk in that slot becomes an unused disk. If off, such a change is rejected.',
	}),
};

/** `POST /nodes/{node}/vzdump`, for one VM. */
export const backupFields = {
	storage: text({
		label: 'Storage',
		help: 'The storage for the backup: a directory, a network share or a Proxmox Backup Server',
		format: 'pve-storage-id',
		picker: 'searchBackupStorages',
		required: true,
		placeholder: 'local',
	}),
	mode: choice({
		label: 'Mode',
		help: 'How to back up a running VM. Snapshot keeps it running, Suspend pauses it at first, and Stop shuts it down and starts it again while its disks are copied. A stopped VM stays stopped.',
		options: {
			snapshot: 'Snapshot',
			suspend: 'Suspend',
			stop: 'Stop',
		},
	}),
	compress: choice({
		label: 'Compression',
		help: 'The compression of the archive. Ignored by a Proxmox Backup Server.',
		options: { zstd: 'Zstandard', gzip: 'Gzip', lzo: 'LZO', '0': 'None' },
	}),
	'notes-template': text({
		label: 'Notes',
		help: 'Notes about the backup. Can include {{guestname}}, {{vmid}}, {{node}} and {{cluster}}.',
		maxLength: 1024,
		rows: 2,
		placeholder: '{{guestname}}, before the update',
	}),
	protected: flag({
		label: 'Protected',
		help: 'Whether to protect the backup from pruning and deletion until the protection is removed in Proxmox',
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
		help: 'Whether to return the active configuration, without changes that wait for the next start of the VM',
	}),
	snapshot: text({
		label: 'Snapshot',
		help: 'The snapshot whose configuration to return instead of the current one',
		format: 'pve-configid',
		picker: 'searchSnapshots',
		maxLength: 40,
		guards: true,
		placeholder: 'before-update',
	}),
};
