import { flag, group, text } from './fields';
import { bandwidthLimit, liveRestore } from './transfer';

export const restore = group({
	name: 'restore',
	label: 'Restore',
	help: 'Where the VM comes from and where its disks go',
	fields: {
		archive: text({
			label: 'Backup Archive',
			help: 'The backup to restore, as a volume. It must not be empty: Proxmox would make an empty VM and report success.',
			maxLength: 255,
			picker: 'searchBackups',
			placeholder: 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst',
		}),
		storage: text({
			label: 'Target Storage',
			help: 'The storage for the disks; the storages named in the backup where it is not set. On create it serves disks that name none.',
			format: 'pve-storage-id',
			picker: 'searchImageStorages',
			placeholder: 'local-lvm',
		}),
		force: flag({
			label: 'Overwrite',
			help: 'Whether a VM that has the ID already is replaced by the backup. Its disks are lost.',
			requires: 'archive',
		}),
		unique: flag({
			label: 'Unique',
			help: 'Whether the VM gets a new identity and new MAC addresses, so that it can run beside the one that was backed up',
			requires: 'archive',
		}),
		...liveRestore,
		...bandwidthLimit,
	},
});
