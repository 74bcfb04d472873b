import { NodeOperationError, type IDataObject, type INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** An item for each entry of a list of objects in a field. */
export const splitOut: INodeType = {
	description: describeNode({
		name: 'splitOut',
		displayName: 'Split Out',
		properties: [{ displayName: 'Field', name: 'fieldToSplitOut', type: 'string', default: '' }],
	}),
	async execute() {
		const items = this.getInputData().flatMap(({ json }, item) => {
			const field = String(this.getNodeParameter('fieldToSplitOut', item));
			const list = json[field];
			if (!Array.isArray(list))
				throw new NodeOperationError(this.getNode(), `The field "${field}" is no list`);
			return list.map((entry) => ({ json: entry as IDataObject, pairedItem: { item } }));
		});
		return [items];
	},
};
