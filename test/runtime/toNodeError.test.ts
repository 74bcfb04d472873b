/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { IDataObject, INodeParameters, NodeApiError } from 'n8n-workflow';

import { json } from '../reliability/faults/ingredients';
import { emptyVm, openLab, type Lab } from '../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({ realTime: true });
});
afterEach(async () => await lab.close());

const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);

describe('bad input', () => {
	it.each([
		[{ name: 'bad_name' }, 'Name (name) must be a host name'],
		[
			{
				netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: { tag: 5000 } }] },
			},
			'Network Card net0 → VLAN Tag must be a whole number from 1 to 4094, got "5000"',
		],
		[
			{
				diskList: {
					values: [
						{ source: 'new', storage: picked('={{ "" }}'), size: 8, options: { bus: 'virtio' } },
					],
				},
			},
			'Disk 1 → Storage is needed',
		],
		[
			{
				diskList: {
					values: [
						{
							source: 'import',
							storage: picked('local'),
							image: picked('={{ "" }}'),
							options: { bus: 'scsi' },
						},
					],
				},
			},
			'Disk 1 → Image is needed',
		],
		[
			{
				netList: {
					values: Array.from({ length: 33 }, () => ({
						model: 'virtio',
						bridge: picked('vmbr0'),
						options: {},
					})),
				},
			},
			'Network Card can be set at most 32 times',
		],
		[
			{
				netList: {
					values: [1, 1].map((slot) => ({
						model: 'virtio',
						bridge: picked('vmbr0'),
						options: { slot },
					})),
				},
			},
			'Network Card → Slot 1 is used twice',
		],
		[
			{ vmIdMode: 'fixed', vmId: { __rl: true, mode: 'id', value: '99' } },
			'Options → VM ID must be a VM ID from 100 to 999999999, got "99"',
		],
		[
			{ vmIdMode: 'fixed', vmId: { __rl: true, mode: 'id', value: '={{ "" }}' } },
			'Options → VM ID is empty: set it, or remove the option',
		],
		[{ node: picked('={{ "" }}') }, 'Options → Node is empty: set it, or remove the option'],
		[{ processor: { cpu_flags: '+aes' } }, 'CPU Type (cpu.cputype) is needed'],
		[{ ipconfigList: { values: [{ ip: '', gw: '192.0.2.1', options: {} }] } }, 'ipconfig0'],
		[{ restore: {}, general: { tags: '-a' } }, 'Tags (tags) must be tags of letters'],
		[
			{ additionalParameters: { values: [{ name: 'vmid', value: '5' }] } },
			'Additional Parameter vmid has its own field: set it in VM ID (vmid)',
		],
	])('%j is refused before any request', async (parameters, message) => {
		const { error } = await lab.run(parameters);
		expect(error?.message).toContain(message);
		expect(descriptionOf(error)).toContain('Nothing was sent to Proxmox VE.');
		expect(lab.emulator.requests).toEqual([]);
	});

	it('is reported whole, and by item', async () => {
		const { error } = await lab.run({ name: '={{ $json.name }}', cores: '={{ $json.cores }}' }, [
			{ name: 'ok', cores: 1 },
			{ name: 'bad_name', cores: 0 },
		]);
		expect(error?.message).toContain('(and 1 more)');
		expect(descriptionOf(error)).toContain(
			'Cores (cores) must be a whole number of at least 1, got "0"',
		);
		expect((error as NodeApiError).context.itemIndex).toBe(1);
	});

	it('of one item lists what the others have created', async () => {
		const { error } = await lab.run({ name: '={{ $json.name }}' }, [
			{ name: 'ok' },
			{ name: 'bad_name' },
		]);
		expect(descriptionOf(error)).toMatch(/Other items succeeded:\nVM \d+: UPID:pve1:/);
	});

	it('leaves out the value if an expression returns nothing', async () => {
		const config = await lab.configOf({ cores: '={{ $json.none }}' });
		expect(config.cores).toBeUndefined();
	});
});

