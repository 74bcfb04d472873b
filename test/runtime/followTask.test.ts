/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { connect, createServer, type Socket } from 'node:net';
import type { IDataObject, INodeParameters, NodeApiError } from 'n8n-workflow';

import { realClock } from '../../tools/emulator';
import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import type { ExecutionResult } from '../../tools/harness/runWorkflow';
import {
	CREATE,
	fixed,
	forever,
	json,
	NEXT_ID,
	phrase,
	STATUS,
	TASKS,
} from '../reliability/faults/ingredients';
import { inPanel, onPve1, openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);
const many = (count: number): IDataObject[] => Array.from({ length: count }, () => ({}));
const started: INodeParameters = {
	start: true,
	general: { agent_enabled: true },
	memory: { memory_current: 64 },
};

/** Requests that were refused as a login. */
const refused = () => lab.emulator.requests.filter(({ status }) => status === 401);
/** What was asked in the end, by path. */
const asked = (path: string) => lab.emulator.requests.filter((one) => one.path.includes(path));

/** Runs the node, and does something at the first log line that holds a text. */
async function runUntil(
	text: string,
	act: () => void,
	parameters: INodeParameters = {},
	items = many(1),
	settings = {},
): Promise<ExecutionResult> {
	let isDone = false;
	return await lab.engine.runNode({
		parameters: inPanel({ ...onPve1, options: { maxPollInterval: 1 }, ...parameters }),
		items,
		settings,
		credentials: lab.credentials,
		onProgress: (event) => {
			if (isDone || event.type !== 'log' || !event.message.includes(text)) return;
			isDone = true;
			act();
		},
	});
}

const revokeToken = (): void =>
	void lab.emulator.state.users.get('root@pam')?.tokens.delete('full');
const slowCreates = (times = 1): void =>
	lab.emulator.faults.onTask({ type: 'qmcreate', slowness: Infinity, times });

describe('A refused login while waiting', () => {
	it('ends the wait after four tries, with the UPID', async () => {
		slowCreates();
		const { error } = await runUntil('accepted', revokeToken);
		const [task] = lab.emulator.tasks.all();
		expect(error?.message).toBe(
			'VM 105: the login was refused, so the status of the task can no longer be read. It may still be running',
		);
		expect(descriptionOf(error)).toContain(task?.upid);
		expect(descriptionOf(error)).toContain('Correct the credential');
		expect(descriptionOf(error)).not.toContain('Timeout');
		expect(task?.state).toBe('running');
		expect(refused()).toHaveLength(4);
	});

	it('is tried as often by user and password, and not at the login for each item', async () => {
		slowCreates(5);
		lab.credentials.proxmoxVePasswordApi = { ...lab.credentials.proxmoxVePasswordApi };
		const root = lab.emulator.state.users.get('root@pam');
		const { items } = await runUntil(
			'accepted the create of VM 109',
			() => {
				if (root) root.enabled = false;
			},
			{ authentication: 'password', vmIdMode: 'fixed', vmId: '={{ $json.id }}' },
			[105, 106, 107, 108, 109].map((id) => ({ id })),
			{ onError: 'continueRegularOutput' },
		);
		expect(items[0]?.map(({ json }) => String((json.error as IDataObject).upid))).toEqual(
			[105, 106, 107, 108, 109].map((id) => expect.stringContaining(`:${id}:`) as string),
		);
		const logins = refused().filter(({ path }) => path.endsWith('/access/ticket'));
		expect(logins.length).toBeGreaterThan(0);
		// Those that were on their way when the first was refused, and three more.
		expect(logins.length).toBeLessThanOrEqual(5 + 3);
	});

	it('ends the wait with the UPID if the ticket has expired and the password no longer counts', async () => {
		await lab.close();
		let offset = 0;
		lab = await openLab({ clock: { ...realClock(), now: () => Date.now() + offset } });
		slowCreates();
		const root = lab.emulator.state.users.get('root@pam');
		const { error } = await runUntil(
			'accepted',
			() => {
				offset = 3 * 3_600_000;
				if (root) root.enabled = false;
			},
			{ authentication: 'password' },
		);
		const [task] = lab.emulator.tasks.all();
		expect(error?.message).toBe(
			'VM 105: the login was refused, so the status of the task can no longer be read. It may still be running',
		);
		expect(descriptionOf(error)).toContain(task?.upid);
		expect(descriptionOf(error)).toContain('Correct the credential');
		expect(JSON.stringify(error)).not.toContain(lab.emulator.passwords['root@pam']);
		expect(task?.state).toBe('running');
		expect(asked('/access/ticket').length).toBeLessThanOrEqual(1 + 4);
	});

	it('is shared by all items of a run, each with its own UPID', async () => {
		slowCreates(60);
		const { items } = await runUntil(
			'accepted the create of VM 164',
			revokeToken,
			{
				vmIdMode: 'fixed',
				vmId: '={{ $json.id }}',
				options: { maxParallel: 60, maxPollInterval: 1 },
			},
			[...Array(60).keys()].map((n) => ({ id: 105 + n })),
			{
				onError: 'continueRegularOutput',
			},
		);
		const upids = new Set(items[0]?.map(({ json }) => String((json.error as IDataObject).upid)));
		expect([...upids].filter((upid) => upid.startsWith('UPID:'))).toHaveLength(60);
		// Some lists and status requests may be on their way when the first is refused.
		expect(refused().length).toBeLessThanOrEqual(12);
	});

	it('may pass: the wait continues', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', slowness: 5_000 });
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: STATUS,
			effect: phrase(401, 'Authentication failed!'),
			times: 3,
		});
		expect(await lab.output({ options: { maxPollInterval: 1 } })).toMatchObject({
			taskStatus: 'ok',
		});
		expect(refused()).toHaveLength(3);
	});

	it('counts anew after a request that was answered', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: Infinity });
		// Five in all, and never four in a row.
		for (const [nth, times] of [
			[1, 2],
			[4, 3],
		] as const)
			lab.emulator.faults.onRequest({
				method: 'GET',
				path: STATUS,
				effect: phrase(401, 'Authentication failed!'),
				nth,
				times,
			});
		const { error } = await lab.run({ options: { maxPollInterval: 5, timeout: 300 } });
		expect(error?.message).toContain('was still running after 300 s');
		expect(refused()).toHaveLength(5);
	});

	it('ends the wait for the start as well', async () => {
		const { error } = await runUntil('is being started', revokeToken, {
			...fixed(5010),
			...started,
		});
		expect(descriptionOf(error)).toContain('UPID:');
		expect(refused()).toHaveLength(4);
	});

	it('ends the wait for addresses with a warning: the VM is there and runs', async () => {
		let vm: { agentRuns: boolean } | undefined;
		const { items } = await runUntil(
			'is being started',
			() => {
				vm = lab.emulator.state.vms.get(5010);
				lab.emulator.faults.onRequest({
					path: /network-get-interfaces$/,
					effect: phrase(401, 'Authentication failed!'),
					times: forever,
				});
			},
			{
				...fixed(5010),
				...started,
				netList: {
					values: [
						{ model: 'virtio', bridge: { __rl: true, mode: 'name', value: 'vmbr0' }, options: {} },
					],
				},
				options: { waitUntil: 'ip', readyTimeout: 3600, maxPollInterval: 1 },
			},
		);
		expect(vm).toBeDefined();
		expect(items[0]?.[0]?.json).toMatchObject({
			vmid: 5010,
			taskStatus: 'warnings',
			ipAddresses: [],
			warnings: [expect.stringContaining('401')],
		});
		expect(refused()).toHaveLength(4);
	});
});

