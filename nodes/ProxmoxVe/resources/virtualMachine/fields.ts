import { choice, flag, integer, text } from '../../catalogue/fields';
import { bandwidthLimit } from '../../catalogue/qemu/transfer';

/**
 * What the API takes for doing something with a VM that is there, by its own names: one table an
 * endpoint. How to wait for the task is no part of it.
 */

const shutdownTimeout = integer({
	label: 'Shutdown Timeout (Seconds)',
	help: 'How long the guest may take. By default its shutdown delay, or 60 seconds.',
	min: 0,
	initial: 60,
});

/** `POST …/status/shutdown`. */
export const shutdownFields = {
	forceStop: flag({
		label: 'Force Stop After Timeout',
		help: 'Whether to turn off the VM if the guest has not shut down in time',
	}),
	timeout: shutdownTimeout,
};

/** `POST …/status/reboot`. */
export const rebootFields = { timeout: shutdownTimeout };

/** `POST …/status/stop`. */
export const stopFields = {
	'overrule-shutdown': flag({
		label: 'Abort Running Shutdown',
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
		help: 'Whether to also remove it from backup and replication jobs and high availability',
	}),
	'destroy-unreferenced-disks': flag({
		label: 'Destroy Unreferenced Disks',
		help: 'Whether to also destroy volumes of its ID that are not in its configuration',
	}),
};

/** `POST …/clone`. */
export const cloneFields = {
	newid: integer({
		label: 'New VM ID',
		required: true,
		min: 100,
		max: 999999999,
	}),
	name: text({
		label: 'Name',
		help: 'By default Copy-of-VM- and the name of the original',
		format: 'dns-name',
		placeholder: 'web-02',
	}),
	full: flag({
		label: 'Full Clone',
		guards: true,
		help: 'Whether to copy all disks. If off, the original must be a template.',
	}),
	storage: text({
		label: 'Target Storage',
		help: 'Of a full clone. By default that of each disk.',
		format: 'pve-storage-id',
		picker: 'searchImageStorages',
		placeholder: 'local-lvm',
	}),
	format: choice({
		label: 'Disk Format',
		help: 'On storages that hold files',
		options: { raw: 'Raw', qcow2: 'QCOW2', vmdk: 'VMware VMDK' },
	}),
	target: text({
		label: 'Target Node',
		help: 'The disks must be on shared storage',
		format: 'pve-node',
		picker: 'searchNodes',
		placeholder: 'pve2',
	}),
	description: text({
		label: 'Description',
		help: 'In Markdown. By default the notes of the original.',
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
		help: 'By default the current state',
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
		help: 'Whether to copy the local disks of a running VM too',
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
		help: 'By default that of the cluster; 0 means no limit',
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
		help: 'The new size (40G) or the increase (+10G). A disk cannot be made smaller.',
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
		help: 'Whether to leave out changes that wait for the next start',
	}),
	snapshot: text({
		label: 'Snapshot',
		help: 'By default the current configuration',
		format: 'pve-configid',
		picker: 'searchSnapshots',
		maxLength: 40,
		guards: true,
		placeholder: 'before-update',
	}),
};
