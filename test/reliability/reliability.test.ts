/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { INodeParameters } from 'n8n-workflow';

import { restrictTags, setNextIdRange } from '../../tools/emulator';
import { newVm } from '../../tools/emulator/state/load';
import { json } from './faults/ingredients';
import { emptyVm, inPanel, onPve1, openLab, readApi, type Lab } from '../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const fixed = (vmid: number): INodeParameters => ({
	vmIdMode: 'fixed',
	vmId: { __rl: true, mode: 'id', value: String(vmid) },
});
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({ http: false });
});
afterEach(async () => await lab.close());

const posts = () =>
	lab.emulator.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/qemu'));
const vmCount = () => lab.emulator.state.vms.size;
const descriptionOf = (error: unknown) =>
	String((error as { description?: string } | undefined)?.description);

describe('a lost answer', () => {
	it.each([
		['the connection breaks', 'reset'],
		['the answer breaks off', 'truncate'],
		[
			'a proxy times out',
			{
				status: 504,
				phrase: 'Gateway Timeout',
				body: '<html>',
				headers: { 'content-type': 'text/html' },
			},
		],
		['Proxmox’s proxy times out', { status: 596, phrase: 'Connection timed out' }],
	] as const)('is found again: %s after the VM was made', async (_what, effect) => {
		const before = vmCount();
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, when: 'after', effect });
		expect(await lab.output(fixed(5003))).toMatchObject({
			vmid: 5003,
			taskStatus: 'ok',
			upid: expect.stringContaining(':qmcreate:5003:') as string,
		});
		expect(vmCount()).toBe(before + 1);
		expect(posts()).toHaveLength(1);
	});

	it.each([
		['the connection breaks', 'reset'],
		['a proxy answers', { status: 502, phrase: 'Bad Gateway' }],
		['the daemon is down', { status: 595, phrase: 'Connection refused' }],
	] as const)('is no second VM: %s before it was made', async (_what, effect) => {
		const before = vmCount();
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, effect });
		expect(await lab.output({})).toMatchObject({ taskStatus: 'ok' });
		expect(vmCount()).toBe(before + 1);
		expect(posts()).toHaveLength(2);
	});

	it('is not taken for a VM of others that has the ID by then', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, effect: 'reset' });
		const { error } = await lab.run({ ...fixed(100) });
		expect(error?.message).toContain('VM 100 already exists');
		expect(posts().length).toBeGreaterThan(1);
	});

	const doubted = async (
		parameters: INodeParameters,
		then: () => void,
		items?: Array<Record<string, never>>,
	) =>
		await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, ...parameters }),
			items,
			credentials: lab.credentials,
			onProgress: (event) => {
				if (event.type === 'log' && event.level === 'warn') then();
			},
		});

	it('is not taken for the task of another client that creates a VM with that ID at the same moment', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, effect: 'reset' });
		const { error } = await doubted(fixed(5003), () => {
			lab.emulator.tasks.start({
				type: 'qmcreate',
				id: '5003',
				authId: 'n8n@pve!full',
				run: async () => {},
			});
			lab.emulator.state.vms.set(5003, newVm(5003, 'pve1', { name: 'stranger' }));
		});
		expect(error?.message).toContain('VM 5003 already exists');
		expect(descriptionOf(error)).not.toContain('UPID');
	});

	it.each([
		['another task of the same user on that VM', { type: 'qmdestroy', id: '5003' }],
		['the task of the same user for another VM', { type: 'qmcreate', id: '5004' }],
	])('is not taken for %s', async (_what, task) => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, effect: 'reset' });
		const { items } = await doubted(fixed(5003), () => {
			lab.emulator.tasks.start({
				...task,
				authId: lab.emulator.token.tokenId,
				run: async () => {},
			});
		});
		expect(items[0]?.[0]?.json.upid).toContain(':qmcreate:5003:');
	});

	it('is not taken for the task of another item with the same ID', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, nth: 2, effect: 'reset' });
		const { items } = await lab.run(fixed(5003), [{}, {}], { onError: 'continueRegularOutput' });
		const told = (items[0] ?? []).map(
			({ json }) => json.upid ?? (json.error as { message: string }).message,
		);
		expect(told.sort()).toEqual([
			expect.stringContaining('VM 5003 already exists'),
			expect.stringContaining(':qmcreate:5003:'),
		]);
	});

	it('of a restore that overwrites is never followed by a second one', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/qemu$/, effect: 'reset' });
		const { error } = await lab.run({
			operation: 'restore',
			archive: picked(ARCHIVE),
			restore: { force: true },
			...fixed(100),
		});
		expect(error?.message).toContain('its response was lost');
		expect(descriptionOf(error)).toContain('It was not sent again');
		expect(posts()).toHaveLength(1);
	});

	it('is reported as unknown if its outcome cannot be found out', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			times: 20,
			effect: { status: 596, phrase: 'Connection timed out' },
		});
		const stop = new AbortController();
		setTimeout(() => stop.abort(), 1500);
		const before = vmCount();
		const result = await lab.engine.runNode({
			parameters: { ...emptyVm, node: picked('pve1') },
			credentials: lab.credentials,
			signal: stop.signal,
		});
		expect(result.status).toBe('canceled');
		expect(vmCount()).toBe(before);
	}, 40_000);
});

