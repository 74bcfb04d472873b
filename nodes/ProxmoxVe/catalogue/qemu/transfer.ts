import { flag, integer } from '../fields';

/** How data gets into the disks of a new VM: for imports on create, and for restore. */
export const liveRestore = {
	'live-restore': flag({
		label: 'Start While Copying',
		help: 'Whether to start the VM at once, while its disks are still being imported or restored. Restoring this way needs a backup on a Proxmox Backup Server. If the copy fails, everything the guest has written is lost.',
	}),
};

export const bandwidthLimit = {
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'Upper limit for copying disk data. If not set, the limit of the datacenter or the storage applies; 0 means no limit.',
		min: 0,
	}),
};
