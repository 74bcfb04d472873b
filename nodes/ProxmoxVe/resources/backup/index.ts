import { qemu } from '../../catalogue/qemu';
import {
	backupFiltersProperty,
	createBackupProperties,
	volidProperty,
} from '../../form/backupProperties';
import {
	listProperties,
	nodeProperty,
	taskProperties,
	vmProperty,
} from '../../form/sharedProperties';
import type { Resource } from '../../runtime/operation';

export const backup: Resource = {
	value: 'backup',
	name: 'Backup',
	catalogue: qemu,
	operations: [
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many backups',
			description: 'List backups of virtual machines on the storages of a node, newest first',
			properties: [nodeProperty, ...listProperties, backupFiltersProperty],
			load: async () => await import('./getAll'),
		},
		{
			value: 'create',
			name: 'Create',
			action: 'Create backup',
			description:
				'Back up a virtual machine to a storage. Returns the volume ID for Restore, the size and the time of the new backup.',
			properties: [vmProperty, ...createBackupProperties],
			load: async () => await import('./create'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete backup',
			description: 'Permanently delete a backup. Fails if the backup is protected.',
			properties: [nodeProperty, volidProperty, ...taskProperties],
			load: async () => await import('./delete'),
		},
	],
};
