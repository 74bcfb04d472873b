import { text } from '../../catalogue/fields';

/** What the API takes for doing something with a container that is there: one table an endpoint. The others are those of a VM. */

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
