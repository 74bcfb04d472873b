import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

/** The conditions of If and Filter. */
export const conditionProperties: INodeProperties[] = [
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
];

/** The items for which the conditions hold, and the others; n8n's engine judges them. */
export function judge(context: IExecuteFunctions): {
	held: INodeExecutionData[];
	failed: INodeExecutionData[];
} {
	const held: INodeExecutionData[] = [];
	const failed: INodeExecutionData[] = [];
	context.getInputData().forEach((item, index) => {
		const holds =
			context.getNodeParameter('conditions', index, false, { extractValue: true }) === true;
		(holds ? held : failed).push({ ...item, pairedItem: { item: index } });
	});
	return { held, failed };
}
