import { NodeOperationError, type INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** One item with the JSON of all items in a list. */
export const aggregate: INodeType = {
	description: describeNode({
		name: 'aggregate',
		displayName: 'Aggregate',
		properties: [
			{
				displayName: 'Aggregate',
				name: 'aggregate',
				type: 'string',
				default: 'aggregateIndividualFields',
			},
			{
				displayName: 'Put Output in Field',
				name: 'destinationFieldName',
				type: 'string',
				default: 'data',
			},
		],
	}),
	async execute() {
		if (this.getNodeParameter('aggregate', 0) !== 'aggregateAllItemData') {
			throw new NodeOperationError(
				this.getNode(),
				"The runner's Aggregate knows only All Item Data (Into a Single List)",
			);
		}
		const items = this.getInputData();
		const field = String(this.getNodeParameter('destinationFieldName', 0));
		return [
			[
				{
					json: { [field]: items.map(({ json }) => json) },
					pairedItem: items.map((_, item) => ({ item })),
				},
			],
		];
	},
};
