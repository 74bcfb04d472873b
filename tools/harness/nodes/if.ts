import { NodeConnectionTypes, type INodeType } from 'n8n-workflow';
import { conditionProperties, judge } from './conditions';
import { describeNode } from './describeNode';

/** Sends an item to the first output where the conditions hold, else to the second. */
export const ifNode: INodeType = {
	description: describeNode({
		name: 'if',
		displayName: 'If',
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['true', 'false'],
		properties: conditionProperties,
	}),
	async execute() {
		const { held, failed } = judge(this);
		return [held, failed];
	},
};
