import { choice, text } from '../../catalogue/fields';

/* Fields of the panel that are no parameters of the API. */

/** What to do with an image of the same name: a choice of this node, not of the API. */
export const ifExistsFields = {
	ifExists: choice({
		label: 'If Exists',
		help: 'What to do if the storage has a file of this name',
		options: { keep: 'Keep', replace: 'Replace', fail: 'Fail' },
	}),
};

/** What a cloud-init ISO is made of: nothing of the API. */
export const userDataField = text({
	label: 'User Data',
	help: 'The cloud-init configuration, or a script that begins with #!. Mistakes that cloud-init silently ignores are rejected.',
	rows: 8,
	required: true,
	placeholder: '#cloud-config …',
});

export const seedOptionFields = {
	filename: text({
		label: 'File Name',
		help: 'The name to store the ISO image under, ending in .iso. By default a new name from the instance ID. A file of this name is replaced.',
		maxLength: 255,
		placeholder: 'cloud-init-seed-web-1.iso',
	}),
	hostName: text({
		label: 'Host Name',
		help: 'The host name of the guest, unless User Data sets one',
		format: 'dns-name',
		placeholder: 'web-1',
	}),
	instanceId: text({
		label: 'Instance ID',
		help: 'The ID of the guest for cloud-init: with another ID it sets up the guest again. By default a random one.',
		pattern: '[A-Za-z0-9._-]{1,120}',
		placeholder: 'order-4711',
	}),
	metaData: text({
		label: 'Meta Data',
		help: 'The whole file meta-data, in place of Instance ID and Host Name. It should have an instance-id.',
		rows: 3,
		placeholder: 'instance-id: web-1',
	}),
	networkConfig: text({
		label: 'Network Config',
		help: 'The network configuration, version 1 or 2. Without it the guest uses DHCP.',
		rows: 5,
		placeholder: 'version: 2 …',
	}),
	vendorData: text({
		label: 'Vendor Data',
		help: 'Defaults for User Data, in the same form',
		rows: 5,
		placeholder: '#cloud-config …',
	}),
};