describe('the next free ID', () => {
	it('belongs to others: the one after it is taken, and their VM is not touched', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '100' }),
		});
		const name = (await readApi(lab.emulator, '/nodes/pve1/qemu/100/config')).name;
		const { vmid } = await lab.output({ name: 'mine' });
		expect(vmid).not.toBe(100);
		expect((await readApi(lab.emulator, '/nodes/pve1/qemu/100/config')).name).toBe(name);
	});

	it('is asked for once a run', async () => {
		const { items } = await lab.run(
			{},
			Array.from({ length: 10 }, () => ({})),
		);
		expect(new Set(items[0]?.map(({ json }) => json.vmid)).size).toBe(10);
		expect(
			lab.emulator.requests.filter(({ path }) => path.includes('/cluster/nextid')),
		).toHaveLength(1);
	});

	it('keeps to the datacenter’s range', async () => {
		setNextIdRange(lab.emulator.state, 5000, 5003);
		const { items, error } = await lab.run(
			{},
			Array.from({ length: 8 }, () => ({})),
			{ onError: 'continueRegularOutput' },
		);
		expect(error).toBeUndefined();
		const made = (items[0] ?? []).flatMap(({ json }) =>
			json.vmid === undefined ? [] : [json.vmid],
		);
		expect(made.sort()).toEqual([5000, 5001, 5002]);
		const refused = (items[0] ?? []).flatMap(({ json }) =>
			json.error === undefined ? [] : [json.error],
		);
		const message = expect.stringMatching(
			/No VM ID from \d+ to 5002 is free|unable to get any free VMID in range/,
		) as string;
		expect(refused).toMatchObject(Array(5).fill({ message }));
	});

	it('is another one if the first is taken while the datacenter’s range is asked for', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '100' }),
		});
		lab.emulator.faults.onRequest({ path: '/cluster/options', effect: { delayMs: 10_000 } });
		const { items, error } = await lab.run({}, [{}, {}]);
		expect(error).toBeUndefined();
		expect(new Set(items[0]?.map(({ json }) => json.vmid)).size).toBe(2);
	});

	it('keeps to the user’s range', async () => {
		const options = { lowestVmId: 7000, highestVmId: 7001, maxPollInterval: 0.1 };
		expect((await lab.output({ options })).vmid).toBe(7000);
		expect((await lab.output({ options })).vmid).toBe(7001);
		expect((await lab.run({ options })).error?.message).toContain(
			'No VM ID from 7000 to 7001 is free',
		);
	});

	it('may be one that a task which failed has left free', async () => {
		lab.emulator.faults.onTask({
			type: 'qmcreate',
			failsWithin: "cfs-lock 'storage-local' error: got lock request timeout",
		});
		const options = { lowestVmId: 7000, highestVmId: 7000, maxPollInterval: 0.1 };
		expect(await lab.output({ options })).toMatchObject({ vmid: 7000, taskStatus: 'ok' });
	});

	it('is not looked for if a disk “already exists”', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			effect: { status: 500, phrase: "disk image '/x/vm-100-disk-0.raw' already exists" },
		});
		expect((await lab.run({})).error?.message).toContain('already exists');
		expect(posts()).toHaveLength(1);
	});
});

