import { choice, flag, integer, text } from '../../catalogue/fields';

/** Of Get and Get Many: of n8n's UX guidelines, and no parameter of the API. */
export const simplifyField = {
	simplify: flag({
		label: 'Simplify',
		guards: true,
		help: 'Whether to return a simplified version of the response instead of the raw data',
	}),
};

/** Of Attach Disk. */
export const attachFields = {
	unusedDisk: text({
		label: 'Unused Disk',
		pattern: 'unused\\d{1,3}',
		picker: 'searchUnusedDisks',
		required: true,
		placeholder: 'unused0',
	}),
	bus: choice({
		label: 'Bus',
		options: { scsi: 'SCSI', virtio: 'VirtIO Block', sata: 'SATA', ide: 'IDE' },
	}),
};

/** An option of Attach Disk. */
export const slotField = {
	slot: integer({
		label: 'Slot',
		help: 'Such as 1 for scsi1. By default the lowest free one.',
		min: 0,
		guards: true,
	}),
};

/** An option of Clone. */
export const spreadField = {
	spread: flag({
		label: 'Choose Node',
		help: 'Whether to use the node with the most free memory, if the storage is shared',
		guards: true,
	}),
};
