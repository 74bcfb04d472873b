import { flag, text } from '../../catalogue/fields';

/** `POST …/snapshot`. */
export const createFields = {
	snapname: text({
		label: 'Snapshot Name',
		help: '2 to 40 letters, digits, - and _, starting with a letter',
		format: 'pve-configid',
		maxLength: 40,
		required: true,
		placeholder: 'before-update',
	}),
	vmstate: flag({
		label: 'With RAM',
		help: 'Whether to save the memory of a running VM too, so that a rollback continues there. Not for containers.',
	}),
	description: text({ label: 'Description', rows: 2 }),
};

/** `POST …/snapshot/{snapname}/rollback`. */
export const rollbackFields = {
	start: flag({ label: 'Start Afterwards', guards: true }),
};

/** `DELETE …/snapshot/{snapname}`. */
export const deleteFields = {
	force: flag({
		label: 'Force',
		help: 'Whether to remove it from the configuration even if its disks cannot be deleted',
	}),
};
