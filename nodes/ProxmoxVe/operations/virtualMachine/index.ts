import type { Resource } from '../operation';
import { create } from './create';
import { restore } from './restore';

export const virtualMachine: Resource = {
	value: 'virtualMachine',
	name: 'Virtual Machine',
	operations: [create, restore],
};
