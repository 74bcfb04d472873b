import {
	NodeHelpers,
	UserError,
	Workflow,
	type INode,
	type INodeListSearchResult,
	type INodeParameters,
	type INodePropertyOptions,
} from 'n8n-workflow';
import { createAdditionalData } from './createAdditionalData';
import { createCredentialsHelper, type StoredCredentials } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';
import { LoadOptionsContext } from './n8nCore';
import { onlyNode } from './runNode';

export interface PanelOptions {
	/** Full type name; optional if the package has only one node besides triggers. */
	type?: string;
	typeVersion?: number;
	/** The node's parameters in the panel; the others get their defaults. */
	parameters?: INodeParameters;
	/** The parameter whose list is opened, e.g. `parameters.disks.disk[0].storage`. */
	path?: string;
	credentials?: StoredCredentials;
}

export interface ListSearchOptions extends PanelOptions {
	filter?: string;
	paginationToken?: string;
}

/** Fills a resource locator's list as the editor does. Throws what the method throws. */
export async function listSearch(
	types: LoadedTypes,
	method: string,
	options: ListSearchOptions = {},
): Promise<INodeListSearchResult> {
	const { workflow, context, nodeType, type } = openPanel(types, options);
	const search = nodeType.methods?.listSearch?.[method];
	if (!search) throw new UserError(`Node type "${type}" has no listSearch method "${method}"`);
	return await workflow.expression.withIsolate(
		async () => await search.call(context, options.filter, options.paginationToken),
	);
}

/** Fills a list of options as the editor does. Throws what the method throws. */
export async function loadOptions(
	types: LoadedTypes,
	method: string,
	options: PanelOptions = {},
): Promise<INodePropertyOptions[]> {
	const { workflow, context, nodeType, type } = openPanel(types, options);
	const load = nodeType.methods?.loadOptions?.[method];
	if (!load) throw new UserError(`Node type "${type}" has no loadOptions method "${method}"`);
	return await workflow.expression.withIsolate(async () => await load.call(context));
}

/** A node's panel, with one of its lists about to be opened. */
function openPanel(types: LoadedTypes, options: PanelOptions) {
	const { credentials = {}, parameters = {}, path = '', type = onlyNode(types) } = options;
	const typeVersion = options.typeVersion ?? types.latestVersion(type);
	const nodeType = types.nodeTypes.getByNameAndVersion(type, typeVersion);
	const node: INode = {
		id: 'node',
		name: 'Node',
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		credentials: Object.fromEntries(
			Object.keys(credentials).map((name) => [name, { id: name, name }]),
		),
	};
	const { properties } = nodeType.description;
	node.parameters =
		NodeHelpers.getNodeParameters(
			properties,
			parameters,
			true,
			false,
			node,
			nodeType.description,
		) ?? {};

	const workflow = new Workflow({
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: types.nodeTypes,
	});
	const additionalData = createAdditionalData(
		createCredentialsHelper(types.credentialTypes, types.nodeTypes, credentials),
		{ currentNodeParameters: node.parameters },
	);
	return {
		workflow,
		nodeType,
		type,
		context: new LoadOptionsContext(workflow, node, additionalData, path),
	};
}