describe('A host that goes down while the node waits', () => {
	/** Another host of the cluster, which can go down. */
	async function openHost(): Promise<{ url: string; goDown(): void }> {
		const { port } = new URL(lab.emulator.url);
		const sockets = new Set<Socket>();
		const server = createServer((socket) => {
			const onward = connect(Number(port), '127.0.0.1');
			for (const one of [socket, onward]) {
				sockets.add(one);
				one.on('error', () => one.destroy());
			}
			socket.pipe(onward).pipe(socket);
		});
		await new Promise<void>((opened) => server.listen(0, '127.0.0.1', opened));
		const address = server.address();
		if (address === null || typeof address === 'string') throw new Error('no port');
		return {
			url: `http://127.0.0.1:${address.port}`,
			goDown() {
				server.close();
				for (const socket of sockets) socket.destroy();
			},
		};
	}
	const atUrl = (url: string): void => {
		for (const data of Object.values(lab.credentials)) data.url = url;
	};
	const creates = () =>
		lab.emulator.requests.filter(({ method, path }) => method === 'POST' && /\/qemu$/.test(path));

	it.each(['apiToken', 'password'])(
		'is replaced by the next one, and nothing is sent twice (%s)',
		async (authentication) => {
			const first = await openHost();
			const second = await openHost();
			atUrl(`${first.url}, ${second.url}`);
			lab.emulator.faults.onTask({ type: 'qmcreate', slowness: 500 });
			const { items, error } = await runUntil('accepted', first.goDown, { authentication });
			second.goDown();
			expect(error).toBeUndefined();
			expect(items[0]?.[0]?.json).toMatchObject({ taskStatus: 'ok', vmid: 105 });
			expect(creates()).toHaveLength(1);
		},
	);

	it('and is the last one leaves the UPID in the error', async () => {
		const hosts = [await openHost(), await openHost()];
		atUrl(hosts.map(({ url }) => url).join(', '));
		slowCreates();
		const { error } = await runUntil(
			'accepted',
			() => {
				for (const host of hosts) host.goDown();
			},
			{ options: { timeout: 60, maxPollInterval: 1 } },
		);
		const [task] = lab.emulator.tasks.all();
		expect(error?.message).toContain('VM 105');
		expect(descriptionOf(error)).toContain(task?.upid);
		expect(task?.state).toBe('running');
		expect(creates()).toHaveLength(1);
	});
});

