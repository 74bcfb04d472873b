import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	deleteProperties,
	downloadProperties,
	getManyProperties,
	uploadProperties,
} from './properties';

export const image: Resource = {
	value: 'image',
	name: 'Image',
	kind: guestKinds.qemu,
	operations: [
		{
			value: 'getAll',
			name: 'Get Many',
			action: 'Get many images',
			description: 'List disk images, ISO images and container templates on the storages of a node',
			properties: getManyProperties,
			load: async () => await import('./getMany'),
		},
		{
			value: 'download',
			name: 'Download From URL',
			action: 'Download image from URL',
			description:
				'Have a Proxmox node download a disk image, ISO image or container template to a storage. Returns the volume ID, also if the file is there already.',
			properties: downloadProperties,
			load: async () => await import('./download'),
		},
		{
			value: 'upload',
			name: 'Upload',
			action: 'Upload image',
			description:
				'Upload a binary file as a disk image, ISO image or container template. Returns the volume ID, also if the file is there already.',
			properties: uploadProperties,
			load: async () => await import('./upload'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete image',
			description:
				'Permanently delete a disk image file, ISO image or container template. Disks of VMs are not affected.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
	],
};
