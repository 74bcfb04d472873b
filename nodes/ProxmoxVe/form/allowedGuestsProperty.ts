import type { INodeProperties } from 'n8n-workflow';

/**
 * Which guests the node may touch, whatever its other fields say. One text: n8n drops an expression in the place of a
 * collection, and with it every limit.
 */
export const allowedGuestsProperty: INodeProperties = {
	displayName: 'Allowed Guests',
	name: 'allowedGuests',
	type: 'string',
	noDataExpression: true,
	default: '',
	placeholder: 'e.g. 100-199, 205, pool:agents',
	description: 'IDs, pool:NAME, tag:NAME, node:NAME. Other guests are refused.',
};
