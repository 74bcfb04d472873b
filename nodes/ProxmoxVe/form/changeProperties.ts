import type { INodeProperties } from 'n8n-workflow';

import { changeFields, updateFields } from '../catalogue/qemu/actions';
import { plainProperties, standingProperty } from './describeField';
import { optionsProperty, vmProperty, waitOptions, waitProperty } from './sharedProperties';
import { changeProperties } from './vmProperties';

const { delete: removal, ...steering } = changeFields;

/** What Update asks for. */
export const updateProperties: readonly INodeProperties[] = [
	vmProperty,
	...changeProperties,
	standingProperty('delete', removal, ''),
	waitProperty,
	optionsProperty([
		...waitOptions,
		...plainProperties(Object.entries({ ...steering, ...updateFields })),
	]),
];