describe('what Proxmox says', () => {
	const refuse = (errors: Record<string, string>) =>
		lab.emulator.faults.onRequest({
			method: 'POST',
			effect: {
				status: 400,
				phrase: 'Parameter verification failed.',
				body: JSON.stringify({ data: null, errors }),
				headers: { 'content-type': 'application/json' },
			},
		});

	it('reaches the user: a refused parameter by its label', async () => {
		refuse({ cores: "type check ('integer') failed - got 'x'" });
		const { error } = await lab.run({});
		expect(error?.message).toBe(
			"Proxmox VE refused Cores (cores): type check ('integer') failed - got 'x'",
		);
	});

	it('reaches the user: refused options of a device by their labels', async () => {
		refuse({
			net3: "invalid format - format error\nnet3.nosuch: property is not defined in schema and the schema does not allow additional properties\nnet3.tag: type check ('integer') failed - got 'x'\n",
		});
		const { error } = await lab.run({});
		const told = `${error?.message}\n${descriptionOf(error)}`;
		expect(told).toContain("Network Card net3 → VLAN Tag: type check ('integer') failed - got 'x'");
		expect(told).toContain('Network Card net3 → nosuch: property is not defined in schema');
		expect(error?.message).toContain('(and 1 more)');
	});

	const onStorage = (storage: string) => ({
		diskList: {
			values: [{ source: 'new', storage: picked(storage), size: 1, options: { bus: 'virtio' } }],
		},
	});

	it.each([
		[
			"storage 'nosuch' does not exist",
			'Choose Storage → From List to see the storages of the node.',
			onStorage('nosuch'),
			{},
		],
		[
			"hostname lookup 'nosuch' failed - failed to get address info for: nosuch: Name or service not known",
			'Choose Node → From List to see the nodes of the cluster.',
			{ node: picked('nosuch') },
			{},
		],
		['cluster not ready - no quorum?', 'pvecm status', {}, { quorate: false }],
	])('reaches the user, with the next step: %s', async (message, step, parameters, state) => {
		Object.assign(lab.emulator.state, state);
		const { error } = await lab.run(parameters);
		expect(error?.message).toBe(`Proxmox VE answered 500: ${message}`);
		expect(descriptionOf(error)).toContain(step);
	});

	it('reaches the user: the missing privilege', async () => {
		const { tokens } = lab.emulator;
		const tokenId = 'nodatastoreallocatespace@pve!tk';
		const { error } = await lab.engine.runNode({
			parameters: {
				...emptyVm,
				resource: 'virtualMachine',
				operation: 'create',
				node: picked('pve1'),
				diskList: {
					values: [
						{ source: 'new', storage: picked('local'), size: 1, options: { bus: 'virtio' } },
					],
				},
			},
			credentials: {
				proxmoxVeApi: {
					...lab.credentials.proxmoxVeApi,
					tokenId,
					tokenSecret: tokens[tokenId] ?? '',
				},
			},
		});
		expect(error?.message).toBe(
			'Proxmox VE answered 403: Permission check failed (/storage/local, Datastore.AllocateSpace)',
		);
		expect(descriptionOf(error)).toContain(
			'pveum role modify No-Datastore.AllocateSpace --append 1 --privs Datastore.AllocateSpace',
		);
	});

	it('reaches the user: the reason and the last lines of the log of a task that failed', async () => {
		const { error } = await lab.run({
			vmIdMode: 'fixed',
			vmId: { __rl: true, mode: 'id', value: '5002' },
			diskList: {
				values: [
					{ source: 'new', storage: picked('small'), size: 9000, options: { bus: 'virtio' } },
				],
			},
		});
		expect(error?.message).toContain('The task of VM 5002 failed');
		expect(descriptionOf(error)).toContain('TASK ERROR:');
	});

	it('reaches the user in one short line, with all of it below, if a task says much', async () => {
		const status = `start failed: command '/usr/bin/kvm -id 154 ${'-device virtio '.repeat(200)}' failed: got timeout`;
		lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: status });
		lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: status });
		for (const parameters of [{ operation: 'start', vm: picked('100') }, {}]) {
			const { error } = await lab.run(parameters);
			expect(error?.message).toMatch(
				/^The task of VM \d+ failed: start failed: kvm failed: got timeout$/,
			);
			expect(descriptionOf(error)).toContain(`TASK ERROR: ${status}`);
		}
	});

	it('reaches the user: the log has the reason if the exit status has none', async () => {
		const { error } = await lab.run({
			resource: 'backup',
			operation: 'create',
			vm: picked('103'),
			storage: picked('local'),
		});
		expect(error?.message).toBe(
			'The task of VM 103 failed: Backup of VM 103 failed - VM is locked (backup)',
		);
		expect(descriptionOf(error)).toContain('TASK ERROR: job errors');
	});

	it('is not lost if a proxy answers in HTML, or strips the reason phrase', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: {
				status: 502,
				phrase: 'Bad Gateway',
				body: '<html>nginx</html>',
				headers: { 'content-type': 'text/html' },
			},
		});
		expect((await lab.run({})).error?.message).toBe('Proxmox VE answered 502: Bad Gateway');
		lab.emulator.faults.onRequest({
			method: 'POST',
			effect: {
				status: 500,
				phrase: '',
				body: '{"data":null,"message":"got no lock\\n"}',
				headers: { 'content-type': 'application/json' },
			},
		});
		expect((await lab.run({})).error?.message).toBe('Proxmox VE answered 500: got no lock');
	});

	it('is reported as no response of Proxmox if the host is another server', async () => {
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: '/cluster/nextid',
			effect: {
				status: 200,
				phrase: 'OK',
				body: '<html>',
				headers: { 'content-type': 'text/html' },
			},
		});
		expect((await lab.run({})).error?.message).toBe(
			'The response is not from a Proxmox VE API (HTTP 200)',
		);
	});
});

