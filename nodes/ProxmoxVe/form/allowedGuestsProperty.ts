import type { INodeProperties } from 'n8n-workflow';

const listOf = (name: string, displayName: string, example: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	noDataExpression: true,
	default: '',
	placeholder: `e.g. ${example}`,
});

/** Which guests the node may touch, whatever its other fields say. They take no expressions, so no AI model can fill them in. */
export const allowedGuestsProperty: INodeProperties = {
	displayName: 'Allowed Guests',
	name: 'allowedGuests',
	type: 'collection',
	noDataExpression: true,
	placeholder: 'Add Limit',
	default: {},
	description: 'Refuses every request for other guests, whatever an AI model fills in',
	options: [
		listOf('ids', 'IDs', '100-199,205'),
		listOf('nodes', 'Nodes', 'pve1,pve2'),
		listOf('pools', 'Resource Pools', 'agents'),
		listOf('tags', 'Tags', 'ai'),
	],
};
