import { choice, flag, integer, text } from '../../catalogue/fields';
import { bandwidthLimit } from '../../catalogue/qemu/transfer';

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

/** `POST …/status/suspend`, which hibernates with `todisk`. */
export const hibernateFields = {
	statestorage: text({
		label: 'Memory Storage',
		help: 'Where to save the memory. If not set, the storage of a disk is used.',
		format: 'pve-storage-id',
		picker: 'searchImageStorages',
		placeholder: 'local-lvm',
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
	...bandwidthLimit,
};

/** `POST …/migrate`. */
export const migrateFields = {
	target: text({
		label: 'Target Node',
		format: 'pve-node',
		picker: 'searchNodes',
		required: true,
		placeholder: 'pve2',
	}),
	online: flag({
		label: 'Live',
		help: 'Whether to keep a running VM running. A stopped VM is moved anyway.',
	}),
	'with-local-disks': flag({
		label: 'With Local Disks',
		help: 'Whether to copy the disks of a running VM that only its node has',
	}),
	targetstorage: text({
		label: 'Target Storage',
		help: 'For all disks. If not set, each goes to the storage of the same name.',
		format: 'pve-storage-id',
		picker: 'searchImageStorages',
		placeholder: 'local-lvm',
	}),
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'If not set, the limit of the cluster applies; 0 means no limit',
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

/** `POST …/move_disk`. */
export const moveFields = {
	disk: resizeFields.disk,
	storage: text({
		label: 'Target Storage',
		format: 'pve-storage-id',
		picker: 'searchImageStorages',
		required: true,
		placeholder: 'local-lvm',
	}),
	delete: flag({
		label: 'Delete Source',
		help: 'Whether to delete the original after the copy. If off, it stays as an unused disk.',
	}),
	format: choice({
		label: 'Disk Format',
		help: 'On storages that hold files',
		options: { raw: 'Raw', qcow2: 'QCOW2', vmdk: 'VMware VMDK' },
	}),
	bwlimit: migrateFields.bwlimit,
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
