/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonParse, type IDataObject, type INode } from 'n8n-workflow';
import type { LoadedTypes } from './loadNodeTypes';
import {
	runWorkflow,
	type ExecutionResult,
	type ExportedWorkflow,
	type RunOptions,
} from './runWorkflow';

/** A request as n8n's Webhook and Wait nodes put it out. */
interface Call extends IDataObject {
	headers: IDataObject;
	params: IDataObject;
	query: IDataObject;
	body: IDataObject;
}

/** An execution that waits for a call or for its time. */
interface Waiting {
	readonly execution: ExecutionResult['execution'];
	/** The node that waits. */
	readonly node?: INode;
	resume(call?: Call): void;
}

/** The longest that a timer of Node can be set to. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs a workflow to its end, also where it waits, and answers its webhooks over HTTP in the meantime, as n8n does with an
 * active workflow: `/webhook/PATH` starts an execution at a Webhook node, `/webhook-waiting/ID?signature=…` resumes
 * one at a Wait node.
 * @returns the result of the execution that was started first
 */
export async function runWithWebhooks(
	types: LoadedTypes,
	workflow: ExportedWorkflow,
	options: RunOptions = {},
): Promise<ExecutionResult> {
	const waiting = new Map<string, Waiting>();
	let executions = 0;
	let baseUrl = '';

	async function run(more: RunOptions): Promise<ExecutionResult> {
		const executionId = `w${++executions}`;
		const common = { ...options, executionId, baseUrl };
		let result = await runWorkflow(types, workflow, { ...common, ...more });
		while (result.status === 'waiting') {
			const { execution } = result;
			await wait(executionId, execution);
			waiting.delete(executionId);
			const next = await runWorkflow(types, workflow, { ...common, continue: execution });
			result = { ...next, logs: [...result.logs, ...next.logs] };
		}
		return result;
	}

	async function wait(id: string, execution: ExecutionResult['execution']): Promise<void> {
		const { lastNodeExecuted } = execution.resultData;
		const node = workflow.nodes.find(({ name }) => name === lastNodeExecuted);
		const ms = (execution.waitTill?.getTime() ?? Infinity) - Date.now();
		await new Promise<void>((resolve, reject) => {
			const resume = (call?: Call) => {
				clearTimeout(timer);
				const [entry] = execution.executionData?.nodeExecutionStack ?? [];
				if (call && entry) entry.data.main = [[{ json: call }]];
				resolve();
			};
			const timer = ms < LONGEST_TIMER_MS ? setTimeout(resume, Math.max(0, ms)) : undefined;
			options.signal?.addEventListener('abort', () => reject(new Error('Stopped')), { once: true });
			waiting.set(id, { execution, node, resume });
		});
	}

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = new URL(request.url ?? '/', baseUrl);
		const [, kind, ...path] = url.pathname.split('/');
		const call = await readCall(request, url);
		const method = request.method ?? 'GET';
		const send = (status: number, body: unknown, headers: object = {}): void => {
			const isText = typeof body === 'string';
			response
				.writeHead(status, {
					'Content-Type': isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
					...headers,
				})
				.end(isText ? body : JSON.stringify(body));
		};
		if (kind === 'webhook-waiting') {
			const found = waiting.get(path.join('/'));
			if (!found) return send(404, { message: 'The execution does not wait.' });
			if (url.searchParams.get('signature') !== found.execution.resumeToken)
				return send(401, { error: 'Invalid token' });
			if (!accepts(found.node, method, 'wait'))
				return send(404, { message: 'No waiting webhook with a matching path/method.' });
			send(200, { message: 'Workflow was started' });
			return found.resume(call);
		}
		const node = workflow.nodes.find(
			(one) =>
				kind === 'webhook' &&
				one.parameters.path === path.join('/') &&
				accepts(one, method, 'webhook'),
		);
		if (!node)
			return send(404, {
				message: `The requested webhook "${method} ${path.join('/')}" is not registered.`,
			});
		const result = await run({
			inputItems: [
				{ ...call, webhookUrl: `${baseUrl}${url.pathname}`, executionMode: 'production' },
			],
			startNode: node.name,
			mode: 'webhook',
			onProgress: undefined,
		});
		if (result.error) return send(500, { message: 'Error in workflow' });
		const {
			body = '',
			statusCode = 200,
			headers = {},
		} = (result.response as Partial<Record<'body' | 'headers', object>> & {
			statusCode?: number;
		}) ?? {};
		send(statusCode, body, headers);
	}

	const server = createServer((request, response) => {
		answer(request, response).catch((error: unknown) =>
			response.writeHead(500).end(JSON.stringify({ message: String(error) })),
		);
	});
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	try {
		return await run({});
	} finally {
		server.close();
		server.closeAllConnections();
	}
}

/** Whether a node answers requests of a method. */
const accepts = (node: INode | undefined, method: string, type: string): boolean =>
	node?.type === `n8n-nodes-base.${type}` &&
	(type !== 'wait' || node.parameters.resume === 'webhook') &&
	(node.parameters.httpMethod ?? 'GET') === method;

async function readCall(request: IncomingMessage, url: URL): Promise<Call> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	const text = Buffer.concat(chunks).toString();
	const { headers } = request;
	const isJson = headers['content-type']?.startsWith('application/json') === true;
	const body = isJson
		? jsonParse<IDataObject>(text)
		: Object.fromEntries(new URLSearchParams(text));
	return {
		headers: { ...headers },
		params: {},
		query: Object.fromEntries(url.searchParams),
		body,
	};
}
