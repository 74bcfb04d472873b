import type { INodeProperties } from 'n8n-workflow';

import { JSON_PROFILE } from './applyProfile';

/** The choice of Create under More Settings that shows them. */
export const ALLOWED_GUESTS = 'allowedGuests';

/**
 * Which guests the node may touch, whatever its other fields say. One text: n8n drops an expression in the place of a
 * collection, and with it every limit.
 */
const allowedGuests: INodeProperties = {
	displayName: 'Allowed Guests',
	name: ALLOWED_GUESTS,
	type: 'string',
	noDataExpression: true,
	default: '',
	placeholder: 'e.g. 100-199, 205, pool:agents',
	description: 'IDs, pool:NAME, tag:NAME, node:NAME. Other guests are refused.',
};

type Show = NonNullable<NonNullable<INodeProperties['displayOptions']>['show']>;

const CHOSEN = { moreSettings: [ALLOWED_GUESTS] };
const JSON_MODE = { profile: [JSON_PROFILE] };
const OTHERWISE = { ...CHOSEN, ...JSON_MODE };
const IS_SET: Show = { allowedGuests: [{ _cnd: { exists: true } }] };

/** Create has many fields, and shows this one if it was chosen or is set. */
const onDemand: readonly INodeProperties[] = [
	{ ...allowedGuests, displayOptions: { show: CHOSEN } },
	{ ...allowedGuests, displayOptions: { show: JSON_MODE } },
	{ ...allowedGuests, displayOptions: { show: IS_SET, hide: OTHERWISE } },
	// n8n drops a value that no property shows, so the limit would end where the choice was taken back.
	{ ...allowedGuests, type: 'hidden' },
];

/** @param properties of the operation, which end with them */
export const withAllowedGuests = (
	properties: readonly INodeProperties[],
): readonly INodeProperties[] => [
	...properties,
	...(properties.some(({ name }) => name === 'profile') ? onDemand : [allowedGuests]),
];
