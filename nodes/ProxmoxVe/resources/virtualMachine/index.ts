import { qemu } from '../../catalogue/qemu';
import { stopFields } from '../../catalogue/qemu/actions';
import { updateProperties } from '../../form/changeProperties';
import { cloneProperties } from '../../form/cloneProperties';
import { deleteProperties } from '../../form/deleteProperties';
import { plainProperties } from '../../form/describeField';
import { getManyProperties } from '../../form/getManyProperties';
import { getProperties } from '../../form/getProperties';
import { resizeProperties } from '../../form/resizeProperties';
import {
	optionsProperty,
	taskProperties,
	vmProperty,
	waitOptions,
	waitProperty,
} from '../../form/sharedProperties';
import { forceStopProperty, shutdownWaitProperties } from '../../form/shutdownProperties';
import { createProperties, restoreProperties } from '../../form/vmProperties';
import type { Resource } from '../../runtime/operation';

export const virtualMachine: Resource = {
	value: 'virtualMachine',
	name: 'Virtual Machine',
	catalogue: qemu,
	operations: [
		{
			value: 'create',
			name: 'Create',
			action: 'Create a virtual machine',
			description:
				'Create a virtual machine with any settings, and optionally wait until it is made or runs',
			properties: createProperties,
			load: async () => await import('./create'),
		},
		{
			value: 'restore',
			name: 'Restore',
			action: 'Restore a virtual machine',
			description:
				'Make a virtual machine from a backup that is chosen, or from the newest one of a VM, under a new ID or in place of the VM that has it, and optionally wait until it is made or runs',
			properties: restoreProperties,
			load: async () => await import('./restore'),
		},
		{
			value: 'clone',
			name: 'Clone',
			action: 'Clone a virtual machine',
			description:
				'Make a copy of a virtual machine or template under a new ID, full or linked, and optionally wait until its disks are copied. Gives the ID and node of the copy.',
			properties: cloneProperties,
			load: async () => await import('./clone'),
		},
		{
			value: 'get',
			name: 'Get',
			action: 'Get a virtual machine',
			description:
				'Read a virtual machine: its node, status, configuration with devices as objects, what it uses just now, and its IP addresses if that is asked for',
			properties: getProperties,
			load: async () => await import('./get'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many virtual machines',
			description:
				'List the virtual machines of the cluster by VM ID, one item each, with node, name, status, tags, pool and what they use, filtered if that is asked for. The list is up to ten seconds old.',
			properties: getManyProperties,
			load: async () => await import('./getMany'),
		},
		{
			value: 'update',
			name: 'Update',
			action: 'Update a virtual machine',
			description:
				'Change settings and devices of a virtual machine, add devices, or remove some. What is not set stays. A device is added, unless it has the slot of one that is there. Tells which changes wait for the next start.',
			properties: updateProperties,
			load: async () => await import('./update'),
		},
		{
			value: 'start',
			name: 'Start',
			action: 'Start a virtual machine',
			description:
				'Start a virtual machine, and optionally wait until it runs. One that runs already is a success, with alreadyRunning; one that is paused is an error.',
			properties: [vmProperty, ...taskProperties],
			load: async () => await import('./start'),
		},
		{
			value: 'shutdown',
			name: 'Shutdown',
			action: 'Shut down a virtual machine',
			description:
				'Ask the guest of a virtual machine to shut down, wait for it, and turn it off where it does not in time if that is asked for. One that is stopped stays so.',
			properties: [vmProperty, forceStopProperty, ...shutdownWaitProperties],
			load: async () => await import('./shutdown'),
		},
		{
			value: 'stop',
			name: 'Stop',
			action: 'Stop a virtual machine',
			description:
				'Turn a virtual machine off at once, as by its power switch: the guest may lose data. Shutdown is the gentle way. One that is stopped stays so.',
			properties: [
				vmProperty,
				waitProperty,
				optionsProperty([...waitOptions, ...plainProperties(Object.entries(stopFields))]),
			],
			load: async () => await import('./stop'),
		},
		{
			value: 'reboot',
			name: 'Reboot',
			action: 'Reboot a virtual machine',
			description:
				'Shut down the guest of a running virtual machine and start it again, which also puts pending changes into effect. Fails where it is stopped.',
			properties: [vmProperty, ...shutdownWaitProperties],
			load: async () => await import('./reboot'),
		},
		{
			value: 'resizeDisk',
			name: 'Resize Disk',
			action: 'Resize a disk of a virtual machine',
			description:
				'Make a disk of a virtual machine larger, by an amount (+10G) or to a size (40G), also while it runs. The file systems in it are left to the guest.',
			properties: resizeProperties,
			load: async () => await import('./resizeDisk'),
		},
		{
			value: 'convertToTemplate',
			name: 'Convert to Template',
			action: 'Convert a virtual machine to a template',
			description:
				'Make a template of a stopped virtual machine without snapshots, disks included, so that linked clones can be made of it. There is no way back.',
			properties: [vmProperty, ...taskProperties],
			load: async () => await import('./convertToTemplate'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete a virtual machine',
			description:
				'Delete a virtual machine and its disks, for good. Its backups stay. Fails where it runs, unless Stop First is chosen, and where it is protected.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
	],
};
