import { restoreProperties } from '../../form/vmProperties';
import { makeVm } from '../makeVm';
import { emit, type Operation } from '../operation';

export const restore: Operation = {
	value: 'restore',
	name: 'Restore',
	action: 'Restore a virtual machine',
	description:
		'Make a virtual machine from a backup that is chosen, or from the newest one of a VM, under a new ID or in place of the VM that has it, and optionally wait until it is made or runs',
	properties: restoreProperties,
	execute: async (item) => emit(await makeVm(item, 'restore')),
};
