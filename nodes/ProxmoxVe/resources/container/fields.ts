import { decimal, flag, integer, text } from '../../catalogue/fields';

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
		help: '0: none. By default that of the datacenter or storage.',
		min: 0,
	}),
};

/** `PUT …/resize`. */
export const resizeFields = {
	disk: text({
		label: 'Volume',
		help: 'rootfs, or a mount point such as mp0',
		pattern: '(?:rootfs|mp(?:[0-9]|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5]))',
		picker: 'searchDisks',
		required: true,
		placeholder: 'rootfs',
	}),
	size: text({
		label: 'Size',
		help: 'The new size (40G) or the increase (+10G). Units are K, M, G and T. A volume cannot be made smaller.',
		// Proxmox reads a number without a unit as bytes, which is never what a user wants.
		pattern: '\\+?\\d+(\\.\\d+)?[KMGT]',
		required: true,
		placeholder: '+10G',
	}),
};
