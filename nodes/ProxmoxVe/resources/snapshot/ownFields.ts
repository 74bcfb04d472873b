import { flag, integer, text } from '../../catalogue/fields';

/** The snapshot to work on, by its name. */
export const snapshotField = {
	snapname: text({
		label: 'Snapshot',
		format: 'pve-configid',
		picker: 'searchSnapshots',
		maxLength: 40,
		required: true,
		placeholder: 'before-update',
	}),
};

/** Of Get Many. */
export const treeField = {
	asTree: flag({
		label: 'As Tree',
		guards: true,
		help: 'Whether to return one item with all snapshots, each with its children',
	}),
};

/** Of Roll Back. */
export const stopFirstField = {
	stopFirst: flag({
		label: 'Allow If Running',
		guards: true,
		help: 'Whether to roll back a running guest too. It is turned off at once, and its unsaved data is lost.',
	}),
};

/** Of Keep Last. */
export const keepFields = {
	pattern: text({
		label: 'Name Pattern',
		help: 'Only snapshots with a matching name are counted and deleted. An asterisk means any text.',
		pattern: '[A-Za-z0-9_*-]+',
		required: true,
		guards: true,
		placeholder: 'auto-*',
	}),
	keep: integer({
		label: 'Keep',
		help: 'How many of the newest to keep',
		min: 0,
		required: true,
		guards: true,
	}),
};
