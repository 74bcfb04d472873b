import type { INodeProperties } from 'n8n-workflow';

import { cloneFields } from '../catalogue/qemu/actions';
import { plainProperties, standingProperty } from './describeField';
import {
	idModeProperty,
	idRangeOptions,
	optionsProperty,
	vmProperty,
	waitOptions,
	waitProperty,
} from './sharedProperties';

const newIdMode = idModeProperty('newIdMode', 'New VM ID');

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
