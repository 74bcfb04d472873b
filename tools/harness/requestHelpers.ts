import {
	createEmptyRunExecutionData,
	Workflow,
	type IExecuteFunctions,
	type INode,
	type INodeType,
} from 'n8n-workflow';
import { createAdditionalData } from './createAdditionalData';
import { createCredentialsHelper, type StoredCredentials } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';
import { ExecuteContext } from './n8nCore';

const TYPE = 'n8n-nodes-base.httpRequest';

/**
 * n8n's own request helpers as its HTTP Request node has them: that node may use every credential.
 * @param stored credentials by type
 */
export function requestHelpers(
	types: LoadedTypes,
	stored: StoredCredentials,
): IExecuteFunctions['helpers'] {
	const node: INode = {
		id: 'request',
		name: 'HTTP Request',
		type: TYPE,
		typeVersion: 4.2,
		position: [0, 0],
		parameters: {},
		credentials: Object.fromEntries(Object.keys(stored).map((name) => [name, { id: name, name }])),
	};
	const nodeType = types.nodeTypes.getByName(TYPE) as INodeType;
	const nodeTypes = {
		getByName: () => nodeType,
		getByNameAndVersion: () => nodeType,
		getKnownTypes: () => ({}),
	};
	const context = new ExecuteContext(
		new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes }),
		node,
		createAdditionalData(createCredentialsHelper(types.credentialTypes, types.nodeTypes, stored)),
		'manual',
		createEmptyRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	// The helpers read the context they are called on.
	const bound = (name: 'requestWithAuthentication' | 'httpRequestWithAuthentication') =>
		context.helpers[name].bind(context as IExecuteFunctions) as never;
	return {
		...context.helpers,
		requestWithAuthentication: bound('requestWithAuthentication'),
		httpRequestWithAuthentication: bound('httpRequestWithAuthentication'),
	};
}