describe('the wait', () => {
	it('outlives a host that does not answer for a while', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 10_000 });
		lab.emulator.faults.onRequest({ method: 'GET', path: /\/status$/, effect: 'reset' });
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/status$/,
			nth: 2,
			effect: { status: 595, phrase: 'Connection refused' },
		});
		expect(await lab.output({})).toMatchObject({ taskStatus: 'ok' });
	});

	it('ends at the timeout, and reports the UPID', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 200_000 });
		const { error } = await lab.run({ options: { timeout: 1 } });
		expect(error?.message).toMatch(/^VM \d+: the task was still running after 1 s/);
		expect(descriptionOf(error)).toMatch(/UPID:pve1:\S+:qmcreate:/);
		expect(descriptionOf(error)).toContain('To wait longer, use Task → Wait with this UPID');
	});

	it('distinguishes a task whose process was killed, one that failed, and one that Proxmox has forgotten', async () => {
		const killed = 'Its process ended without a status';
		lab.emulator.faults.onTask({ type: 'qmcreate', dies: true });
		const first = await lab.run({});
		expect(first.error?.message).toContain(': unexpected status');
		expect(descriptionOf(first.error)).toContain(killed);

		lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: 'no luck' });
		const second = await lab.run({});
		expect(second.error?.message).toContain(': no luck');
		expect(descriptionOf(second.error)).not.toContain(killed);

		const body = '{"data":null,"errors":{"upid":"no such task"}}';
		lab.emulator.faults.onRequest({
			path: /\/status$/,
			effect: {
				status: 400,
				phrase: 'Parameter verification failed.',
				body,
				headers: { 'content-type': 'application/json' },
			},
		});
		const third = await lab.run({});
		expect(third.error?.message).toMatch(/^Proxmox VE no longer knows the task of VM \d+$/);
		expect(descriptionOf(third.error)).toMatch(/How it ended is unknown.*UPID:pve1:/s);
	});

	it('of a failed task without a log announces no lines of it', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', failsBefore: 'no luck' });
		lab.emulator.faults.onRequest({
			path: /\/log$/,
			times: 99,
			effect: json(200, 'OK', { data: [{ n: 1, t: 'no content' }], total: 1 }),
		});
		const { error } = await lab.run({});
		expect(error?.message).toContain('no luck');
		expect(descriptionOf(error)).not.toMatch(/log:|no content/);
	});

	it('ends at once when the execution is cancelled', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 2_000_000 });
		const stop = new AbortController();
		const running = lab.engine.runNode({
			parameters: {
				...emptyVm,
				resource: 'virtualMachine',
				operation: 'create',
				node: picked('pve1'),
				options: { timeout: 500, maxPollInterval: 100 },
			},
			credentials: lab.credentials,
			signal: stop.signal,
			onProgress: (event) => {
				if (event.type === 'log' && event.message.includes('UPID:'))
					setTimeout(() => stop.abort(), 50);
			},
		});
		expect((await running).status).toBe('canceled');
	});
});

