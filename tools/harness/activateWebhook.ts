/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a test tool, neither shipped nor scanned */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
	deepCopy,
	jsonParse,
	type IDataObject,
	type INodeExecutionData,
	type IWebhookData,
	type WebhookSetupMethodNames,
} from 'n8n-workflow';
import { withLogSink, type LogEntry } from './capturedLogs';
import { createAdditionalData, urlsAt } from './createAdditionalData';
import { createCredentialsHelper } from './createCredentialsHelper';
import type { LoadedTypes } from './loadNodeTypes';
import { HookContext, WebhookContext } from './n8nCore';
import { triggerWorkflow, type TriggerOptions } from './triggerWorkflow';

export interface WebhookOptions extends TriggerOptions {
	/** Of the node: its webhook has this in its path. */
	webhookId?: string;
	/** n8n's public address, if it is another one than that of the server. */
	publicUrl?: string;
	/** The port of an n8n that runs no more. */
	port?: number;
}

/** A workflow with a trigger whose webhook others call, from its activation to n8n's end. */
export interface ActiveWebhook {
	readonly url: string;
	readonly port: number;
	/** What the trigger has started so far: the items of each execution. */
	readonly executions: INodeExecutionData[][];
	/** The statuses with which calls were answered. */
	readonly answers: number[];
	readonly saved: IDataObject;
	readonly logs: LogEntry[];
	/** The workflow is switched off. @returns what the node says of it */
	deactivate(): Promise<boolean>;
	/** n8n ends, with the workflow still active. */
	end(): void;
}

/**
 * Activates a workflow of one webhook trigger as n8n does: it asks whether the webhook is known outside, and has it
 * created if not. @throws what the node throws, with which n8n refuses the activation
 */
export async function activateWebhook(
	types: LoadedTypes,
	options: WebhookOptions,
): Promise<ActiveWebhook> {
	const { type, credentials = {}, webhookId = 'webhook-id' } = options;
	const { workflow, node, nodeType } = triggerWorkflow(types, options, { webhookId });
	const [webhookDescription] = nodeType.description.webhooks ?? [];
	if (!webhookDescription) throw new Error(`${type} has no webhook`);

	const executions: INodeExecutionData[][] = [];
	const answers: number[] = [];
	const logs: LogEntry[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => void chunks.push(chunk));
		request.on('end', () => {
			void answer(request.headers, Buffer.concat(chunks).toString()).then(({ status, body }) => {
				answers.push(status);
				response.writeHead(status, { 'Content-Type': 'application/json' });
				response.end(JSON.stringify(body));
			});
		});
	});
	await new Promise<void>((ready) => server.listen(options.port ?? 0, '127.0.0.1', ready));
	const { port } = server.address() as AddressInfo;
	const baseUrl = options.publicUrl ?? `http://127.0.0.1:${port}`;
	const additionalData = createAdditionalData(
		createCredentialsHelper(types.credentialTypes, types.nodeTypes, credentials),
		urlsAt(baseUrl),
	);
	const webhookData: IWebhookData = {
		httpMethod: 'POST',
		node: node.name,
		path: webhookDescription.path,
		webhookDescription,
		workflowId: workflow.id,
		workflowExecuteAdditionalData: additionalData,
	};

	async function answer(
		headers: IncomingHttpHeaders,
		text: string,
	): Promise<{ status: number; body: unknown }> {
		let own: { status: number; body: unknown } = { status: 200, body: {} };
		const response = {
			status(status: number) {
				own = { ...own, status };
				return response;
			},
			json(body: unknown) {
				own = { ...own, body };
			},
		};
		const context = new WebhookContext(
			workflow,
			node,
			{
				...additionalData,
				httpRequest: { headers, body: jsonParse(text), params: {}, query: {} } as never,
				httpResponse: response as never,
			},
			'webhook',
			webhookData,
			[],
			null,
		);
		const result = await nodeType.webhook?.call(context);
		if (result?.workflowData) executions.push(result.workflowData[0] ?? []);
		return result?.noWebhookResponse
			? own
			: { status: 200, body: { message: 'Workflow was started' } };
	}

	const call = async (method: WebhookSetupMethodNames): Promise<boolean> =>
		await withLogSink(
			(entry) => void logs.push(entry),
			async () =>
				await workflow.expression.withIsolate(async () => {
					const context = new HookContext(
						workflow,
						node,
						additionalData,
						'trigger',
						'activate',
						webhookData,
					);
					return (await nodeType.webhookMethods?.default?.[method].call(context)) ?? false;
				}),
		);
	const end = (): void => {
		server.close();
		server.closeAllConnections();
	};

	try {
		if (!(await call('checkExists'))) await call('create');
	} catch (error) {
		end();
		throw error;
	}
	return {
		url: `${urlsAt(baseUrl).webhookBaseUrl}/${webhookId}/${webhookDescription.path}`,
		port,
		executions,
		answers,
		get saved() {
			return deepCopy(workflow.staticData);
		},
		logs,
		async deactivate() {
			const isRemoved = await call('delete');
			end();
			return isRemoved;
		},
		end,
	};
}