describe('A credential that is wrong', () => {
	it('is tried once for all items', async () => {
		revokeToken();
		const { items } = await lab.run({}, many(50), { onError: 'continueRegularOutput' });
		expect(
			items[0]?.every(({ json }) => String((json.error as IDataObject).message).includes('401')),
		).toBe(true);
		expect(lab.emulator.requests).toHaveLength(1);
	});

	it('logs in once for all items', async () => {
		const credentials: StoredCredentials = {
			...lab.credentials,
			proxmoxVePasswordApi: { ...lab.credentials.proxmoxVePasswordApi, password: 'wrong' },
		};
		const { items } = await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, authentication: 'password' }),
			items: many(50),
			settings: { onError: 'continueRegularOutput' },
			credentials,
		});
		expect(items[0]).toHaveLength(50);
		expect(refused().length).toBeLessThanOrEqual(2);
	});

	it('does not make items wait for one another if the host does not respond', async () => {
		const upid = 'UPID:pve1:000003EB:000DBC26:6B086F1C:qmcreate:105:root@pam:';
		lab.emulator.faults.onRequest({ path: /\/tasks\//, effect: 'hang', times: forever });
		await lab.run({ resource: 'task', operation: 'get', upid }, many(20), {
			onError: 'continueRegularOutput',
		});
		// The first goes alone, and the others with it after some seconds: all have been sent when its time is over.
		expect(lab.emulator.requests.filter(({ path }) => path.includes('/tasks/'))).toHaveLength(20);
	});
});

describe('An answer that trickles', () => {
	it('does not hold up the timeout of a wait, and is given up', async () => {
		slowCreates();
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: STATUS,
			effect: 'trickle',
			times: forever,
		});
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: TASKS,
			effect: 'trickle',
			times: forever,
		});
		const { error } = await lab.run({ options: { timeout: 60, maxPollInterval: 1 } });
		expect(error?.message).toBe(
			'VM 105: timed out after 60 s, and the status of the task could not be read. It may still be running',
		);
		const trickled = asked(TASKS);
		expect(trickled.length).toBeGreaterThan(0);
		await new Promise((later) => setTimeout(later, 1000));
		expect(trickled.filter(({ phrase: how }) => how !== 'given up by the client')).toEqual([]);
	});

	it('does not hold up waits that share a list', async () => {
		slowCreates(5);
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: TASKS,
			effect: 'trickle',
			times: forever,
		});
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: STATUS,
			effect: 'trickle',
			times: forever,
		});
		const { items } = await lab.run({ options: { timeout: 60, maxPollInterval: 1 } }, many(5), {
			onError: 'continueRegularOutput',
		});
		expect(items[0]?.map(({ json }) => String((json.error as IDataObject).message))).toEqual(
			Array(5).fill(expect.stringContaining('after 60 s')),
		);
	});

	it('is no answer to a question', async () => {
		lab.emulator.faults.onRequest({ path: NEXT_ID, effect: 'trickle' });
		const { error } = await lab.run({});
		expect(error?.message).toBe('Proxmox VE could not be reached: no response in time');
	});

	it('is a lost answer to a POST: the VM is found', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: CREATE,
			effect: 'trickle',
			when: 'after',
		});
		expect(await lab.output({ name: 'web' })).toMatchObject({ vmid: 105, taskStatus: 'ok' });
		expect(
			[...lab.emulator.state.vms.values()].filter(({ config }) => config.name === 'web'),
		).toHaveLength(1);
	});

	it('does not make Task → Wait report that the task is still running', async () => {
		slowCreates();
		const { upid } = await lab.output({ options: { waitUntil: 'nothing' } });
		for (const path of [TASKS, STATUS])
			lab.emulator.faults.onRequest({ method: 'GET', path, effect: 'trickle', times: forever });
		const { error, items } = await lab.run({
			resource: 'task',
			operation: 'wait',
			upid: String(upid),
			options: { waitAtMost: 5, maxPollInterval: 1 },
		});
		expect(items.flat()).toEqual([]);
		expect(error?.message).toContain('the status of the task could not be read');
	});
});

