import { anyKind } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	createManyProperties,
	createProperties,
	deleteProperties,
	getAllProperties,
	pruneProperties,
	updateProperties,
} from './properties';

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
			value: 'createMany',
			name: 'Create Many',
			action: 'Create many backups',
			description: 'Back up several VMs and containers, a pool or all',
			details:
				'One task for each node. Returns each backup; if a guest has none, the error says which ones have.',
			properties: createManyProperties,
			load: async () => await import('./createMany'),
		},
		{
			value: 'update',
			name: 'Update',
			action: 'Update backup',
			description: 'Change the notes and the protection of a backup',
			details: 'What is not set stays unchanged.',
			properties: updateProperties,
			load: async () => await import('./update'),
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
		{
			value: 'prune',
			name: 'Prune',
			action: 'Prune backups',
			description: 'Remove old backups of a storage',
			details:
				'Keeps the newest of each guest, hour, day, week, month or year. Protected backups are never removed.',
			properties: pruneProperties,
			load: async () => await import('./prune'),
		},
	],
};
