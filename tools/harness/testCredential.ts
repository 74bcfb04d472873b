import {
	createEmptyRunExecutionData,
	UserError,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialTestRequest,
	type IDataObject,
	type INode,
	type INodeCredentialTestResult,
	type INodeType,
	type INodeTypes,
} from 'n8n-workflow';
import { createAdditionalData } from './createAdditionalData';
import { createCredentialsHelper, withDefaults } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';
import { ExecuteContext, RoutingNode } from './n8nCore';
import { describeNode } from './nodes/describeNode';

interface FailedRequest {
	message: string;
	cause?: { code?: string; response?: { status: number; statusText?: string } };
}

/**
 * Tests a credential as the editor's "Test" does: the type's `test.request` goes out through a
 * declarative node, and the answer becomes the message the user reads.
 */
export async function testCredential(
	types: LoadedTypes,
	name: string,
	given: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const type = types.credentialTypes[name];
	if (!type) throw new UserError(`Credential type "${name}" is not known here`);
	if (!type.test) return { status: 'Error', message: 'The credential type has no test' };

	const nodeType = testNode(name, type.test);
	const nodeTypes: INodeTypes = {
		getByName: () => nodeType,
		getByNameAndVersion: () => nodeType,
		getKnownTypes: () => ({}),
	};
	const node: INode = {
		id: 'test',
		name: 'Test',
		// n8n's server takes the short name here, so that it does not notice a credential test elsewhere.
		type: 'noOp',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: { [name]: { id: name, name } },
	};
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const additionalData = createAdditionalData(
		createCredentialsHelper(types.credentialTypes, types.nodeTypes, { [name]: given }),
		{ currentNodeParameters: node.parameters },
	);
	const context = new ExecuteContext(
		workflow,
		node,
		additionalData,
		'internal',
		createEmptyRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	try {
		const data = withDefaults(type, given, types.nodeTypes, additionalData, 'internal');
		const routing = new RoutingNode(context, nodeType, { id: name, name, type: name, data });
		const answer = await workflow.expression.withIsolate(async () => await routing.runNode());
		return judgeAnswer(type.test, answer?.[0]?.[0]?.json ?? {});
	} catch (error) {
		return { status: 'Error', message: explainFailure(type.test, error as FailedRequest) };
	}
}

function testNode(credential: string, { request }: ICredentialTestRequest): INodeType {
	return {
		description: describeNode({
			name: 'noOp',
			displayName: 'Test',
			credentials: [{ name: credential, required: true }],
			properties: [
				{ displayName: 'Temp', name: 'temp', type: 'string', default: '', routing: { request } },
			],
		}),
	};
}

function judgeAnswer(
	{ rules = [] }: ICredentialTestRequest,
	body: IDataObject,
): INodeCredentialTestResult {
	for (const rule of rules) {
		if (rule.type !== 'responseSuccessBody') continue;
		const { key, value, message } = rule.properties;
		if (valueAt(body, String(key)) === value) return { status: 'Error', message: String(message) };
	}
	return { status: 'OK', message: 'Connection successful' };
}

// In n8n's order: a rule for the status code, the reason phrase, the network's error code, the error itself.
function explainFailure(
	{ rules = [] }: ICredentialTestRequest,
	{ message, cause }: FailedRequest,
): string {
	if (!cause?.response) return cause?.code ?? message;
	const { status, statusText } = cause.response;
	const rule = rules.find(
		({ type, properties }) => type === 'responseCode' && properties.value === status,
	);
	return rule ? String(rule.properties.message) : statusText || `HTTP status ${status}`;
}

function valueAt(body: IDataObject, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>(
			(value, key) => (typeof value === 'object' && value ? Reflect.get(value, key) : undefined),
			body,
		);
}
