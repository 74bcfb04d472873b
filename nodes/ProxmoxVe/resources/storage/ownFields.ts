import { choice, flag, text } from '../../catalogue/fields';

export const storageFields = {
	storage: text({
		label: 'Storage',
		format: 'pve-storage-id',
		picker: 'searchStorages',
		required: true,
		placeholder: 'local',
	}),
};

export const filterFields = {
	content: choice({
		label: 'Content Type',
		options: {
			backup: 'Backup',
			rootdir: 'Container Disk',
			vztmpl: 'Container Template',
			images: 'Disk Image',
			import: 'Import Image',
			iso: 'ISO Image',
			snippets: 'Snippet',
		},
	}),
	onlyActive: flag({
		label: 'Only Active',
		help: 'Whether to leave out storages that are offline',
	}),
};