describe('A step of the clock of n8n', () => {
	const { now } = Date;
	afterEach(() => (Date.now = now));

	it.each([
		['forward', 86_400_000],
		['back', -86_400_000],
	])('%s neither ends a wait nor prolongs it', async (_name, step) => {
		await lab.close();
		let fast = now;
		lab = await openLab({ clock: { ...realClock(), now: () => fast() } });
		fast = Date.now;
		lab.emulator.faults.onTask({ type: 'qmcreate', slowness: 20 });
		const well = await runUntil('accepted', () => (Date.now = () => fast() + step));
		expect(well.items[0]?.[0]?.json).toMatchObject({ taskStatus: 'ok' });
		Date.now = fast;
		slowCreates();
		const { error } = await runUntil('accepted', () => (Date.now = () => fast() + step), {
			options: { timeout: 200, maxPollInterval: 5 },
		});
		expect(error?.message).toContain('after 200 s');
		Date.now = fast;
	});
});

describe('How long tasks take', () => {
	it('is remembered by cluster: another one with a node of the same name is asked anew', async () => {
		const other = await openLab();
		try {
			const looksBack = ({ emulator }: Lab) =>
				emulator.requests.filter(({ path }) => path.includes('typefilter=qmcreate')).length;
			await lab.output({});
			await lab.output({});
			expect(looksBack(lab)).toBe(1);
			await other.output({});
			expect(looksBack(other)).toBe(1);
		} finally {
			await other.close();
		}
	});
});

describe('A wait for the start', () => {
	const withStart = {
		...fixed(5010),
		...started,
		netList: {
			values: [
				{ model: 'virtio', bridge: { __rl: true, mode: 'name', value: 'vmbr0' }, options: {} },
			],
		},
	};

	it('does not believe that a new VM is stopped for good before its start is listed', async () => {
		lab.emulator.faults.onRequest({ path: TASKS, effect: json(200, 'OK', { data: [] }), times: 4 });
		lab.emulator.faults.onRequest({
			path: /\/status\/current$/,
			effect: json(200, 'OK', { data: { status: 'stopped' } }),
			times: 2,
		});
		expect(await lab.output({ ...withStart, options: { maxPollInterval: 1 } })).toMatchObject({
			taskStatus: 'ok',
			warnings: [],
		});
		expect(lab.emulator.state.vms.get(5010)?.status).toBe('running');
	});

	it('holds its timeout against an answer that trickles', async () => {
		lab.emulator.faults.onRequest({
			path: /\/status\/current$/,
			effect: 'trickle',
			times: forever,
		});
		const { error } = await lab.run({ ...withStart, options: { timeout: 30, maxPollInterval: 1 } });
		expect(error?.message).toContain('VM 5010 was created, but');
		expect(descriptionOf(error)).toContain('UPID:');
	});

	it('finds a VM that moves to another node meanwhile, and its addresses', async () => {
		// The emulator has guests on one node only: what the other node says is staged.
		const there: Record<string, unknown> = {
			'status/current': { status: 'running' },
			config: { agent: '1', net0: 'virtio=BC:24:11:00:00:A0,bridge=vmbr0' },
			'agent/network-get-interfaces': {
				result: [
					{
						name: 'eth0',
						'hardware-address': 'bc:24:11:00:00:a0',
						'ip-addresses': [{ 'ip-address': '192.0.2.10' }],
					},
				],
			},
		};
		for (const [path, data] of Object.entries(there)) {
			lab.emulator.faults.onRequest({
				path: `/nodes/pve2/qemu/5010/${path}`,
				effect: json(200, 'OK', { data }),
				times: forever,
			});
		}
		const { items, error } = await runUntil(
			'is being started',
			() => Object.assign(lab.emulator.state.vms.get(5010) ?? {}, { node: 'pve2' }),
			{
				...withStart,
				options: { waitUntil: 'ip', readyTimeout: 60, maxPollInterval: 1 },
			},
		);
		expect(error).toBeUndefined();
		expect(items[0]?.[0]?.json).toMatchObject({
			vmid: 5010,
			taskStatus: 'ok',
			warnings: [],
			ipAddresses: ['192.0.2.10'],
		});
	});

	it('says that it could not read whether the VM runs, if it could not', async () => {
		lab.emulator.faults.onRequest({
			path: /\/status\/current$/,
			effect: phrase(595, 'Connection refused'),
			times: forever,
		});
		const { error } = await lab.run({ ...withStart, options: { timeout: 30, maxPollInterval: 1 } });
		expect(error?.message).toBe(
			'VM 5010 was created, but its status could not be read: no response after 30 s',
		);
	});
});

it('the warnings of a task are bounded', async () => {
	const warnings = Array.from({ length: 120 }, (_, index) => `no. ${index}`);
	lab.emulator.faults.onTask({ type: 'qmcreate', warnings });
	const made = await lab.output({});
	expect(made.warnings).toEqual([
		...warnings.slice(0, 50).map((text) => `WARN: ${text}`),
		'and 70 more warnings',
	]);
});
