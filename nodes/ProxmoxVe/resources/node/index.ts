import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import { getAllProperties, getProperties } from './properties';

export const node: Resource = {
	value: 'node',
	name: 'Node',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'get',
			name: 'Get',
			action: 'Get node',
			description: 'Retrieve the load, memory and version of a node',
			details: 'Read from the node itself. Memory and disk in bytes.',
			properties: getProperties,
			load: async () => await import('./get'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many nodes',
			description: 'Retrieve the nodes of the cluster with their load',
			details: 'The load of an offline node is null. The data can be up to ten seconds old.',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
	],
};
