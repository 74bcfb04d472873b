import { anyKind } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import { createProperties, deleteProperties, getAllProperties } from './properties';

export const backup: Resource = {
	value: 'backup',
	name: 'Backup',
	kind: anyKind,
	operations: [
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many backups',
			description: 'Retrieve a list of backups, newest first',
			details: 'Of the storages of one node, optionally of one storage or guest.',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
		{
			value: 'create',
			name: 'Create',
			action: 'Create backup',
			description: 'Back up a VM or container to a storage',
			details: 'Returns the volume ID for Restore, the size and the time of the new backup.',
			properties: createProperties,
			load: async () => await import('./create'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete backup',
			description: 'Delete a backup permanently',
			details: 'A protected backup is not deleted.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
	],
};
