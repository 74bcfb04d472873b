import {
	NodeHelpers,
	UserError,
	Workflow,
	type INode,
	type INodeListSearchResult,
	type INodeParameters,
} from 'n8n-workflow';
import { createAdditionalData } from './createAdditionalData';
import { createCredentialsHelper, type StoredCredentials } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';
import { LoadOptionsContext } from './n8nCore';
import { onlyNode } from './runNode';

export interface ListSearchOptions {
	/** Full type name; may be left out where the package has just one node that is no trigger. */
	type?: string;
	typeVersion?: number;
	/** The node's parameters as they stand in the panel; the rest get their defaults. */
	parameters?: INodeParameters;
	/** The parameter whose list is opened, e.g. `parameters.disks.disk[0].storage`. */
	path?: string;
	credentials?: StoredCredentials;
	filter?: string;
	paginationToken?: string;
}

/** Fills a resource locator's list as the editor does. Throws what the method throws. */
export async function listSearch(
	types: LoadedTypes,
	method: string,
	options: ListSearchOptions = {},
): Promise<INodeListSearchResult> {
	const { credentials = {}, parameters = {}, path = '', type = onlyNode(types) } = options;
	const typeVersion = options.typeVersion ?? types.latestVersion(type);
	const nodeType = types.nodeTypes.getByNameAndVersion(type, typeVersion);
	const search = nodeType.methods?.listSearch?.[method];
	if (!search) throw new UserError(`Node type "${type}" has no listSearch method "${method}"`);

	const node: INode = {
		id: 'node',
		name: 'Node',
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		credentials: Object.fromEntries(Object.keys(credentials).map((name) => [name, { id: name, name }])),
	};
	const { properties } = nodeType.description;
	node.parameters = NodeHelpers.getNodeParameters(properties, parameters, true, false, node, nodeType.description) ?? {};

	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes: types.nodeTypes });
	const additionalData = createAdditionalData(
		createCredentialsHelper(types.credentialTypes, types.nodeTypes, credentials),
		{ currentNodeParameters: node.parameters },
	);
	const context = new LoadOptionsContext(workflow, node, additionalData, path);
	return await workflow.expression.withIsolate(
		async () => await search.call(context, options.filter, options.paginationToken),
	);
}
