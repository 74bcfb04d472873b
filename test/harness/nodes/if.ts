import { NodeConnectionTypes, type INodeExecutionData, type INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** Sends an item to the first output where the conditions hold, else to the second; n8n's engine judges them. */
export const ifNode: INodeType = {
	description: describeNode({
		name: 'if',
		displayName: 'If',
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['true', 'false'],
		properties: [
			{
				displayName: 'Conditions',
				name: 'conditions',
				type: 'filter',
				default: {},
				typeOptions: {
					filter: {
						caseSensitive: '={{!$parameter.options?.ignoreCase}}',
						typeValidation: '={{$parameter.options?.looseTypeValidation ? "loose" : "strict"}}',
						version: 2,
					},
				},
			},
			{ displayName: 'Options', name: 'options', type: 'collection', default: {}, options: [] },
		],
	}),
	async execute() {
		const held: INodeExecutionData[] = [];
		const failed: INodeExecutionData[] = [];
		this.getInputData().forEach((item, index) => {
			const holds = this.getNodeParameter('conditions', index, false, { extractValue: true }) === true;
			(holds ? held : failed).push({ ...item, pairedItem: { item: index } });
		});
		return [held, failed];
	},
};
