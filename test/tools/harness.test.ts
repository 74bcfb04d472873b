/* eslint-disable @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { generate } from 'selfsigned';
import { runCommand } from '../../tools/harness/cli';
import { createEngine, type Engine } from '../../tools/harness/engine';
import type {
	ExecutionResult,
	ExportedWorkflow,
	ProgressEvent,
} from '../../tools/harness/runWorkflow';

interface SeenRequest {
	method: string;
	url: string;
	authorization?: string;
	body: IDataObject;
}

const start = {
	id: '1',
	name: 'Start',
	type: 'n8n-nodes-base.manualTrigger',
	typeVersion: 1,
	position: [0, 0] as [number, number],
	parameters: {},
};

const packageDir = join(__dirname, '../../tools/harness/fixture');
const secret = 'c0ffee-secret';
const seen: SeenRequest[] = [];
let engine: Engine;
let server: Server;
let url: string;

beforeAll(async () => {
	engine = await createEngine({ packageDir });
	server = createServer((request, response) => void answer(request, response));
	url = `http://localhost:${await listen(server)}`;
});

afterAll(() => server.close());

beforeEach(() => seen.splice(0));

describe('a workflow', () => {
	it('runs on the engine: expressions, items in order, one output item paired with each', async () => {
		const { status, items, lastNode } = await engine.runWorkflow(echoWorkflow(), {
			credentials: { echoApi: { url, secret } },
			inputItems: [{ word: 'one' }, { word: 'two' }],
		});

		expect(status).toBe('success');
		expect(lastNode).toBe('Echo');
		expect(items).toEqual([
			[
				{ json: { text: 'said: one' }, pairedItem: { item: 0 } },
				{ json: { text: 'said: two' }, pairedItem: { item: 1 } },
			],
		]);
	});

	it('leaves the workflow and its credentials as they were', async () => {
		const workflow = echoWorkflow();
		const credentials = { echoApi: { url, secret } };
		await engine.runWorkflow(workflow, { credentials });
		expect(workflow).toEqual(echoWorkflow());
		expect(credentials).toEqual({ echoApi: { url, secret } });
	});

	it('uses pinned data in the editor, and what the trigger is given in production', async () => {
		const pinned = { ...echoWorkflow(), pinData: { Start: [{ json: { word: 'pinned' } }] } };
		const credentials = { echoApi: { url, secret } };
		const manual = await engine.runWorkflow(pinned, { credentials });
		const trigger = await engine.runWorkflow(pinned, {
			credentials,
			mode: 'trigger',
			inputItems: [{ word: 'given' }],
		});
		expect([jsonOf(manual), jsonOf(trigger)]).toEqual([
			[{ text: 'said: pinned' }],
			[{ text: 'said: given' }],
		]);
	});

	it('ends in an error result that names the node', async () => {
		const { status, items, error } = await engine.runWorkflow(echoWorkflow(), {});
		expect(status).toBe('error');
		expect(items).toEqual([]);
		expect(error).toMatchObject({
			node: { name: 'Echo' },
			message: expect.stringContaining('credentials'),
		});
	});

	it('with a node of an unknown type is refused, naming it and those there are', async () => {
		const workflow = echoWorkflow();
		workflow.nodes.push({ ...start, id: '9', name: 'Tell the team', type: 'n8n-nodes-base.slack' });
		await expect(engine.runWorkflow(workflow)).rejects.toThrow(
			/"Tell the team".*"n8n-nodes-base\.slack".*Supported: .*n8n-nodes-base\.manualTrigger.*n8n-nodes-fixture\.echo/,
		);
	});

	it('may hold sticky notes', async () => {
		const workflow = echoWorkflow();
		workflow.nodes.push({ ...start, id: '9', name: 'Note', type: 'n8n-nodes-base.stickyNote' });
		const { status } = await engine.runWorkflow(workflow, {
			credentials: { echoApi: { url, secret } },
		});
		expect(status).toBe('success');
	});

	it('reports its progress', async () => {
		const events: ProgressEvent[] = [];
		await engine.runWorkflow(echoWorkflow(), {
			credentials: { echoApi: { url, secret } },
			onProgress: (event) => events.push(event),
		});
		expect(events.filter(({ type }) => type !== 'log')).toEqual([
			{ type: 'nodeStarted', node: 'Start' },
			{ type: 'nodeFinished', node: 'Start', items: 1, durationMs: expect.any(Number) },
			{ type: 'nodeStarted', node: 'Echo' },
			{ type: 'nodeFinished', node: 'Echo', items: 1, durationMs: expect.any(Number) },
		]);
		expect(events).toContainEqual(
			expect.objectContaining({ type: 'log', message: 'Echoed said: ' }),
		);
	});

	it('that waits continues where it stopped', async () => {
		const credentials = { echoApi: { url, secret } };
		const workflow = echoWorkflow({ suspend: true });
		const waiting = await engine.runWorkflow(workflow, {
			credentials,
			inputItems: [{ word: 'input' }],
		});
		expect(waiting.status).toBe('waiting');
		const resumed = await engine.runWorkflow(workflow, {
			credentials,
			continue: waiting.execution,
		});
		expect(resumed.status).toBe('success');
		expect(jsonOf(resumed)).toEqual([{ word: 'input' }]);
		expect(seen).toHaveLength(1);
	});

	it('is cut at its own execution timeout', async () => {
		const workflow = { ...echoWorkflow({ wait: 600 }), settings: { executionTimeout: 0.2 } };
		const { status } = await engine.runWorkflow(workflow, {
			credentials: { echoApi: { url, secret } },
		});
		expect(status).toBe('canceled');
	});
});

describe('a node', () => {
	const items = [{ text: 'good' }, { text: 'refuse me' }, { text: 'good too' }];
	const parameters = { text: '={{ $json.text }}' };

	it('stops the workflow with its first error', async () => {
		const { status, error } = await run({ parameters, items });
		expect(status).toBe('error');
		expect(error).toMatchObject({
			name: 'NodeApiError',
			httpCode: '400',
			context: { data: { message: 'No' } },
		});
		expect(seen).toHaveLength(2);
	});

	it('carries on item by item with continueRegularOutput', async () => {
		const result = await run({ parameters, items, settings: { onError: 'continueRegularOutput' } });
		expect(result.status).toBe('success');
		expect(jsonOf(result)).toEqual([
			{ text: 'good' },
			{ error: expect.any(String) },
			{ text: 'good too' },
		]);
		expect(result.items[0]?.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
	});

	it('sends what failed to the error output, with the input it came from', async () => {
		const { items: outputs } = await run({
			parameters,
			items,
			settings: { onError: 'continueErrorOutput' },
		});
		expect(outputs.map((output) => output.map(({ json }) => json))).toEqual([
			[{ text: 'good' }, { text: 'good too' }],
			[{ text: 'refuse me', error: expect.any(String) }],
		]);
	});

	it('is stopped in the middle of its work', async () => {
		const controller = new AbortController();
		const { status } = await run({
			parameters: { wait: 600 },
			signal: controller.signal,
			onProgress: (event) => {
				if (event.type === 'log' && event.message.startsWith('Echoed')) controller.abort();
			},
		});
		expect(status).toBe('canceled');
	});

	it('is never started when the execution is cancelled before', async () => {
		const { status } = await run({ signal: AbortSignal.abort() });
		expect(status).toBe('canceled');
		expect(seen).toEqual([]);
	});

	it('logs into its own execution, also when several run at once', async () => {
		const [one, two] = await Promise.all([
			run({ parameters: { text: 'one', wait: 0.05 } }),
			run({ parameters: { text: 'two' } }),
		]);
		expect([nodeLogs(one), nodeLogs(two)]).toEqual([['Echoed one'], ['Echoed two']]);
		expect(one.logs).toContainEqual({
			level: 'info',
			message: 'Echoed one',
			metadata: { item: 0 },
		});
		expect(JSON.stringify([one, two])).not.toContain(secret);
	});

	it('fills a list as the editor does', async () => {
		const { results, paginationToken } = await engine.listSearch('searchTexts', {
			credentials: { echoApi: { url, secret } },
			filter: 'b',
		});
		expect(results).toEqual([{ name: 'default text b', value: 'b' }]);
		expect(paginationToken).toBe('2');
		await expect(engine.listSearch('searchNothing')).rejects.toThrow(
			'no listSearch method "searchNothing"',
		);
	});
});

describe('a credential', () => {
	it('authenticates by its function, its defaults filled in', async () => {
		await run({});
		expect(seen).toEqual([
			{
				method: 'POST',
				url: '/echo',
				authorization: `Token ${secret}`,
				body: { text: 'default text' },
			},
		]);
	});

	it('brings the CA that a TLS server is trusted by', async () => {
		const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
			extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
		});
		const tlsServer = createTlsServer(
			{ cert, key },
			(request, response) => void answer(request, response),
		);
		const tlsUrl = `https://localhost:${await listen(tlsServer)}`;
		const trusting = await engine.runNode({
			credentials: { echoApi: { url: tlsUrl, secret, ca: cert } },
		});
		const doubting = await engine.runNode({ credentials: { echoApi: { url: tlsUrl, secret } } });
		tlsServer.close();
		expect(trusting.status).toBe('success');
		expect(doubting.error).toMatchObject({ message: expect.stringContaining('self-signed') });
	});

	it('logs in once, keeps its session, and logs in again when that has expired', async () => {
		const credentials = { echoSessionApi: { url } };
		const options = {
			credentials,
			parameters: { authentication: 'echoSessionApi', url: `${url}/session` },
		};
		expect(jsonOf(await engine.runNode(options))).toEqual([{ text: 'default text' }]);
		expect(jsonOf(await engine.runNode(options))).toEqual([{ text: 'default text' }]);
		expect(seen.map((request) => request.url)).toEqual(['/login', '/session', '/session']);

		credentials.echoSessionApi = Object.assign({}, credentials.echoSessionApi, {
			session: 'expired',
		});
		expect(jsonOf(await engine.runNode(options))).toEqual([{ text: 'default text' }]);
		expect(seen.map((request) => request.url).slice(3)).toEqual(['/session', '/login', '/session']);
	});

	it.each([
		['a good one', {}, { status: 'OK', message: 'Connection successful' }],
		[
			'a status with a rule',
			{ secret: 'forbidden' },
			{ status: 'Error', message: 'Not allowed to test' },
		],
		['a status without', { secret: 'wrong' }, { status: 'Error', message: 'No such token' }],
		['nobody there', { url: 'http://localhost:1' }, { status: 'Error', message: 'ECONNREFUSED' }],
	])('is tested: %s', async (_case, data, expected) => {
		expect(await engine.testCredential('echoApi', { url, secret, ...data })).toEqual(expected);
	});
});

describe('the stand-ins for core nodes', () => {
	it('If and Edit Fields are decided by n8n’s engine', async () => {
		const isBig = {
			leftValue: '={{ $json.size }}',
			rightValue: 2,
			operator: { type: 'number', operation: 'gt' },
		};
		const big = { id: '1', name: 'verdict', value: '={{ $json.size }} is big', type: 'string' };
		const { items } = await engine.runWorkflow(
			{
				nodes: [
					start,
					{
						...start,
						id: '2',
						name: 'If',
						type: 'n8n-nodes-base.if',
						typeVersion: 2.2,
						parameters: {
							conditions: { options: { version: 2 }, combinator: 'and', conditions: [isBig] },
						},
					},
					{
						...start,
						id: '3',
						name: 'Edit Fields',
						type: 'n8n-nodes-base.set',
						typeVersion: 3.4,
						parameters: { assignments: { assignments: [big] }, includeOtherFields: true },
					},
				],
				connections: { ...connect('Start', 'If'), ...connect('If', 'Edit Fields') },
			},
			{ inputItems: [{ size: 1 }, { size: 3 }] },
		);
		expect(items).toEqual([[{ json: { size: 3, verdict: '3 is big' }, pairedItem: { item: 0 } }]]);
	});

	it('HTTP Request posts JSON', async () => {
		const result = await engine.runNode({
			type: 'n8n-nodes-base.httpRequest',
			parameters: {
				method: 'POST',
				url: `${url}/echo`,
				sendBody: true,
				bodyParameters: { parameters: [{ name: 'text', value: '={{ "VM " + $json.vmid }}' }] },
			},
			items: [{ vmid: 100 }],
		});
		expect(jsonOf(result)).toEqual([{ text: 'VM 100' }]);
	});
});

describe('the command line', () => {
	const folder = mkdtempSync(join(tmpdir(), 'workflow-'));
	const access = ['--url', 'https://localhost:1', '--token-id', 'n8n@pve!test'];

	afterAll(() => rmSync(folder, { recursive: true }));

	function fileOf(content: string): string {
		const file = join(folder, 'workflow.json');
		writeFileSync(file, content);
		return file;
	}

	const hello = {
		...start,
		id: '2',
		name: 'Hello',
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
		parameters: {
			assignments: { assignments: [{ id: '1', name: 'text', value: '=Hello {{ $json.name }}' }] },
		},
	};
	const workflow = { nodes: [start, hello], connections: connect('Start', 'Hello') };

	it('prints the last node’s items, and nothing else', () => {
		const items = join(folder, 'items.json');
		writeFileSync(items, '[{ "name": "one" }, { "name": "two" }]');
		const script = join(__dirname, '../../scripts/workflow.mjs');
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			[script, fileOf(JSON.stringify(workflow)), ...access, '--input', items],
			{ encoding: 'utf8', env: { ...process.env, NODE_ENV: '', PVE_TOKEN_SECRET: secret } },
		);
		expect(JSON.parse(stdout)).toEqual([{ text: 'Hello one' }, { text: 'Hello two' }]);
		expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	});

	it('refuses an unknown node', async () => {
		const unknown = { ...workflow, nodes: [{ ...hello, type: 'x.y' }] };
		await expect(engine.runWorkflow(unknown)).rejects.toThrow('"Hello" is of type "x.y"');
	});

	it.each([
		['what is no workflow', '{}', access, 'no n8n workflow'],
		['access without a token', JSON.stringify(workflow), ['--url', 'https://pve'], '--token-id'],
	])('refuses %s', async (_case, content, args, text) => {
		await expect(runCommand([fileOf(content), ...args])).rejects.toThrow(text);
	});

	it('refuses what is no option on stderr', () => {
		const script = join(__dirname, '../../scripts/workflow.mjs');
		const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--no-such'], {
			encoding: 'utf8',
		});
		expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
		expect(stderr).toContain('--no-such');
		expect(stderr).not.toMatch(/^\s+at /m);
	});
});

function connect(from: string, to: string): ExportedWorkflow['connections'] {
	return { [from]: { main: [[{ node: to, type: 'main', index: 0 }]] } };
}

function echoWorkflow(parameters = {}): ExportedWorkflow {
	const echo = { ...start, id: '2', name: 'Echo', type: 'n8n-nodes-fixture.echo' };
	return {
		nodes: [start, { ...echo, parameters: { text: '=said: {{ $json.word }}', ...parameters } }],
		connections: connect('Start', 'Echo'),
	};
}

async function run(options: Parameters<Engine['runNode']>[0]): Promise<ExecutionResult> {
	return await engine.runNode({ credentials: { echoApi: { url, secret } }, ...options });
}

function jsonOf({ items }: ExecutionResult): IDataObject[] {
	return items.flat().map(({ json }) => json);
}

function nodeLogs({ logs }: ExecutionResult): string[] {
	return logs.filter(({ level }) => level === 'info').map(({ message }) => message);
}

async function listen(listener: Server): Promise<number> {
	await new Promise<void>((resolve) => listener.listen(0, 'localhost', resolve));
	return (listener.address() as AddressInfo).port;
}

/** The API of the fixture's node: it echoes, refuses a text, knows secrets that fail, and hands out sessions. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as IDataObject;
	const { method = '', url: path = '', headers } = request;
	seen.push({ method, url: path, authorization: headers.authorization, body });

	const reply = (data: IDataObject, status = 200, reason?: string) => {
		response
			.writeHead(status, reason, { 'content-type': 'application/json' })
			.end(JSON.stringify(data));
	};
	if (path === '/login') return reply({ session: 'fresh' });
	if (path === '/session' && headers.authorization !== 'Session fresh') return reply({}, 401);
	if (headers.authorization?.endsWith('wrong')) return reply({}, 401, 'No such token');
	if (headers.authorization?.endsWith('forbidden')) return reply({}, 403);
	if (path === '/texts') return reply({ texts: ['a', 'b'] });
	if (body.text === 'refuse me') return reply({ message: 'No' }, 400);
	reply(body);
}
