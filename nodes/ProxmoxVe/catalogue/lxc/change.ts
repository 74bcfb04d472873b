import { text } from '../fields';

/** `PUT …/config`: how to change it. What to change is in the groups of Update. */
export const changeFields = {
	delete: text({
		label: 'Settings to Remove',
		help: 'Settings and mount points to remove, separated by commas. The volume of a mount point becomes an unused volume; removing an unused volume destroys it.',
		placeholder: 'mp1,description',
	}),
	digest: text({
		label: 'Config Digest',
		help: 'The digest of the configuration, as returned by Get. If the configuration has changed since, the update is rejected.',
		maxLength: 40,
		guards: true,
	}),
	revert: text({
		label: 'Pending Changes to Revert',
		help: 'Settings whose pending change to discard, separated by commas',
		placeholder: 'features,nameserver',
	}),
};
