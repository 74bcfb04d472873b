import { NodeConnectionTypes, type INodeTypeDescription } from 'n8n-workflow';

type Described = Pick<INodeTypeDescription, 'name' | 'displayName'> & Partial<INodeTypeDescription>;

/** The description of a stand-in: one input and one output unless told otherwise. */
export function describeNode(description: Described): INodeTypeDescription {
	return {
		description: `Stands in for n8n's ${description.displayName}`,
		defaults: { name: description.displayName },
		group: ['transform'],
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
		version: 1,
		...description,
	};
}