describe('a lock that another holds', () => {
	it.each([
		"unable to create VM 5004 - can't lock file '/var/lock/qemu-server/lock-5004.conf' - got timeout",
		"cfs-lock 'file-user_cfg' error: got lock request timeout",
	])('is waited for: %s', async (phrase) => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			effect: { status: 500, phrase },
		});
		expect(await lab.output(fixed(5004))).toMatchObject({ vmid: 5004, taskStatus: 'ok' });
	});

	it('is not waited for if the task has left something behind', async () => {
		lab.emulator.faults.onTask({
			type: 'qmrestore',
			failsAfter: "cfs-lock 'storage-local' error: got lock request timeout",
		});
		const { error } = await lab.run({
			operation: 'restore',
			archive: picked(ARCHIVE),
			...fixed(5012),
		});
		expect(error?.message).toContain('got lock request timeout');
		expect(descriptionOf(error)).toContain('VM 5012 exists on pve1');
		expect(posts()).toHaveLength(1);
	});

	it('is not waited for if Proxmox says something else', async () => {
		lab.emulator.state.quorate = false;
		expect((await lab.run(fixed(5005))).error?.message).toContain('no quorum');
		expect(posts()).toHaveLength(1);
	});
});

describe('If VM Exists', () => {
	const options = (more: object = {}): INodeParameters => ({
		options: { maxPollInterval: 0.1, ...more },
	});

	it('fails by default', async () => {
		expect((await lab.run(fixed(100))).error?.message).toContain('VM 100 already exists');
	});

	it('takes another ID', async () => {
		const { vmid } = await lab.output({ ...fixed(100), ...options({ ifExists: 'useAnotherId' }) });
		expect(vmid).not.toBe(100);
	});

	it.each([
		['a fixed ID', fixed(6100)],
		['the next free ID', {}],
	])('returns the VM of the same key: %s', async (_what, id) => {
		const given = {
			...id,
			general: { description: 'notes' },
			...options({ ifExists: 'return', idempotencyKey: 'delivery-1' }),
		};
		const first = await lab.output(given);
		const second = await lab.output(given);
		expect(second).toMatchObject({
			vmid: first.vmid,
			upid: first.upid,
			taskStatus: 'ok',
			reused: true,
		});
		expect(first.reused).toBe(false);
		expect(
			(await readApi(lab.emulator, `/nodes/pve1/qemu/${String(first.vmid)}/config`)).description,
		).toMatch(/^notes\n\n<!-- n8n-key:[0-9a-f]{32} -->$/);
	});

	it('returns the VM of the same key that another token has made, but not that token’s task', async () => {
		const given = options({ ifExists: 'return', idempotencyKey: 'delivery-6' });
		const { vmid } = await lab.output(given);
		const tokenId = 'n8n@pve!full';
		const { items } = await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, ...given }),
			credentials: {
				proxmoxVeApi: {
					...lab.credentials.proxmoxVeApi,
					tokenId,
					tokenSecret: lab.emulator.tokens[tokenId] ?? '',
				},
			},
		});
		expect(items[0]?.[0]?.json).toMatchObject({ vmid, reused: true, upid: null });
	});

	it('creates one VM if the same call comes twice at the same moment', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 10_000 });
		const before = vmCount();
		const given = options({ ifExists: 'return', idempotencyKey: 'delivery-2' });
		const [a, b] = await Promise.all([lab.output(given), lab.output(given)]);
		expect(a.vmid).toBe(b.vmid);
		expect([a.reused, b.reused].sort()).toEqual([false, true]);
		expect(vmCount()).toBe(before + 1);
	});

	it('returns no stranger’s VM', async () => {
		const { error } = await lab.run({
			...fixed(100),
			...options({ ifExists: 'return', idempotencyKey: 'delivery-3' }),
		});
		expect(error?.message).toContain('VM 100 already exists');
	});

	it('keeps the notes of a backup beside the key', async () => {
		const backup = lab.emulator.state.volumes.get(ARCHIVE)?.backup;
		if (backup) backup.config.description = 'notes: ünder\nthe key';
		const { vmid } = await lab.output({
			operation: 'restore',
			archive: picked(ARCHIVE),
			...options({ idempotencyKey: 'delivery-4' }),
		});
		const { description } = await readApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/config`);
		expect(description).toMatch(/^notes: ünder\nthe key\n\n<!-- n8n-key:[0-9a-f]{32} -->$/);
	});

	it('needs a key to return something', async () => {
		expect((await lab.run(options({ ifExists: 'return' }))).error?.message).toContain(
			'Idempotency Key is needed',
		);
	});
});

describe('Start After Creation', () => {
	const started = (more: INodeParameters = {}): INodeParameters => ({
		start: true,
		memory_current: 64,
		netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
		...more,
	});

	it('is over when the VM runs', async () => {
		const { vmid } = await lab.output(started());
		expect(
			(await readApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/status/current`)).status,
		).toBe('running');
	});

	it('is a failure if the VM does not start, though its create was OK; the VM is named', async () => {
		const { error } = await lab.run({
			...fixed(5006),
			...started({
				netList: {
					values: [
						{
							model: 'virtio',
							bridge: { __rl: true, mode: 'name', value: 'nosuch0' },
							options: {},
						},
					],
				},
			}),
		});
		expect(error?.message).toBe(
			"VM 5006 was created, but is not running: bridge 'nosuch0' does not exist",
		);
		expect(descriptionOf(error)).toContain('TASK ERROR');
		expect(lab.emulator.state.vms.has(5006)).toBe(true);
	});

	const toldAsStopped = (times: number) =>
		lab.emulator.faults.onRequest({
			path: /\/status\/current$/,
			times,
			effect: json(200, 'OK', { data: { status: 'stopped' } }),
		});

	it('ends when the VM runs, even if it is reported as stopped for a moment after its start', async () => {
		toldAsStopped(2);
		expect(await lab.output(started())).toMatchObject({ taskStatus: 'ok' });
	});

	it('is over when the VM runs, also under high availability, if that is some time after its task', async () => {
		toldAsStopped(5);
		const item = await lab.output(started({ start: true, general: { 'ha-managed': true } }));
		expect(item).toMatchObject({
			taskStatus: 'ok',
			startUpid: expect.stringContaining(':hastart:') as string,
		});
		expect(
			(await readApi(lab.emulator, `/nodes/pve1/qemu/${String(item.vmid)}/status/current`)).status,
		).toBe('running');
	});

	it('takes the warnings of the start along', async () => {
		expect(await lab.output(started({ firmware: { bios: 'ovmf' } }))).toMatchObject({
			taskStatus: 'warnings',
			exitStatus: 'OK',
			warnings: [expect.stringContaining('no efidisk configured')],
		});
	});

	it('waits until the guest agent is up and reports addresses that others can reach', async () => {
		const { items } = await lab.engine.runNode({
			parameters: inPanel({
				...onPve1,
				...fixed(5010),
				...started({
					start: true,
					general: { agent_enabled: true },
					netList: { values: [{ model: 'virtio', bridge: picked('vmbr0'), options: {} }] },
				}),
				options: { waitUntil: 'ip', readyTimeout: 30, maxPollInterval: 0.1 },
			}),
			credentials: lab.credentials,
			onProgress: (event) => {
				const vm = lab.emulator.state.vms.get(5010);
				if (event.type === 'log' && event.message.includes('is being started') && vm)
					setTimeout(() => (vm.agentRuns = true), 1000);
			},
		});
		expect(items[0]?.[0]?.json).toMatchObject({
			ipAddresses: ['192.0.2.100'],
			taskStatus: 'ok',
			warnings: [],
		});
	});

	it('is not mixed up with an older start of a VM of that ID', async () => {
		const upid = lab.emulator.tasks.start({
			type: 'qmstart',
			id: '5011',
			authId: lab.emulator.token.tokenId,
			run: async () => {},
		});
		await new Promise((later) => setTimeout(later, 1100));
		const { error } = await lab.engine.runNode({
			parameters: inPanel({
				...onPve1,
				...fixed(5011),
				...started(),
				options: { timeout: 60, maxPollInterval: 1 },
			}),
			credentials: lab.credentials,
			onProgress: (event) => {
				// Without quorum the VM is made, and no start comes.
				if (event.type === 'log' && event.message.includes('accepted'))
					lab.emulator.state.quorate = false;
			},
		});
		expect(error?.message).toBe(
			'VM 5011 was created, but is not running: no task to start it was found after 60 s',
		);
		expect(descriptionOf(error)).not.toContain(upid);
	});
});

