import { guestKinds } from '../../guests/kinds';
import type { Resource } from '../../runtime/operation';
import {
	createSeedProperties,
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
			description: 'Retrieve a list of images on the storages of a node',
			details: 'Disk images, ISO images and container templates.',
			properties: getManyProperties,
			load: async () => await import('./getMany'),
		},
		{
			value: 'download',
			name: 'Download',
			action: 'Download image',
			description: 'Download an image, template or OCI image to a storage',
			details:
				'The node downloads it: from a URL, from the templates that Proxmox offers, or from a registry. Returns the volume ID, even if the file already exists.',
			properties: downloadProperties,
			load: async () => await import('./download'),
		},
		{
			value: 'upload',
			name: 'Upload',
			action: 'Upload image',
			description: 'Upload a binary file as an image to a storage',
			details:
				'As a disk image, ISO image or container template. Returns the volume ID, even if the file already exists.',
			properties: uploadProperties,
			load: async () => await import('./upload'),
		},
		{
			value: 'createSeed',
			name: 'Create Cloud-Init ISO',
			action: 'Create cloud-init ISO image',
			description: 'Upload an ISO image with cloud-init user data',
			details:
				'Builds a NoCloud ISO image and uploads it. Give its volume ID to Create as an ISO image, without a cloud-init drive of Proxmox: the guest sets itself up at its first boot.',
			properties: createSeedProperties,
			load: async () => await import('./createSeed'),
		},
		{
			value: 'delete',
			name: 'Delete',
			action: 'Delete image',
			description: 'Delete an image permanently',
			details: 'A disk image file, ISO image or container template. Disks of VMs are not affected.',
			properties: deleteProperties,
			load: async () => await import('./delete'),
		},
	],
};
