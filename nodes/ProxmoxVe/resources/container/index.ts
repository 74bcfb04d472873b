import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
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

/** Most operations are those of a VM: they take the kind of guest from the item. */
export const container: Resource = {
	value: 'container',
	name: 'Container',
	kind: guestKinds.lxc,
	operations: [
		{
			value: 'create',
			name: 'Create',
			action: 'Create container',
			description: 'Create a new container with any settings',
			details:
				'From a template or OCI image. Can also start it, wait for its IP addresses, and choose the node. Returns its ID, node and task.',
			properties: createProperties,
			load: async () => await import('../virtualMachine/create'),
		},
		{
			value: 'restore',
			name: 'Restore',
			action: 'Restore container',
			description: 'Restore a container from a backup',
			details:
				'Creates a new container, or replaces an existing one with Overwrite. Uses a chosen backup, or the newest backup of a container.',
			properties: restoreProperties,
			load: async () => await import('../virtualMachine/restore'),
		},
		{
			value: 'get',
			name: 'Get',
			action: 'Get container',
			description: 'Retrieve a container with its state and addresses',
			details: 'Without Simplify it also returns the whole configuration and the resource usage.',
			properties: getProperties,
			load: async () => await import('../virtualMachine/get'),
		},
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many containers',
			description: 'Retrieve a list of containers of the cluster',
			details:
				'Can be filtered by name, node, pool, status, tags and templates. The data can be up to ten seconds old.',
			properties: getAllProperties,
			load: async () => await import('../virtualMachine/getAll'),
		},
		{
			value: 'update',
			name: 'Update',
			action: 'Update container',
			description: 'Change settings and volumes of a container',
			details:
				'Settings that are not set stay unchanged. Returns which changes wait for the next start.',
			properties: updateProperties,
			load: async () => await import('../virtualMachine/update'),
		},
		{
			value: 'start',
			name: 'Start',
			action: 'Start container',
			description: 'Turn on a container',
			details: 'Succeeds with alreadyRunning if it is already running.',
			properties: startProperties,
			load: async () => await import('../virtualMachine/start'),
		},
		{
			value: 'shutdown',
			name: 'Shutdown',
			action: 'Shut down container',
			description: 'Shut down a container cleanly',
			details: 'Can turn it off after a timeout. No effect on a stopped container.',
			properties: shutdownProperties,
			load: async () => await import('../virtualMachine/shutdown'),
		},
		{
			value: 'stop',
			name: 'Stop',
			action: 'Stop container',
			description: 'May lose data: turn off a container at once',
			details: 'Use Shutdown for a clean stop. No effect on a stopped container.',
			properties: stopProperties,
			load: async () => await import('../virtualMachine/stop'),
		},
		{
			value: 'reboot',
			name: 'Reboot',
			action: 'Reboot container',
			description: 'Shut down a running container and start it again',
			details:
				'Also applies changes that wait for the next start. It is killed if it does not shut down in time.',
			properties: rebootProperties,
			load: async () => await import('../virtualMachine/reboot'),
		},
		{
			value: 'resizeVolume',
			name: 'Resize Volume',
			action: 'Resize volume of container',
			description: 'Enlarge a volume of a container and its file system',
			details: 'By an amount (+10G) or to a total size (40G), also while it is running.',
			properties: resizeProperties,
			load: async () => await import('./resizeVolume'),
		},
		{
			value: 'convertToTemplate',
			name: 'Convert to Template',
			action: 'Convert container to template',
			description: 'Cannot be undone: turn a container into a template',
			details: 'The container must be stopped and have no snapshots.',
			properties: convertToTemplateProperties,
			load: async () => await import('../virtualMachine/convertToTemplate'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete container',
			description: 'Delete a container and its volumes permanently',
			details:
				'Its backups are kept. A running container needs Stop First, and a protected one is not deleted.',
			properties: deleteProperties,
			load: async () => await import('../virtualMachine/delete'),
		},
	],
};
