import { anyKind } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	createProperties,
	deleteProperties,
	getAllProperties,
	keepLastProperties,
	rollbackProperties,
} from './properties';

export const snapshot: Resource = {
	value: 'snapshot',
	name: 'Snapshot',
	kind: anyKind,
	operations: [
		{
			value: 'create',
			name: 'Create',
			action: 'Create snapshot',
			description: 'Take a snapshot of a VM or container',
			details:
				'Of its disks and settings, and of the memory of a VM if With RAM is on. Not a backup.',
			properties: createProperties,
			load: async () => await import('./create'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many snapshots',
			description: 'Retrieve the snapshots of a VM or container, oldest first',
			details: 'Flat with parents, or as a tree. Marks the one that the current state is based on.',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
		{
			value: 'rollback',
			name: 'Roll Back',
			action: 'Roll back to snapshot',
			description: 'Loses later changes: go back to a snapshot',
			details:
				'Disks and settings become those of the snapshot. A running guest needs Allow If Running. Preview shows what would be lost.',
			properties: rollbackProperties,
			load: async () => await import('./rollback'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete snapshot',
			description: 'Delete a snapshot permanently',
			details: 'The current state does not change.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
		{
			value: 'keepLast',
			name: 'Keep Last N',
			action: 'Keep last snapshots',
			description: 'Delete all but the newest snapshots with a name',
			details:
				'Deletes the oldest first, one after the other. Snapshots with other names are never deleted.',
			properties: keepLastProperties,
			load: async () => await import('./keepLast'),
		},
	],
};
