import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	cloneProperties,
	convertToTemplateProperties,
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
			description: 'Create a virtual machine with any settings, and optionally start it',
			properties: createProperties,
			load: async () => await import('./create'),
		},
		{
			value: 'restore',
			name: 'Restore',
			action: 'Restore virtual machine',
			description:
				'Create a virtual machine from a backup, or replace an existing virtual machine with it. Uses a backup that you choose, or the newest backup of a VM.',
			properties: restoreProperties,
			load: async () => await import('./restore'),
		},
		{
			value: 'clone',
			name: 'Clone',
			action: 'Clone virtual machine',
			description:
				'Copy a virtual machine or template to a new VM ID, as a full or linked clone. Returns the ID and node of the clone.',
			properties: cloneProperties,
			load: async () => await import('./clone'),
		},
		{
			value: 'get',
			name: 'Get',
			action: 'Get virtual machine',
			description:
				'Read the node, status, configuration, resource usage and, if chosen, the IP addresses of a virtual machine',
			properties: getProperties,
			load: async () => await import('./get'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many virtual machines',
			description:
				'List the virtual machines of the cluster with node, name, status, tags, pool and resource usage, optionally filtered. The data can be up to ten seconds old.',
			properties: getAllProperties,
			load: async () => await import('./getAll'),
		},
		{
			value: 'update',
			name: 'Update',
			action: 'Update virtual machine',
			description:
				'Change, add or remove settings and devices of a virtual machine. Settings that are not set stay unchanged. A device is added unless its slot is in use. Returns which changes wait for the next start.',
			properties: updateProperties,
			load: async () => await import('./update'),
		},
		{
			value: 'start',
			name: 'Start',
			action: 'Start virtual machine',
			description:
				'Start a virtual machine. Succeeds with alreadyRunning if it is already running, and fails if it is paused.',
			properties: startProperties,
			load: async () => await import('./start'),
		},
		{
			value: 'shutdown',
			name: 'Shutdown',
			action: 'Shut down virtual machine',
			description:
				'Shut down the guest of a virtual machine, and optionally turn it off after a timeout. No effect on a stopped VM.',
			properties: shutdownProperties,
			load: async () => await import('./shutdown'),
		},
		{
			value: 'stop',
			name: 'Stop',
			action: 'Stop virtual machine',
			description:
				'Turn off a virtual machine at once, like pulling the power plug: the guest may lose data. Use Shutdown for a clean stop. No effect on a stopped VM.',
			properties: stopProperties,
			load: async () => await import('./stop'),
		},
		{
			value: 'reboot',
			name: 'Reboot',
			action: 'Reboot virtual machine',
			description:
				'Shut down a running virtual machine and start it again, which also applies pending changes. Fails if it is stopped.',
			properties: rebootProperties,
			load: async () => await import('./reboot'),
		},
		{
			value: 'resizeDisk',
			name: 'Resize Disk',
			action: 'Resize disk of virtual machine',
			description:
				'Enlarge a disk of a virtual machine by an amount (+10G) or to a size (40G), even while it is running. The file systems on the disk are not changed.',
			properties: resizeProperties,
			load: async () => await import('./resizeDisk'),
		},
		{
			value: 'convertToTemplate',
			name: 'Convert to Template',
			action: 'Convert virtual machine to template',
			description:
				'Convert a stopped virtual machine and its disks to a template for linked clones. This cannot be undone. Fails if it has snapshots.',
			properties: convertToTemplateProperties,
			load: async () => await import('./convertToTemplate'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete virtual machine',
			description:
				'Permanently delete a virtual machine and its disks. Its backups are kept. Fails if it is protected, or if it is running and Stop First is not set.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
	],
};