describe('Preview', () => {
	it('shows the request and the command, with secrets masked, and sends nothing', async () => {
		const item = await lab.output({
			...fixed(5007),
			name: 'web-1',
			general: { description: "it's; $HOME" },
			cloudInit: { cipassword: 's3cret' },
			options: { preview: true },
		});
		expect(item).toEqual({
			method: 'POST',
			path: '/api2/json/nodes/pve1/qemu',
			body: {
				vmid: '5007',
				name: 'web-1',
				description: "it's; $HOME",
				cipassword: '********',
				smbios1: 'uuid=RANDOM_UUID',
			},
			command: `pvesh create /nodes/pve1/qemu --vmid 5007 --name web-1 --description 'it'\\''s; $HOME' --cipassword '********' --smbios1 "uuid=$(cat /proc/sys/kernel/random/uuid)"`,
		});
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each([
		[
			'an Idempotency Key',
			{
				options: { idempotencyKey: 'delivery-5', maxPollInterval: 0.1 },
				general: { description: 'notes' },
			},
		],
		[
			'Additional Parameters',
			{ ...fixed(5008), additionalParameters: { values: [{ name: 'brand-new', value: '0' }] } },
		],
		['a template', { ...fixed(5009), general: { template: true } }],
	])('shows what is sent then, with %s', async (_what, given: INodeParameters) => {
		const { body } = await lab.output({
			...given,
			options: { ...Object(given.options), preview: true },
		});
		// Proxmox does not know the additional one.
		await lab.run(given);
		const sent = Object.fromEntries(new URLSearchParams(posts()[0]?.body));
		// The uuid is another one for each request.
		expect(sent.smbios1).toMatch(
			/^uuid=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
		);
		expect(body).toEqual({ ...sent, smbios1: 'uuid=RANDOM_UUID' });
	});

	it('asks for the next free ID in its command, but for none of a range', async () => {
		expect((await lab.output({ options: { preview: true } })).command).toContain(
			'--vmid "$(pvesh get /cluster/nextid)"',
		);
		expect((await lab.output({ options: { preview: true, lowestVmId: 7000 } })).command).toContain(
			'--vmid NEXT_FREE_ID',
		);
	});
});

describe('the version of the cluster', () => {
	it('is asked only if it matters, and once a run', async () => {
		const versions = () =>
			lab.emulator.requests.filter(({ path }) => path.endsWith('/version')).length;
		await lab.output({ cores: 1 });
		expect(versions()).toBe(0);
		await lab.run({ memory: { 'allow-ksm': false } }, [{}, {}]);
		expect(versions()).toBe(1);
	});

	it.each([
		['8.4.5', false],
		['9.0.3', true],
		['9.2.11', true],
	])('%s: a parameter of 9.2 is taken: %s', async (version, taken) => {
		lab.emulator.state.version.version = version;
		const { error } = await lab.run({ memory: { 'allow-ksm': false } });
		expect(error?.message).toEqual(
			taken
				? undefined
				: `Memory Deduplication (KSM) (allow-ksm) needs Proxmox VE 9.2 or later, and the cluster has ${version}`,
		);
	});

	it('is looked at for an option of a device, too', async () => {
		lab.emulator.state.version.version = '9.0.3';
		const { error } = await lab.run({
			netList: {
				values: [{ model: 'virtio', bridge: picked('vmbr0'), options: { 'host-tunnel': true } }],
			},
		});
		expect(error?.message).toBe(
			'Network Card net0 → Host Tunnel Offload needs Proxmox VE 9.2.11 or later, and the cluster has 9.0.3',
		);
		expect(posts()).toHaveLength(0);
	});
});

describe('several hosts of one cluster', () => {
	const withUrl = (url: string) => ({ proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, url } });

	const create = async (parameters: INodeParameters, url: string) =>
		await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, ...parameters }),
			credentials: withUrl(url),
		});
	/** The emulator by two names. */
	const twice = () => `${lab.emulator.url}, ${lab.emulator.url.replace('127.0.0.1', 'localhost')}`;

	// With a fixed ID the POST is the first request.
	it.each([
		['a read', {}],
		['a POST that never left', fixed(5013)],
	])('replace one that is down: %s', async (_what, id) => {
		const { error } = await create(id, `https://127.0.0.1:9, ${lab.emulator.url}`);
		expect(error).toBeUndefined();
		expect(posts()).toHaveLength(1);
	});

	it('replace one whose certificate is not trusted, and nothing is considered lost', async () => {
		await lab.close();
		lab = await openLab({ host: '0.0.0.0', http: false });
		const { port } = lab.emulator;
		// The certificate is not for 0.0.0.0.
		const { error, logs } = await create(
			fixed(5014),
			`https://0.0.0.0:${port}, https://127.0.0.1:${port}`,
		);
		expect(error).toBeUndefined();
		expect(logs.filter(({ level }) => level === 'warn')).toEqual([]);
		expect(posts()).toHaveLength(1);
	});

	it('replace one that breaks off a read', async () => {
		lab.emulator.faults.onRequest({ path: '/cluster/nextid', effect: 'reset' });
		expect((await create({}, twice())).error).toBeUndefined();
	});

	it('get no POST that another of them may have handled', async () => {
		const before = vmCount();
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			when: 'after',
			effect: 'reset',
		});
		expect((await create({}, twice())).error).toBeUndefined();
		expect(posts()).toHaveLength(1);
		expect(vmCount()).toBe(before + 1);
	});

	it('are all tried before it is reported', async () => {
		const result = await lab.engine.runNode({
			parameters: { ...emptyVm, node: picked('pve1') },
			credentials: withUrl('https://127.0.0.1:9 https://127.0.0.1:10'),
		});
		expect(result.error?.message).toBe('Proxmox VE could not be reached: connection refused');
	});
});

