import type { INodeProperties } from 'n8n-workflow';

import { alwaysShownProperty, plainProperties } from '../../form/describeField';
import {
	changeOptions,
	guestProperty,
	listProperties,
	optionsProperty,
	waitProperty,
} from '../../form/sharedProperties';
import { createFields, deleteFields, rollbackFields } from './fields';
import { keepFields, snapshotField, stopFirstField, treeField } from './ownFields';

const { snapname, vmstate, description } = createFields;
const snapshotProperty = alwaysShownProperty('snapname', snapshotField.snapname, {
	mode: 'list',
	value: '',
});

export const createProperties: readonly INodeProperties[] = [
	guestProperty,
	alwaysShownProperty('snapname', snapname, ''),
	alwaysShownProperty('vmstate', vmstate, false),
	waitProperty,
	optionsProperty([...changeOptions, ...plainProperties([['description', description]])]),
];

export const getAllProperties: readonly INodeProperties[] = [
	guestProperty,
	...listProperties,
	optionsProperty(plainProperties(Object.entries(treeField))),
];

export const rollbackProperties: readonly INodeProperties[] = [
	guestProperty,
	snapshotProperty,
	alwaysShownProperty('start', rollbackFields.start, false),
	waitProperty,
	optionsProperty([...changeOptions, ...plainProperties(Object.entries(stopFirstField))]),
];

export const deleteProperties: readonly INodeProperties[] = [
	guestProperty,
	snapshotProperty,
	waitProperty,
	optionsProperty([...changeOptions, ...plainProperties(Object.entries(deleteFields))]),
];

export const keepLastProperties: readonly INodeProperties[] = [
	guestProperty,
	alwaysShownProperty('pattern', keepFields.pattern, ''),
	alwaysShownProperty('keep', keepFields.keep, 7),
	optionsProperty(changeOptions),
];
