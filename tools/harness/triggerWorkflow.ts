import {
	deepCopy,
	NodeHelpers,
	Workflow,
	type IDataObject,
	type INode,
	type INodeParameters,
} from 'n8n-workflow';
import type { StoredCredentials } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';

/** A trigger, and what its workflow has stored. */
export interface TriggerOptions {
	/** Full type name. */
	type: string;
	parameters?: INodeParameters;
	credentials?: StoredCredentials;
	/** The workflow's static data in n8n's database; nothing before the first activation. */
	saved?: IDataObject;
}

/** An active workflow of one trigger, as n8n loads it. @param more of the node */
export function triggerWorkflow(
	types: LoadedTypes,
	{ type, parameters = {}, credentials = {}, saved = {} }: TriggerOptions,
	more: Partial<INode> = {},
) {
	const typeVersion = types.latestVersion(type);
	const nodeType = types.nodeTypes.getByNameAndVersion(type, typeVersion);
	const { description } = nodeType;
	const node: INode = {
		id: 'trigger',
		name: 'Trigger',
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		...more,
		credentials: Object.fromEntries(
			Object.keys(credentials).map((name) => [name, { id: name, name }]),
		),
	};
	node.parameters =
		NodeHelpers.getNodeParameters(
			description.properties,
			parameters,
			true,
			false,
			node,
			description,
		) ?? {};
	const workflow = new Workflow({
		id: 'workflow',
		name: 'My workflow',
		nodes: [node],
		connections: {},
		active: true,
		nodeTypes: types.nodeTypes,
		staticData: deepCopy(saved),
	});
	return { workflow, node, nodeType };
}
