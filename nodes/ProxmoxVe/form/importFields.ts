import { text } from '../catalogue/fields';

/** What to import, and where its devices go. */
export const importFields = {
	importFrom: text({
		label: 'Import From',
		help: 'An OVA or OVF file, or a VM on a storage of the type ESXi',
		format: 'pve-volume-id',
		picker: 'searchImports',
		required: true,
		placeholder: 'local:import/appliance.ova',
	}),
	storage: text({ label: 'Target Storage', format: 'pve-storage-id', required: true }),
	bridge: text({ label: 'Bridge', format: 'pve-bridge-id' }),
};
