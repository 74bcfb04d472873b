import { choice, flag, integer, text } from '../../catalogue/fields';

/** `POST /nodes/{node}/vzdump`, for one VM. */
export const backupFields = {
	storage: text({
		label: 'Storage',
		help: 'The storage for the backup: a directory, a network share or a Proxmox Backup Server',
		format: 'pve-storage-id',
		picker: 'searchBackupStorages',
		required: true,
		placeholder: 'local',
	}),
	mode: choice({
		label: 'Mode',
		help: 'How to back up a running VM. Snapshot keeps it running, Suspend pauses it at first, and Stop shuts it down and starts it again while its disks are copied. A stopped VM stays stopped.',
		options: {
			snapshot: 'Snapshot',
			suspend: 'Suspend',
			stop: 'Stop',
		},
	}),
	compress: choice({
		label: 'Compression',
		help: 'The compression of the archive. Ignored by a Proxmox Backup Server.',
		options: { zstd: 'Zstandard', gzip: 'Gzip', lzo: 'LZO', '0': 'None' },
	}),
	'notes-template': text({
		label: 'Notes',
		help: 'Notes about the backup. Can include {{guestname}}, {{vmid}}, {{node}} and {{cluster}}.',
		maxLength: 1024,
		rows: 2,
		placeholder: '{{guestname}}, before the update',
	}),
	protected: flag({
		label: 'Protected',
		help: 'Whether to protect the backup from pruning and deletion until the protection is removed in Proxmox',
	}),
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'Upper limit for reading the disks. If not set, the limit of the node applies; 0 means no limit.',
		min: 0,
	}),
};
