import { flag, integer } from '../fields';

/** How data gets into the disks of a new VM: for imports on create, and for restore. */
export const liveRestore = {
	'live-restore': flag({
		label: 'Start While Copying',
		help: 'Whether to start the VM during the copy. A failed copy loses what the guest wrote. Restore needs a Proxmox Backup Server.',
	}),
};

export const bandwidthLimit = {
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'Limit for copying disks; 0: none. By default that of the datacenter or storage.',
		min: 0,
	}),
};
