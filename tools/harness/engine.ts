/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { resolve } from 'node:path';
import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	INodeCredentialTestResult,
	INodeListSearchResult,
	INodePropertyOptions,
} from 'n8n-workflow';
import { activateTrigger, type ActivateOptions, type ActiveTrigger } from './activateTrigger';
import { activateWebhook, type ActiveWebhook, type WebhookOptions } from './activateWebhook';
import { listSearch, loadOptions, type ListSearchOptions, type PanelOptions } from './listSearch';
import { loadNodeTypes } from './loadNodeTypes';
import type { StoredCredentials } from './createCredentialsHelper';
import { requestHelpers } from './requestHelpers';
import { runNode, type RunNodeOptions } from './runNode';
import {
	runWorkflow,
	type ExecutionResult,
	type ExportedWorkflow,
	type RunOptions,
} from './runWorkflow';
import { runWithWebhooks } from './runWithWebhooks';
import { testCredential } from './testCredential';

/** n8n's engine with one package's nodes, without n8n's server, database and editor. */
export interface Engine {
	runWorkflow(workflow: ExportedWorkflow, options?: RunOptions): Promise<ExecutionResult>;
	/** The same to the end, where the workflow waits or calls its own webhooks. */
	runWithWebhooks(workflow: ExportedWorkflow, options?: RunOptions): Promise<ExecutionResult>;
	runNode(options: RunNodeOptions): Promise<ExecutionResult>;
	/** Activates a workflow with a polling trigger; rejects where n8n would not activate it. */
	activateTrigger(options: ActivateOptions): Promise<ActiveTrigger>;
	/** Activates a workflow with a trigger that others call; rejects where n8n would not activate it. */
	activateWebhook(options: WebhookOptions): Promise<ActiveWebhook>;
	listSearch(method: string, options?: ListSearchOptions): Promise<INodeListSearchResult>;
	loadOptions(method: string, options?: PanelOptions): Promise<INodePropertyOptions[]>;
	/** n8n's request helpers, as its HTTP Request node uses them with a credential of the package. */
	requestHelpers(credentials: StoredCredentials): IExecuteFunctions['helpers'];
	testCredential(
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<INodeCredentialTestResult>;
}

/**
 * Loads a built package into n8n's engine.
 * @param packageDir the folder of its package.json; this repository's root if left out
 */
export async function createEngine({
	packageDir = resolve(__dirname, '../..'),
} = {}): Promise<Engine> {
	const types = await loadNodeTypes(packageDir);
	return {
		runWorkflow: async (workflow, options) => await runWorkflow(types, workflow, options),
		runWithWebhooks: async (workflow, options) => await runWithWebhooks(types, workflow, options),
		runNode: async (options) => await runNode(types, options),
		activateTrigger: async (options) => await activateTrigger(types, options),
		activateWebhook: async (options) => await activateWebhook(types, options),
		listSearch: async (method, options) => await listSearch(types, method, options),
		loadOptions: async (method, options) => await loadOptions(types, method, options),
		requestHelpers: (credentials) => requestHelpers(types, credentials),
		testCredential: async (type, data) => await testCredential(types, type, data),
	};
}
