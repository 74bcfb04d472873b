import type { Resource } from '../operation';
import { create } from './create';
import { restore } from './restore';
import { start } from './start';

export const virtualMachine: Resource = {
	value: 'virtualMachine',
	name: 'Virtual Machine',
	operations: [create, restore, start],
};
