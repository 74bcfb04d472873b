import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import { createProperties, deleteProperties, getAllProperties } from './properties';

export const backup: Resource = {
	value: 'backup',
	name: 'Backup',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many backups',
			description: 'List backups of virtual machines on the storages of a node, newest first',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
		{
			value: 'create',
			name: 'Create',
			action: 'Create backup',
			description:
				'Back up a virtual machine to a storage. Returns the volume ID for Restore, the size and the time of the new backup.',
			properties: createProperties,
			load: async () => await import('./create'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete backup',
			description: 'Permanently delete a backup. Fails if the backup is protected.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
	],
};
