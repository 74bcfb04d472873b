import { choice, flag, integer, list, text } from '../../catalogue/fields';

const guestType = choice({
	label: 'Guest Type',
	options: { qemu: 'Virtual Machine', lxc: 'Container' },
	guards: true,
});

/** Of Create Many: which guests, wherever they are. */
export const manyFields = {
	guests: choice({
		label: 'Guests',
		options: { list: 'By ID', pool: 'Of a Pool', all: 'All' },
		guards: true,
	}),
};
export const vmidsField = text({
	label: 'Guest IDs',
	help: 'VMs and containers, separated by commas',
	placeholder: '100,110',
	required: true,
});
export const poolField = {
	pool: text({
		label: 'Resource Pool',
		format: 'pve-poolid',
		picker: 'searchPools',
		required: true,
	}),
};
export const whichFields = {
	exclude: list({
		label: 'Exclude',
		help: 'Guest IDs, separated by commas',
		separator: ',',
		items: 'pve-vmid',
		guards: true,
	}),
	node: text({
		label: 'Only on Node',
		format: 'pve-node',
		picker: 'searchNodes',
		guards: true,
	}),
};

/** Of Get Many. */
export const filterFields = {
	storage: list({ label: 'Storage', separator: ',', items: 'pve-storage-id' }),
	type: guestType,
};

const kept = (label: string) => integer({ label, min: 0, initial: 7, guards: true });
/** Of Prune: how many backups of each guest to keep. */
export const keepFields = {
	'keep-last': kept('Last'),
	'keep-hourly': kept('Hourly'),
	'keep-daily': kept('Daily'),
	'keep-weekly': kept('Weekly'),
	'keep-monthly': kept('Monthly'),
	'keep-yearly': kept('Yearly'),
};
export const pruneFilters = { type: guestType };
export const dryRunField = {
	dryRun: flag({
		label: 'Dry Run',
		help: 'Whether to return what would be removed, and remove nothing',
		guards: true,
	}),
};
