import { flag, text } from '../fields';

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
