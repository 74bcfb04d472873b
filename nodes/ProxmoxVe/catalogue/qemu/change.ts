import { flag, text } from '../fields';

/** `POST …/config`: how to change it. What to change is in the groups of Update. */
export const changeFields = {
	delete: text({
		label: 'Settings to Remove',
		help: 'Separated by commas. A removed disk becomes an unused disk; removing an unused disk destroys it.',
		placeholder: 'net1,description',
	}),
	digest: text({
		label: 'Config Digest',
		help: 'As returned by Get. The update is rejected if the configuration has changed since.',
		maxLength: 40,
		guards: true,
	}),
	force: flag({
		label: 'Destroy Removed Disks',
		help: 'Whether to destroy the volumes of removed disks. Their data is lost.',
		requires: 'delete',
	}),
	revert: text({
		label: 'Pending Changes to Revert',
		help: 'Settings whose pending change to discard, separated by commas',
		placeholder: 'cores,memory',
	}),
};

/** What Update asks for by itself: the API has no such parameter there. */
export const updateFields = {
	pool: text({
		label: 'Resource Pool',
		help: 'To remove it from its pool, enter pool in Settings to Remove',
		format: 'pve-poolid',
		picker: 'searchPools',
		guards: true,
	}),
	replaceDisk: flag({
		label: 'Replace Disk in Use',
		help: 'Whether a disk may take a slot that is in use. The disk in it becomes an unused disk.',
	}),
};
