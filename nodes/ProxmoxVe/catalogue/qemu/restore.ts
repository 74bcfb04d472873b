import { flag, group, text } from '../fields';
import { bandwidthLimit, liveRestore } from './transfer';

export const restore = group({
	name: 'restore',
	label: 'Restore',
	help: 'Target storage, overwrite, new MAC addresses',
	fields: {
		archive: text({
			label: 'Backup Archive',
			help: 'The backup to restore',
			maxLength: 255,
			picker: 'searchBackups',
			placeholder: 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst',
		}),
		storage: text({
			label: 'Target Storage',
			help: 'For the disks; by default the storages recorded in the backup',
			format: 'pve-storage-id',
			picker: 'searchImageStorages',
			placeholder: 'local-lvm',
		}),
		force: flag({
			label: 'Overwrite',
			help: 'Whether to replace the VM of that ID. Its disks are lost.',
			requires: 'archive',
		}),
		unique: flag({
			label: 'Unique',
			help: 'Whether the VM gets new MAC addresses and a new system UUID',
			requires: 'archive',
		}),
		...liveRestore,
		...bandwidthLimit,
	},
});
