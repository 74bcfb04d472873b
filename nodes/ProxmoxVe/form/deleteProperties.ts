import type { INodeProperties } from 'n8n-workflow';

import { deleteFields } from '../catalogue/qemu/actions';
import { plainProperties } from './describeField';
import { optionsProperty, vmProperty, waitOptions, waitProperty } from './sharedProperties';

const stopFirst: INodeProperties = {
	displayName: 'Stop First',
	name: 'stopFirst',
	type: 'boolean',
	default: true,
	description:
		'Whether to turn off the VM first if it is running, because Proxmox does not delete running VMs. This is a hard stop, not a clean shutdown.',
};

export const deleteProperties: readonly INodeProperties[] = [
	vmProperty,
	waitProperty,
	optionsProperty([...waitOptions, stopFirst, ...plainProperties(Object.entries(deleteFields))]),
];
