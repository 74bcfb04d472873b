import { createProperties } from '../../form/vmProperties';
import { makeVm } from '../makeVm';
import { emit, type Operation } from '../operation';

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a virtual machine',
	description: 'Create a virtual machine with any settings, and optionally wait until it is made or runs',
	properties: createProperties,
	execute: async (item) => emit(await makeVm(item, 'create')),
};
