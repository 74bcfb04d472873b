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
		'Whether to turn a running VM off, which Proxmox would not delete. The guest is not asked.',
};

export const deleteProperties: readonly INodeProperties[] = [
	vmProperty,
	waitProperty,
	optionsProperty([...waitOptions, stopFirst, ...plainProperties(Object.entries(deleteFields))]),
];
