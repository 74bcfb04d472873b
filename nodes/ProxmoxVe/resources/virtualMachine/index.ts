import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	cloneProperties,
	createProperties,
	deleteProperties,
	getAllProperties,
	getProperties,
	rebootProperties,
	resizeProperties,
	restoreProperties,
	shutdownProperties,
	startProperties,
	stopProperties,
	updateProperties,
} from './properties';

export const virtualMachine: Resource = {
	value: 'virtualMachine',
	name: 'Virtual Machine',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'create',
			name: 'Create',
			action: 'Create virtual machine',
			description: 'Create a new virtual machine with any settings',
			details:
				'Can also start it, wait for its IP addresses, and choose the node. Returns its VM ID, node and task.',
			properties: createProperties,
			load: async () => await import('./create'),
		},
		{
			value: 'restore',
			name: 'Restore',
			action: 'Restore virtual machine',
			description: 'Restore a virtual machine from a backup',
			details:
				'Creates a new VM, or replaces an existing one with Overwrite. Uses a chosen backup, or the newest backup of a VM.',
			properties: restoreProperties,
			load: async () => await import('./restore'),
		},
		{
			value: 'clone',
			name: 'Clone',
			action: 'Clone virtual machine',
			description: 'Copy a virtual machine or template to a new VM ID',
			details: 'Makes a full or a linked clone. Returns the VM ID and node of the clone.',
			properties: cloneProperties,
			load: async () => await import('./clone'),
		},
		{
			value: 'get',
			name: 'Get',
			action: 'Get virtual machine',
			description: 'Retrieve a virtual machine with its state and addresses',
			details: 'Without Simplify it also returns the whole configuration and the resource usage.',
			properties: getProperties,
			load: async () => await import('./get'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many virtual machines',
			description: 'Retrieve a list of virtual machines of the cluster',
			details:
				'Can be filtered by name, node, pool, status, tags and templates. The data can be up to ten seconds old.',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
		{
			value: 'update',
			name: 'Update',
			action: 'Update virtual machine',
			description: 'Change settings and devices of a virtual machine',
			details:
				'Settings that are not set stay unchanged. A device is added unless its slot is in use. Returns which changes wait for the next start.',
			properties: updateProperties,
			load: async () => await import('./update'),
		},
		{
			value: 'start',
			name: 'Start',
			action: 'Start virtual machine',
			description: 'Turn on a virtual machine',
			details: 'Succeeds with alreadyRunning if it is already running. A paused VM is not resumed.',
			properties: startProperties,
			load: async () => await import('./start'),
		},
		{
			value: 'shutdown',
			name: 'Shutdown',
			action: 'Shut down virtual machine',
			description: 'Shut down the guest of a virtual machine cleanly',
			details: 'Can turn it off after a timeout. No effect on a stopped VM.',
			properties: shutdownProperties,
			load: async () => await import('./shutdown'),
		},
		{
			value: 'stop',
			name: 'Stop',
			action: 'Stop virtual machine',
			description: 'May lose data: turn off a virtual machine at once',
			details:
				'Like pulling the power plug. Use Shutdown for a clean stop. No effect on a stopped VM.',
			properties: stopProperties,
			load: async () => await import('./stop'),
		},
		{
			value: 'reboot',
			name: 'Reboot',
			action: 'Reboot virtual machine',
			description: 'Shut down a running virtual machine and start it again',
			details: 'Also applies changes that wait for the next start. The VM must be running.',
			properties: rebootProperties,
			load: async () => await import('./reboot'),
		},
		{
			value: 'resizeDisk',
			name: 'Resize Disk',
			action: 'Resize disk of virtual machine',
			description: 'Enlarge a disk of a virtual machine',
			details:
				'By an amount (+10G) or to a total size (40G), also while the VM is running. The file systems on the disk are not changed.',
			properties: resizeProperties,
			load: async () => await import('./resizeDisk'),
		},
		{
			value: 'convertToTemplate',
			name: 'Convert to Template',
			action: 'Convert virtual machine to template',
			description: 'Cannot be undone: turn a virtual machine into a template',
			details:
				'The VM must be stopped and have no snapshots. Its disks become the base of linked clones.',
			properties: startProperties,
			load: async () => await import('./convertToTemplate'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete virtual machine',
			description: 'Delete a virtual machine and its disks permanently',
			details:
				'Its backups are kept. A running VM needs Stop First, and a protected VM is not deleted.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
	],
};