describe('a cancelled execution', () => {
	/** Cancels a create once n8n's log has something. @returns whether a task was stopped */
	async function isStopped(
		parameters: INodeParameters,
		onLog: RegExp,
		url = lab.emulator.url,
	): Promise<boolean> {
		const stop = new AbortController();
		await lab.engine.runNode({
			parameters: { ...emptyVm, node: picked('pve1'), ...parameters },
			credentials: { proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, url } },
			signal: stop.signal,
			onProgress: (event) => {
				if (event.type === 'log' && onLog.test(event.message)) setTimeout(() => stop.abort(), 300);
			},
		});
		await new Promise((later) => setTimeout(later, 500));
		return lab.emulator.requests.some(
			({ method, status }) => method === 'DELETE' && status === 200,
		);
	}

	it.each([true, false])(
		'stops the task in Proxmox too, if asked to (%s)',
		async (stopOnCancel) => {
			lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 1_000_000 });
			expect(await isStopped({ options: { stopOnCancel } }, /UPID:/)).toBe(stopOnCancel);
		},
	);

	it('stops it by another host if the first one is down', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 1_000_000 });
		expect(
			await isStopped(
				{ options: { stopOnCancel: true } },
				/UPID:/,
				`https://127.0.0.1:9, ${lab.emulator.url}`,
			),
		).toBe(true);
	});

	it.each([true, false])('stops the start, too, if asked to (%s)', async (stopOnCancel) => {
		lab.emulator.faults.onTask({ type: 'qmstart', extraMs: 1_000_000 });
		expect(await isStopped({ start: true, options: { stopOnCancel } }, /is being started/)).toBe(
			stopOnCancel,
		);
	});
});

