import type { Resource } from '../operation';
import { create } from './create';
import { deleteBackup } from './delete';
import { getAll } from './getAll';

export const backup: Resource = {
	value: 'backup',
	name: 'Backup',
	operations: [getAll, create, deleteBackup],
};
