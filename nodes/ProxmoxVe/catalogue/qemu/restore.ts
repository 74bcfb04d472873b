import { flag, group, text } from '../fields';
import { bandwidthLimit, liveRestore } from './transfer';

export const restore = group({
	name: 'restore',
	label: 'Restore',
	help: 'The target storage, overwriting and other settings of the restore',
	fields: {
		archive: text({
			label: 'Backup Archive',
			help: 'The backup to restore. Required, because without it Proxmox would create an empty VM and report success.',
			maxLength: 255,
			picker: 'searchBackups',
			placeholder: 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst',
		}),
		storage: text({
			label: 'Target Storage',
			help: 'The storage to restore the disks to. If not set, each disk is restored to the storage recorded in the backup.',
			format: 'pve-storage-id',
			picker: 'searchImageStorages',
			placeholder: 'local-lvm',
		}),
		force: flag({
			label: 'Overwrite',
			help: 'Whether to replace an existing VM that has the same ID. All data on its disks is lost.',
			requires: 'archive',
		}),
		unique: flag({
			label: 'Unique',
			help: 'Whether to give the VM new MAC addresses and a new system UUID, so that it can run next to the original',
			requires: 'archive',
		}),
		...liveRestore,
		...bandwidthLimit,
	},
});
