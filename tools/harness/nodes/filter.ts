import type { INodeType } from 'n8n-workflow';
import { conditionProperties, judge } from './conditions';
import { describeNode } from './describeNode';

/** Hands on the items for which the conditions hold. */
export const filter: INodeType = {
	description: describeNode({
		name: 'filter',
		displayName: 'Filter',
		properties: conditionProperties,
	}),
	async execute() {
		return [judge(this).held];
	},
};
