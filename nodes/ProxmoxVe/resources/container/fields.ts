import { decimal, flag, integer, text } from '../../catalogue/fields';
import * as vm from '../virtualMachine/fields';

/** What the API takes for doing something with a container that is there: one table an endpoint. The others are those of a VM. */

/** `POST …/clone`. */
export const cloneFields = {
	newid: integer({
		label: 'New CT ID',
		required: true,
		min: 100,
		max: 999999999,
	}),
	hostname: text({
		label: 'Host Name',
		help: 'Of the clone. By default Copy-of-CT- followed by the name of the original.',
		format: 'dns-name',
		placeholder: 'web-02',
	}),
	full: flag({
		label: 'Full Clone',
		guards: true,
		help: 'Whether to copy all volumes. If off, the clone of a template is linked, and shares its data.',
	}),
	storage: text({
		label: 'Target Storage',
		help: 'For the volumes of a full clone. By default those of the original.',
		format: 'pve-storage-id',
		picker: 'searchContainerStorages',
		placeholder: 'local-lvm',
	}),
	target: text({
		label: 'Target Node',
		help: 'All volumes of the original must be on storage that both nodes share',
		format: 'pve-node',
		picker: 'searchNodes',
		placeholder: 'pve2',
	}),
	description: text({
		label: 'Description',
		help: 'By default the notes of the original',
		rows: 4,
	}),
	pool: text({
		label: 'Resource Pool',
		format: 'pve-poolid',
		picker: 'searchPools',
		placeholder: 'dev',
	}),
	snapname: text({
		label: 'Snapshot',
		help: 'Of the original, to clone instead of its current state. A running container is cloned only from one.',
		format: 'pve-configid',
		picker: 'searchSnapshots',
		maxLength: 40,
		guards: true,
		placeholder: 'before-update',
	}),
	bwlimit: decimal({
		label: 'Bandwidth Limit (KiB/s)',
		help: '0 means no limit. By default that of the datacenter or storage.',
		min: 0,
	}),
};

/** `POST …/migrate`. */
export const migrateFields = {
	target: vm.migrateFields.target,
	restart: flag({
		label: 'Restart',
		help: 'Whether to shut down a running container and start it on the target. A stopped one is moved anyway.',
	}),
	timeout: integer({
		label: 'Shutdown Timeout (Seconds)',
		help: 'With Restart. By default 180 seconds.',
		initial: 180,
	}),
	'target-storage': text({
		label: 'Target Storage',
		help: 'For all local volumes. If not set, each goes to the storage of the same name.',
		format: 'pve-storage-id',
		picker: 'searchContainerStorages',
		placeholder: 'local-lvm',
	}),
	bwlimit: cloneFields.bwlimit,
};

const volume = text({
	label: 'Volume',
	help: 'rootfs, or a mount point such as mp0',
	pattern: '(?:rootfs|mp(?:[0-9]|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5]))',
	picker: 'searchDisks',
	required: true,
	placeholder: 'rootfs',
});

/** `POST …/move_volume`. */
export const moveFields = {
	volume,
	storage: text({
		label: 'Target Storage',
		format: 'pve-storage-id',
		picker: 'searchContainerStorages',
		placeholder: 'local-lvm',
	}),
	delete: flag({
		label: 'Delete Source',
		help: 'Whether to delete the original after the copy. If off, it stays as an unused volume.',
	}),
	bwlimit: cloneFields.bwlimit,
	'target-vmid': integer({
		label: 'Target Container',
		help: 'A CT ID, to give a mount point to another container on the same node. Target Storage must be empty.',
		guards: true,
		min: 100,
		max: 999999999,
	}),
	'target-volume': text({
		label: 'Target Volume',
		help: 'In the target container. By default the same slot.',
		pattern: volume.pattern,
		placeholder: 'mp1',
	}),
};

/** `PUT …/resize`. */
export const resizeFields = {
	disk: volume,
	size: text({
		label: 'Size',
		help: 'The new size (40G) or the increase (+10G). Units are K, M, G and T. A volume cannot be made smaller.',
		// Proxmox reads a number without a unit as bytes, which is never what a user wants.
		pattern: '\\+?\\d+(\\.\\d+)?[KMGT]',
		required: true,
		placeholder: '+10G',
	}),
};
