import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { clusterState } from '../../../tools/emulator';
import { apiPath } from '../../../nodes/ProxmoxVe/wire/apiPath';
import { json } from '../../reliability/faults/ingredients';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const send = (
	method: string,
	path: string,
	parameters: Record<string, unknown> | string = {},
	more: INodeParameters = {},
): INodeParameters => ({
	resource: 'apiRequest',
	operation: 'send',
	method,
	path,
	...(typeof parameters === 'string'
		? { specifyParameters: 'json', parametersJson: parameters }
		: {
				specifyParameters: 'fields',
				parameters: {
					values: Object.entries(parameters).map(([name, value]) => ({
						name,
						value: value as string,
					})),
				},
			}),
	...more,
});
const items = async (parameters: INodeParameters): Promise<IDataObject[]> => {
	const result = await lab.run(parameters);
	if (result.error) throw result.error;
	return (result.items[0] ?? []).map((item) => item.json);
};
const failure = async (parameters: INodeParameters) => {
	const { error } = await lab.run(parameters);
	return {
		message: error?.message,
		description: String((error as { description?: unknown } | undefined)?.description),
	};
};
const changes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const START = '/nodes/pve1/qemu/100/status/start';

describe('Send', () => {
	it('returns an item for each row of a list, and for an object', async () => {
		const rows = await items(send('GET', '/cluster/resources', { type: 'vm' }));
		expect(rows.length).toBeGreaterThan(3);
		expect(rows[0]).toMatchObject({ type: 'qemu' });
		expect(await items(send('GET', '/nodes/pve1/qemu/100/config'))).toMatchObject([
			{ name: 'existing' },
		]);
	});

	it('returns anything else as data', async () => {
		expect(await items(send('GET', '/cluster/nextid'))).toEqual([
			{ data: expect.anything() as unknown },
		]);
		expect(await items(send('PUT', '/nodes/pve1/qemu/100/config', { cores: 3 }))).toEqual([
			{ data: null },
		]);
		expect(lab.emulator.state.vms.get(100)?.config.cores).toBe(3);
	});

	describe('with Return All', () => {
		const all = (path: string, parameters = {}): INodeParameters =>
			send('GET', path, parameters, { returnAll: true });
		/** A task with so many lines in its log. */
		const logOf = (lines: number): string => {
			const upid = lab.emulator.tasks.start({
				type: 'qmstart',
				id: '100',
				authId: 'root@pam',
				run: async ({ work }) => await work(3_600_000),
			});
			const line = Array.from({ length: lines }, (_, index) => `line ${index}`);
			lab.emulator.tasks.find(upid)?.log.push(...line);
			return `/nodes/pve1/tasks/${encodeURIComponent(upid)}/log`;
		};

		it('reads page by page, and returns each row once', async () => {
			const path = logOf(7_000);
			expect(await items(send('GET', path))).toHaveLength(50);
			const rows = await items(all(path));
			expect(rows).toHaveLength(7_000);
			expect(rows.at(-1)).toEqual({ n: 7_000, t: 'line 6999' });
			expect(lab.emulator.requests).toHaveLength(3);
		});

		it('reads in one request what has no pages', async () => {
			const once = await items(send('GET', '/cluster/resources', { type: 'vm' }));
			expect(await items(all('/cluster/resources', { type: 'vm' }))).toEqual(once);
			expect(await items(all('/version'))).toMatchObject([{ release: '9.2' }]);
		});

		it('fails if there are too many rows, or another page was asked for', async () => {
			expect((await failure(all(logOf(50_001)))).message).toContain('more than 50000 rows');
			const sent = lab.emulator.requests.length;
			expect((await failure(all('/nodes/pve1/tasks', { start: 5 }))).message).toBe(
				'Return All cannot be on while Parameters have start',
			);
			expect(lab.emulator.requests).toHaveLength(sent);
		});

		it('reports what Proxmox refuses', async () =>
			expect((await failure(all('/nodes/pve1/tasks', { vmid: 'x' }))).message).toContain('vmid'));
	});

	it('waits for the task that it starts', async () => {
		expect(await items(send('POST', START))).toMatchObject([
			{
				data: expect.stringContaining(':qmstart:100:') as string,
				upid: expect.stringContaining(':qmstart:100:') as string,
				taskStatus: 'ok',
				exitStatus: 'OK',
				warnings: [],
			},
		]);
		expect(lab.emulator.state.vms.get(100)?.status).toBe('running');
		expect(
			await items(
				send('POST', '/nodes/pve1/qemu/100/status/stop', {}, { waitForCompletion: false }),
			),
		).toMatchObject([{ taskStatus: 'running', exitStatus: null }]);
	});

	it('fails with its task, and names it', async () => {
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: 'no KVM' });
		const { message, description } = await failure(send('POST', START));
		expect(message).toContain('no KVM');
		expect(description).toMatch(/UPID:pve1:\S+:qmstart:100:/);
	});

	it('takes parameters as JSON, including lists and booleans', async () => {
		Object.assign(lab.emulator.state.vms.get(100) ?? {}, { status: 'running', agentRuns: true });
		Object.assign(lab.emulator.state.vms.get(100)?.config ?? {}, { agent: '1' });
		const [answer] = await items(
			send('POST', '/nodes/pve1/qemu/100/agent/exec', '{"command": ["echo", "a b"]}'),
		);
		expect(answer).toMatchObject({ pid: expect.any(Number) as number });
		expect(changes()[0]?.body).toBe('command=echo&command=a+b');
		await items(send('PUT', '/nodes/pve1/qemu/104/config', { onboot: true, description: '' }));
		expect(changes()[1]?.body).toBe('onboot=1&description=');
	});

	it('sends the parameters of GET and DELETE in the query', async () => {
		await items(send('DELETE', '/nodes/pve1/qemu/100', { purge: 1 }));
		expect(changes()[0]).toMatchObject({
			path: '/api2/json/nodes/pve1/qemu/100?purge=1',
			body: '',
		});
		expect(lab.emulator.state.vms.has(100)).toBe(false);
	});

	it('encodes a volume ID in a path exactly once', async () => {
		const volume = encodeURIComponent('local:iso/tiny.iso');
		expect(await items(send('GET', `/nodes/pve1/storage/local/content/${volume}`))).toMatchObject([
			{ format: 'raw' },
		]);
	});

	it('is not sent again if its response is lost', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', when: 'after', effect: 'reset' });
		expect((await failure(send('POST', START))).message).toBe(
			`The response to the request POST ${START} was lost. Whether it was executed is unknown`,
		);
		expect(changes()).toHaveLength(1);
	});

	it('reports in Proxmox’s words what was refused, and how to grant it', async () => {
		const { error } = await lab.runAs('auditor@pve!tk', send('POST', START));
		expect(error?.message).toContain('Permission check failed (/vms/100, VM.PowerMgmt)');
		expect(error?.description).toContain('Missing privilege VM.PowerMgmt on /vms/100.');
		const bad = await failure(send('POST', '/nodes/pve1/qemu', { vmid: 'x' }));
		expect(bad.message).toContain('Proxmox VE refused');
	});

	it('uses another host of the cluster if one is down', async () => {
		await lab.close();
		lab = await openLab({
			state: clusterState({ nodes: [{ name: 'pve1' }, { name: 'pve2' }] }),
			everyNode: true,
		});
		lab.credentials.proxmoxVeApi = {
			...lab.credentials.proxmoxVeApi,
			url: `http://127.0.0.1:1,${lab.emulator.url}`,
		};
		expect(await items(send('GET', '/version'))).toMatchObject([
			{ version: expect.any(String) as string },
		]);
	});

	it('shows no secret in Preview, in an error or in the log', async () => {
		const secret = 'correct-horse-battery';
		const request = send('POST', '/access/users', { userid: 'a@pve', password: secret });
		const preview = { ...request, options: { preview: true } };
		expect(await items(preview)).toEqual([
			{
				method: 'POST',
				path: '/api2/json/access/users',
				body: { userid: 'a@pve', password: '********' },
				command: "pvesh create /access/users --userid a@pve --password '********'",
			},
		]);
		expect(changes()).toEqual([]);
		lab.emulator.faults.onRequest({
			method: 'POST',
			effect: json(500, `bad ${secret}`, { data: null }),
		});
		const { error, logs } = await lab.run(request);
		expect(error?.message).toContain('bad ********');
		expect(JSON.stringify([error, logs])).not.toContain(secret);
	});

	it('shows a command with the path as a shell has it, and no secret in a value', async () => {
		const preview = async (method: string, path: string, parameters?: IDataObject) =>
			await items({ ...send(method, path, parameters), options: { preview: true } });
		expect(
			await preview('DELETE', '/nodes/pve1/storage/local/content/local%3Aiso%2Fa.iso'),
		).toMatchObject([
			{
				path: '/api2/json/nodes/pve1/storage/local/content/local%3Aiso%2Fa.iso',
				command: 'pvesh delete /nodes/pve1/storage/local/content/local:iso/a.iso',
			},
		]);
		const endpoint = 'host=pve9,apitoken=PVEAPIToken=a@pve!b=s3cret-word';
		const [shown] = await preview('POST', '/nodes/pve1/qemu/100/remote_migrate', {
			'target-endpoint': endpoint,
			other: ['http://me:s3cret-word@proxy', 'b'],
		});
		expect(shown?.body).toEqual({
			'target-endpoint': '********',
			other: ['http://me:********@proxy', 'b'],
		});
	});

	it.each([
		['nodes'],
		['nodes/pve1'],
		['https://evil.example/x'],
		['//evil.example/x'],
		['/nodes/../access'],
		['/nodes/./pve1'],
		['/nodes/%2e%2e/access'],
		['/nodes/%252e%252e/access'],
		['/nodes/pve1/storage/local/content/local%3Aiso%2F..%2F..%2Fx'],
		['/nodes/..%5caccess'],
		['/nodes//pve1'],
		['/nodes/'],
		['/nodes?x=1'],
		['/nodes#x'],
		['/nodes/%00'],
		['/nodes/%zz'],
		['/nodes /x'],
		['={{ "" }}'],
	])('refuses the path %s before any request', async (path) => {
		expect((await failure(send('GET', path))).message).toContain('Path must be a path of the API');
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each([
		['POST', '[1]', 'Parameters (JSON) must be a JSON object'],
		['POST', '{"a": {"b": 1}}', 'must have a text, number, boolean or list for a'],
		['POST', '{"a": null}', 'must have a text, number, boolean or list for a'],
		['POST', '{"a": []}', 'must have a text, number, boolean or list for a'],
		['POST', '{"a b": 1}', 'must have names of letters, digits, - and _, got "a b"'],
		['GET', '{"a": [1, 2]}', 'must have one value for a: only POST and PUT take a list'],
		['POST', '{"a": 1', 'Parameters (JSON) is not valid: it ends too early'],
	])('refuses %s with %s before any request', async (method, parameters, message) => {
		expect((await failure(send(method, '/version', parameters))).message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each([
		['FETCH', {}, 'Method must be one of'],
		['POST', { a: '={{ null }}' }, 'must have a text, number, boolean or list for a'],
		['POST', { '': 1 }, 'must have names of letters'],
	])('refuses %s with the fields %j before any request', async (method, parameters, message) => {
		expect((await failure(send(method, '/version', parameters))).message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});

it.each([
	['/nodes/pve1', '/nodes/pve1'],
	[' /api2/json/nodes/pve1 ', '/nodes/pve1'],
	['/pools/a%2Fb', '/pools/a%2Fb'],
	['/access/users/me@pve', '/access/users/me%40pve'],
	['/nodes/pve1/tasks/UPID:pve1:0:', '/nodes/pve1/tasks/UPID%3Apve1%3A0%3A'],
])('encodes each name of the path %s once', (given, path) => expect(apiPath(given)).toBe(path));
