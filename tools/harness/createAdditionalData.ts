import {
	UserError,
	type ICredentialsHelper,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { externalSecretsProxy } from './n8nCore';

/** n8n's URLs. Usually no server answers there: n8n's helpers only need something absolute. */
export const urlsAt = (baseUrl: string) => ({
	restApiUrl: `${baseUrl}/rest`,
	instanceBaseUrl: `${baseUrl}/`,
	formBaseUrl: `${baseUrl}/form`,
	formWaitingBaseUrl: `${baseUrl}/form-waiting`,
	formTestBaseUrl: `${baseUrl}/form-test`,
	webhookBaseUrl: `${baseUrl}/webhook`,
	webhookWaitingBaseUrl: `${baseUrl}/webhook-waiting`,
	webhookTestBaseUrl: `${baseUrl}/webhook-test`,
	mcpBaseUrl: `${baseUrl}/mcp`,
	mcpTestBaseUrl: `${baseUrl}/mcp-test`,
});

/** What n8n's server hands to the engine besides the workflow. What would need that server throws. */
export function createAdditionalData(
	credentialsHelper: ICredentialsHelper,
	extra: Partial<IWorkflowExecuteAdditionalData> = {},
): IWorkflowExecuteAdditionalData {
	return {
		credentialsHelper,
		externalSecretsProxy,
		currentNodeExecutionIndex: 0,
		variables: {},
		...urlsAt('http://localhost:5678'),
		getRunExecutionData: async () => undefined,
		getRuntimeCredential: async () => undefined,
		logAiEvent: () => {},
		executeWorkflow: async () => await unsupported('Sub-workflows'),
		startRunnerTask: async () => await unsupported('Code nodes'),
		...extra,
	};
}

async function unsupported(what: string): Promise<never> {
	throw new UserError(`${what} are not supported here`);
}
