import { choice, flag, integer, text } from '../../catalogue/fields';

/** `POST /nodes/{node}/vzdump`. */
export const backupFields = {
	storage: text({
		label: 'Storage',
		help: 'A storage that allows backups',
		format: 'pve-storage-id',
		picker: 'searchBackupStorages',
		required: true,
		placeholder: 'local',
	}),
	mode: choice({
		label: 'Mode',
		help: 'Snapshot keeps a guest running, Suspend pauses it briefly, Stop restarts it',
		options: {
			snapshot: 'Snapshot',
			suspend: 'Suspend',
			stop: 'Stop',
		},
	}),
	compress: choice({
		label: 'Compression',
		help: 'Not for a Proxmox Backup Server',
		options: { zstd: 'Zstandard', gzip: 'Gzip', lzo: 'LZO', '0': 'None' },
	}),
	'notes-template': text({
		label: 'Notes',
		help: 'Can include {{guestname}}, {{vmid}}, {{node}} and {{cluster}}',
		maxLength: 1024,
		rows: 2,
		placeholder: '{{guestname}}, before the update',
	}),
	protected: flag({
		label: 'Protected',
		help: 'Whether to protect the backup from pruning and deletion',
	}),
	bwlimit: integer({
		label: 'Bandwidth Limit (KiB/s)',
		help: 'By default that of the node; 0 means no limit',
		min: 0,
	}),
};

/** `PUT /nodes/{node}/storage/{storage}/content/{volume}`. */
export const updateFields = {
	notes: text({ label: 'Notes', help: 'Empty removes them', rows: 2 }),
	protected: backupFields.protected,
};