describe('an item that fails', () => {
	const items = [{ name: 'a' }, { name: 'bad_name' }, { name: 'c' }];

	it('leaves the others alone if the node continues', async () => {
		const { items: output } = await lab.run({ name: '={{ $json.name }}' }, items, {
			onError: 'continueRegularOutput',
		});
		const [list = []] = output;
		expect(list.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(list.map(({ json }) => json.taskStatus ?? json.error)).toEqual([
			'ok',
			expect.objectContaining({
				message: expect.stringContaining('Name (name) must be a host name') as string,
			}),
			'ok',
		]);
	});

	it('goes out by the error output, with what it came with', async () => {
		const { items: output } = await lab.run({ name: '={{ $json.name }}' }, items, {
			onError: 'continueErrorOutput',
		});
		expect(output[0]?.map(({ json }) => json.taskStatus)).toEqual(['ok', 'ok']);
		expect(output[1]).toHaveLength(1);
		expect(output[1]?.[0]?.json).toEqual({
			name: 'bad_name',
			error: {
				message: expect.stringContaining('Name (name) must be a host name') as string,
				description: expect.any(String) as string,
			},
		});
	});

	it('takes VM and UPID along, if a task failed', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', failsAfter: 'no luck' });
		const { items: output } = await lab.run({}, [{}], { onError: 'continueErrorOutput' });
		expect(output[1]?.[0]?.json).toMatchObject({
			error: {
				message: expect.stringContaining('no luck') as string,
				vmid: expect.any(Number) as number,
				node: 'pve1',
				upid: expect.stringContaining('UPID:pve1:') as string,
				description: expect.stringContaining('TASK ERROR: no luck') as string,
			},
		});
	});

	const fixed = { vmIdMode: 'fixed', vmId: picked(5003) };
	const nothing = () => undefined;
	const clone = { operation: 'clone', vm: picked(100), newIdMode: 'fixed', full: true };
	const refused = json(500, "storage 'gone' does not exist", { data: null });
	const cases: Array<[string, INodeParameters, () => void, number | undefined]> = [
		[
			'no VM where a create was refused',
			fixed,
			() => lab.emulator.faults.onRequest({ method: 'POST', effect: refused }),
			undefined,
		],
		[
			'no VM where a clone was refused',
			{ ...clone, newId: 5003 },
			() => lab.emulator.faults.onRequest({ method: 'POST', effect: refused }),
			undefined,
		],
		['no VM where another one has the ID', { ...fixed, vmId: picked(100) }, nothing, undefined],
		['no VM where a clone met another one', { ...clone, newId: 102 }, nothing, undefined],
		[
			'no VM where the task left none',
			fixed,
			() => lab.emulator.faults.onTask({ type: 'qmcreate', failsWithin: 'no luck' }),
			undefined,
		],
		[
			'the VM where the task left one',
			fixed,
			() => lab.emulator.faults.onTask({ type: 'qmcreate', failsAfter: 'no luck' }),
			5003,
		],
		[
			'the VM that a refused overwrite was for',
			{
				operation: 'restore',
				...fixed,
				vmId: picked(100),
				archive: picked('local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst'),
				restore: { force: true },
			},
			() => lab.emulator.faults.onRequest({ method: 'POST', effect: refused }),
			100,
		],
	];
	it.each(cases)('names %s', async (_what, parameters, arrange, vmid) => {
		arrange();
		const { items: output } = await lab.run(parameters, [{}], { onError: 'continueErrorOutput' });
		const { error } = output[1]?.[0]?.json ?? {};
		expect(error).toHaveProperty('node', 'pve1');
		expect((error as IDataObject).vmid).toBe(vmid);
		expect(error).not.toHaveProperty('isRefused');
		if (vmid === 5003) return;
		arrange();
		const { error: thrown } = await lab.run(parameters);
		expect((thrown as NodeApiError).context.vmid).toBe(vmid);
	});
});

describe('the secret', () => {
	it('is in no output, error or log', async () => {
		const secret = String(lab.credentials.proxmoxVeApi?.tokenSecret);
		const password = 'cloud-s3cret';
		const results = [
			await lab.run({ cloudInit: { cipassword: password } }),
			await lab.run({ name: 'bad_name', cloudInit: { cipassword: password } }),
			await lab.run({
				additionalParameters: { values: [{ name: 'nosuch', value: '1' }] },
				cloudInit: { cipassword: password },
			}),
			await lab.engine.runNode({
				parameters: {
					...emptyVm,
					resource: 'virtualMachine',
					operation: 'create',
					node: picked('pve1'),
				},
				credentials: {
					proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, url: 'https://127.0.0.1:9' },
				},
			}),
		];
		for (const { items, error, logs, runData } of results) {
			const everything = [
				items,
				error,
				error?.message,
				descriptionOf(error),
				error?.stack,
				(error as NodeApiError | undefined)?.messages,
				logs,
				runData,
			]
				.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
				.join('\n');
			for (const form of [
				secret,
				encodeURIComponent(secret),
				Buffer.from(secret).toString('base64'),
			])
				expect(everything).not.toContain(form);
			expect(everything).not.toContain(password);
		}
	});
});
