import {
	getCredentialOwnRequestAllowedDomains,
	isExpression,
	NodeHelpers,
	UserError,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialsHelper,
	type ICredentialType,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	type INodeParameters,
	type INodeTypes,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { getAdditionalKeys } from './n8nCore';

/** The stored credentials, one a type: what n8n keeps (encrypted) in its database. */
export type StoredCredentials = Record<string, ICredentialDataDecryptedObject>;

/**
 * Does with credentials what n8n's server does: fills in the defaults of the type's fields, resolves
 * expressions, renews what has expired (and writes it back to `stored`) and authenticates requests.
 */
export function createCredentialsHelper(
	credentialTypes: Record<string, ICredentialType>,
	nodeTypes: INodeTypes,
	stored: StoredCredentials,
): ICredentialsHelper {
	function typeNamed(name: string): ICredentialType {
		const type = credentialTypes[name];
		if (!type) throw new UserError(`Credential type "${name}" is not known here`);
		return type;
	}

	function storedOf(name: string): ICredentialDataDecryptedObject {
		const data = stored[name];
		if (!data) throw new UserError(`No credential of type "${name}" was given`);
		return data;
	}

	const helper: ICredentialsHelper = {
		getParentTypes: (name) => typeNamed(name).extends ?? [],
		getCredentialsProperties: (name) => typeNamed(name).properties,

		isCredentialUsableByNode(name, nodeType) {
			const { restrictToSupportedNodes, supportedNodes = [] } = typeNamed(name);
			return (
				!restrictToSupportedNodes ||
				supportedNodes.some((supported) => nodeType.endsWith(`.${supported}`))
			);
		},

		async getDecrypted(additionalData, _details, name, mode, _executeData, raw) {
			const data = storedOf(name);
			return raw ? data : withDefaults(typeNamed(name), data, nodeTypes, additionalData, mode);
		},

		async authenticate(credentials, name, requestOptions, workflow, node) {
			const { authenticate } = typeNamed(name);
			const request = requestOptions as IHttpRequestOptions;
			if (!authenticate) return request;
			if (typeof authenticate === 'function') return await authenticate(credentials, request);
			if (!workflow || !node)
				throw new UserError('A generic authenticate needs a workflow and a node');
			const resolve = (value: string) => resolveText(value, credentials, workflow, node);
			for (const part of ['auth', 'body', 'headers', 'qs'] as const) {
				const fields = Object.entries(authenticate.properties[part] ?? {});
				if (fields.length === 0) continue;
				const resolved = fields.map(([key, value]) => [resolve(key), resolve(String(value))]);
				Object.assign(request, {
					[part]: { ...Object(request[part]), ...Object.fromEntries(resolved) },
				});
			}
			return request;
		},

		async preAuthentication(helpers, credentials, name, _node, expired) {
			const { properties, preAuthentication } = typeNamed(name);
			const expirable = properties.find(
				({ type, typeOptions }) => type === 'hidden' && typeOptions?.expirable,
			);
			if (!expirable || !preAuthentication) return undefined;
			if (credentials[expirable.name] !== '' && !expired) return undefined;
			const renewed = (await preAuthentication.call(
				restricted(helpers, credentials),
				credentials,
			)) as ICredentialDataDecryptedObject;
			if (renewed[expirable.name] === undefined) return undefined;
			stored[name] = { ...stored[name], ...renewed };
			return Object.assign(credentials, renewed);
		},

		async runPreAuthentication(helpers, credentials, name) {
			const renewed = await typeNamed(name).preAuthentication?.call(
				restricted(helpers, credentials),
				credentials,
			);
			return renewed as ICredentialDataDecryptedObject | undefined;
		},

		async updateCredentials(_details, name, data) {
			stored[name] = data;
		},

		async getCredentials() {
			throw new UserError('Encrypted credentials do not exist here');
		},

		async updateCredentialsOauthTokenData() {
			throw new UserError('OAuth2 credentials are not supported here');
		},
	};
	return helper;
}

/** n8n holds a login to the domains of the credential's "Allowed HTTP Request Domains", too. */
const restricted = (
	{ helpers }: IHttpRequestHelper,
	credentials: ICredentialDataDecryptedObject,
): IHttpRequestHelper => ({
	helpers: {
		async httpRequest(options: IHttpRequestOptions): Promise<unknown> {
			const allowedDomains = getCredentialOwnRequestAllowedDomains(credentials);
			return await helpers.httpRequest(
				allowedDomains === undefined ? options : { ...options, allowedDomains },
			);
		},
	},
});

/** The data of a credential as nodes get it: every field of its type there, and expressions resolved. */
export function withDefaults(
	type: ICredentialType,
	data: ICredentialDataDecryptedObject,
	nodeTypes: INodeTypes,
	additionalData: IWorkflowExecuteAdditionalData,
	mode: WorkflowExecuteMode,
): ICredentialDataDecryptedObject {
	const filled =
		NodeHelpers.getNodeParameters(
			type.properties,
			data as INodeParameters,
			true,
			false,
			null,
			null,
		) ?? {};
	const node: INode = {
		id: '',
		name: '',
		type: 'n8n-nodes-base.noOp',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	const { expression } = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const keys = getAdditionalKeys(additionalData, mode, null, { isCredential: true });
	const resolved = expression.getComplexParameterValue(
		node,
		filled,
		mode,
		keys,
		undefined,
		undefined,
		filled,
	);
	return resolved as ICredentialDataDecryptedObject;
}

function resolveText(
	value: string,
	credentials: ICredentialDataDecryptedObject,
	workflow: Workflow,
	node: INode,
): string {
	if (!isExpression(value)) return value;
	const resolved = workflow.expression.getSimpleParameterValue(
		node,
		value,
		'internal',
		{ $credentials: credentials },
		undefined,
		'',
	);
	return resolved ? String(resolved) : '';
}
