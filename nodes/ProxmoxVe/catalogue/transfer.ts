import { flag, integer } from './fields';

/** How data gets into the disks of a new VM: for imports on create, and for restore. */
export const liveRestore = {
	'live-restore': flag({
		label: 'Start While Copying',
		help: 'Whether the VM starts at once, while its disks are still being imported or restored. A backup must lie on a Proxmox Backup Server. If copying fails, what the guest wrote is lost.',
	}),
};

export const bandwidthLimit = {
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'Upper limit for reading the source. Proxmox takes that of the datacenter or the storage where it is not set; 0 means none.',
		min: 0,
	}),
};
