import { flag, integer } from '../fields';

/** How data gets into the disks of a new VM: for imports on create, and for restore. */
export const liveRestore = {
	'live-restore': flag({
		label: 'Start While Copying',
		help: 'Whether to start it during the copy. If the copy fails, new data is lost. Restore needs a Proxmox Backup Server.',
	}),
};

export const bandwidthLimit = {
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'For copying disks. 0 means no limit.',
		min: 0,
	}),
};
