import { choice, text } from '../../catalogue/fields';
import { seedFileFields } from '../../form/readSeed';

/* Fields of the panel that are no parameters of the API. */

/** What to do with an image of the same name: a choice of this node, not of the API. */
export const ifExistsFields = {
	ifExists: choice({
		label: 'If Exists',
		help: 'What to do if the storage has a file of this name',
		options: { keep: 'Keep', replace: 'Replace', fail: 'Fail' },
	}),
};

/** From where an image is downloaded. */
export const fromFields = {
	downloadFrom: choice({
		label: 'Download From',
		options: { url: 'URL', list: 'Proxmox Templates', registry: 'OCI Registry' },
	}),
};

/** What is added to a cloud-init ISO image as an option: nothing of the API. */
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
	...seedFileFields,
	metaData: {
		...seedFileFields.metaData,
		help: 'The whole file meta-data, instead of Instance ID and Host Name. It should have an instance-id.',
	},
};
