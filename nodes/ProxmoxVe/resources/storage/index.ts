import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import { getAllProperties, getProperties } from './properties';

export const storage: Resource = {
	value: 'storage',
	name: 'Storage',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'get',
			name: 'Get',
			action: 'Get storage',
			description: 'Retrieve the space and content types of a storage',
			details: 'As a node sees it. Space in bytes; null if the storage is offline.',
			properties: getProperties,
			load: async () => await import('./get'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many storages',
			description: 'Retrieve the storages of a node with their space',
			details: 'Can be filtered by content type.',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
	],
};
