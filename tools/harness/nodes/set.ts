import { jsonParse, NodeOperationError, type IDataObject, type INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

interface Assignment {
	name: string;
	value: IDataObject[string];
	type?: 'string' | 'number' | 'boolean' | 'array' | 'object';
}

/** Edit Fields: assignments or JSON, with or without the other input fields. */
export const set: INodeType = {
	description: describeNode({
		name: 'set',
		displayName: 'Edit Fields (Set)',
		properties: [
			{ displayName: 'Mode', name: 'mode', type: 'string', default: 'manual' },
			{ displayName: 'JSON', name: 'jsonOutput', type: 'json', default: '{}' },
			{
				displayName: 'Fields to Set',
				name: 'assignments',
				type: 'assignmentCollection',
				default: {},
			},
			{
				displayName: 'Include Other Fields',
				name: 'includeOtherFields',
				type: 'boolean',
				default: false,
			},
			{ displayName: 'Include', name: 'include', type: 'string', default: 'all' },
		],
	}),
	async execute() {
		const items = this.getInputData().map(({ json }, item) => {
			const include = this.getNodeParameter('include', item);
			if (include !== 'all') {
				throw new NodeOperationError(
					this.getNode(),
					`The runner's Edit Fields knows no "include: ${String(include)}"`,
				);
			}
			const assignments = this.getNodeParameter(
				'assignments.assignments',
				item,
				[],
			) as Assignment[];
			const dotted = assignments.find(({ name }) => name.includes('.'));
			if (dotted) {
				throw new NodeOperationError(
					this.getNode(),
					`The runner's Edit Fields does not nest: "${dotted.name}"`,
				);
			}
			const kept = this.getNodeParameter('includeOtherFields', item) === true ? json : {};
			const isRaw = this.getNodeParameter('mode', item) === 'raw';
			const fields = isRaw
				? asObject(this.getNodeParameter('jsonOutput', item) as string | IDataObject)
				: fromAssignments(assignments);
			return { json: { ...kept, ...fields }, pairedItem: { item } };
		});
		return [items];
	},
};

function asObject(value: string | IDataObject): IDataObject {
	return typeof value === 'string' ? jsonParse<IDataObject>(value) : value;
}

function fromAssignments(assignments: Assignment[]): IDataObject {
	return Object.fromEntries(assignments.map(({ name, value, type }) => [name, typed(value, type)]));
}

// An assignment's value is text as long as no expression yields something else.
function typed(value: IDataObject[string], type: Assignment['type']): IDataObject[string] {
	if (typeof value !== 'string' || type === 'string') return value;
	if (type === 'number') return Number(value);
	if (type === 'boolean') return value === 'true';
	return type === undefined ? value : jsonParse(value);
}
