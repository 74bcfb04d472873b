import type { INodeProperties } from 'n8n-workflow';

import { cloneFields } from '../catalogue/qemu/actions';
import { plainProperties, standingProperty } from './describeField';
import {
	idRangeOptions,
	optionsProperty,
	vmProperty,
	waitOptions,
	waitProperty,
} from './sharedProperties';

const newIdMode: INodeProperties = {
	displayName: 'New VM ID',
	name: 'newIdMode',
	type: 'options',
	options: [
		{ name: 'Next Free ID', value: 'next', description: 'The lowest free ID in the cluster' },
		{ name: 'Fixed ID', value: 'fixed', description: 'An ID that you choose' },
	],
	default: 'next',
};

const newid: INodeProperties = {
	...standingProperty('newid', cloneFields.newid, 100),
	displayName: 'Fixed New VM ID',
	displayOptions: { show: { newIdMode: ['fixed'] } },
};

const { storage, format, target, description, pool, snapname, bwlimit } = cloneFields;

/** What Clone asks for. */
export const cloneProperties: readonly INodeProperties[] = [
	vmProperty,
	newIdMode,
	newid,
	standingProperty('name', cloneFields.name, ''),
	standingProperty('full', cloneFields.full, true),
	waitProperty,
	optionsProperty([
		...waitOptions,
		...idRangeOptions,
		...plainProperties(
			Object.entries({ storage, format, target, description, pool, snapname, bwlimit }),
		),
	]),
];
