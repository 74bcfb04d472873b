import type { INodeProperties } from 'n8n-workflow';

import { resizeFields } from '../catalogue/qemu/actions';
import { standingProperty } from './describeField';
import { taskProperties, vmProperty } from './sharedProperties';

export const resizeProperties: readonly INodeProperties[] = [
	vmProperty,
	standingProperty('disk', resizeFields.disk, { mode: 'list', value: '' }),
	standingProperty('size', resizeFields.size, ''),
	...taskProperties,
];
