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
			description:
				'List backups of virtual machines on the storages of a node, the newest first: of all or of one VM, on all or on some storages',
			properties: [nodeProperty, ...listProperties, backupFiltersProperty],
			load: async () => await import('./getAll'),
		},
		{
			value: 'create',
			name: 'Create',
			action: 'Create a backup',
			description:
				'Back up a virtual machine to a storage, wait until it is done, and put out the new backup: its volume ID for Restore, its size and when it was made',
			properties: [vmProperty, ...createBackupProperties],
			load: async () => await import('./create'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete a backup',
			description:
				'Delete a backup by its volume ID. There is no way back. One that is protected is refused.',
			properties: [nodeProperty, volidProperty, ...taskProperties],
			load: async () => await import('./delete'),
		},
	],
};