describe('a refusal because of a missing privilege', () => {
	it('names the privilege, the path, and the line that grants it', async () => {
		const tokenId = 'nodatastoreallocatespace@pve!tk';
		const { error } = await lab.engine.runNode({
			parameters: {
				...emptyVm,
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
					tokenSecret: lab.emulator.tokens[tokenId] ?? '',
				},
			},
		});
		expect(error?.message).toContain(
			'Permission check failed (/storage/local, Datastore.AllocateSpace)',
		);
		expect(descriptionOf(error)).toContain(
			'pveum role modify No-Datastore.AllocateSpace --append 1 --privs Datastore.AllocateSpace',
		);
	});

	it('is reported as Proxmox reports it in a task', async () => {
		restrictTags(lab.emulator.state, ['web'], ['prod']);
		const tokenId = 'n8n@pve!full';
		const { error } = await lab.engine.runNode({
			parameters: {
				...emptyVm,
				node: picked('pve1'),
				general: { tags: 'foo' },
				options: { maxPollInterval: 0.1 },
			},
			credentials: {
				proxmoxVeApi: {
					...lab.credentials.proxmoxVeApi,
					tokenId,
					tokenSecret: lab.emulator.tokens[tokenId] ?? '',
				},
			},
		});
		expect(error?.message).toContain('Sys.Modify for modifying tag');
	});

	it('names the privilege also if a task says so', async () => {
		lab.emulator.faults.onTask({
			type: 'qmcreate',
			failsWithin: '403 Permission check failed (/vms/5015, VM.Config.Options)',
		});
		const { error } = await lab.run(fixed(5015));
		expect(descriptionOf(error)).toContain('Missing privilege VM.Config.Options on /vms/5015.');
	});
});
