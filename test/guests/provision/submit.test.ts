/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { isConfigComplete } from '../../../nodes/ProxmoxVe/guests/provision/guestState';
import { newVm } from '../../../tools/emulator/state/load';
import { html, json, phrase } from '../../reliability/faults/ingredients';
import { inPanel, onPve1, openLab, postApi, readApi, type Lab } from '../../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const fixed = (vmid: number): INodeParameters => ({
	vmIdMode: 'fixed',
	vmId: { __rl: true, mode: 'id', value: String(vmid) },
});
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const POST = { method: 'POST', path: /\/qemu$/ } as const;

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const posts = () =>
	lab.emulator.requests.filter(
		({ method, path }) => method === 'POST' && /\/(?:qemu|clone)$/.test(path),
	);
const taskLists = () =>
	lab.emulator.requests.filter(({ method, path }) => method === 'GET' && /\/tasks\?/.test(path));
const sentBodies = (): IDataObject[] =>
	posts().map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const descriptionOf = (error: unknown) =>
	String((error as { description?: string } | undefined)?.description);
const as = async (tokenId: string, parameters: INodeParameters, items?: IDataObject[]) =>
	await lab.engine.runNode({
		parameters: inPanel({ ...onPve1, ...parameters }),
		items,
		credentials: {
			proxmoxVeApi: {
				...lab.credentials.proxmoxVeApi,
				tokenId,
				tokenSecret: lab.emulator.tokens[tokenId] ?? '',
			},
		},
	});
/** Runs the node; `then` happens with the first warning, which says that an outcome is unknown. */
const doubted = async (parameters: INodeParameters, then: () => void) => {
	let isDone = false;
	return await lab.engine.runNode({
		parameters: inPanel({ ...onPve1, ...parameters }),
		credentials: lab.credentials,
		onProgress: (event) => {
			if (event.type !== 'log' || event.level !== 'warn' || isDone) return;
			isDone = true;
			then();
		},
	});
};
const makeStranger = (vmid: number, config: IDataObject = {}): void => {
	const authId = lab.emulator.token.tokenId;
	lab.emulator.tasks.start({ type: 'qmcreate', id: String(vmid), authId, run: async () => {} });
	lab.emulator.state.vms.set(
		vmid,
		newVm(vmid, 'pve1', {
			smbios1: 'uuid=11111111-2222-4333-8444-555555555555',
			...Object(config),
		}),
	);
};

it.each([
	['being created', { lock: 'create' }, false],
	[
		'being restored, with its config there already',
		{ lock: 'create', name: 'web', memory: '512' },
		false,
	],
	['being cloned', { lock: 'clone', name: 'web' }, false],
	['left by a restore that was stopped', { memory: '128' }, false],
	['created', { name: 'web', memory: '512' }, true],
	['created, and locked by a backup', { lock: 'backup', name: 'web' }, true],
])('the config of a VM that is %s shows whose it is: %j', (_what, config, expected) => {
	expect(isConfigComplete({ digest: 'a7e9f8c4', ...config })).toBe(expected);
});

describe('the mark of a create', () => {
	it('is an SMBIOS uuid of its own for each item, which the VM keeps', async () => {
		const { items } = await lab.run({}, [{}, {}]);
		const marks = sentBodies().map(({ smbios1 }) => smbios1);
		expect(new Set(marks).size).toBe(2);
		const kept = (items[0] ?? []).map(({ json: { vmid } }) => vm(vmid)?.config.smbios1);
		expect([...kept].sort()).toEqual([...marks].sort());
	});

	it.each<[string, INodeParameters]>([
		[
			'in its field',
			{ specifyVm: 'json', vmJson: '{"smbios1": "uuid=99999999-2222-4333-8444-555555555555"}' },
		],
	])('is not sent if the user sets smbios1 %s', async (_where, given) => {
		const { vmid } = await lab.output(given);
		expect(sentBodies()).toEqual([
			{ vmid: String(vmid), smbios1: 'uuid=99999999-2222-4333-8444-555555555555' },
		]);
	});

	it('is not sent with a restore, which keeps the identity of the backup', async () => {
		await lab.output({ operation: 'restore', archive: picked(ARCHIVE), ...fixed(5003) });
		expect(sentBodies()[0]).not.toHaveProperty('smbios1');
	});

	it('is given up for the run if the token may not set the hardware type', async () => {
		const { items, error } = await as(
			'novmconfighwtype@pve!tk',
			{ options: { maxParallel: 1, maxPollInterval: 0.1 } },
			[{}, {}],
		);
		expect(error).toBeUndefined();
		expect(items[0]).toHaveLength(2);
		expect(posts().map(({ status }) => status)).toEqual([403, 200, 200]);
		expect(sentBodies().map((body) => 'smbios1' in body)).toEqual([true, false, false]);
	});

	it('is not given up for another refusal, which is not tried again', async () => {
		const { error } = await as('novmconfigoptions@pve!tk', { ...fixed(5003), name: 'web' });
		expect(error?.message).toContain('VM.Config.Options');
		expect(posts()).toHaveLength(1);
	});
});

describe('a VM whose create had its response lost', () => {
	it('has the newest task of its ID', async () => {
		const older = await postApi(lab.emulator, '/nodes/pve1/qemu', { vmid: '5003' });
		await lab.emulator.tasks.settled();
		lab.emulator.state.vms.delete(5003);
		// UPIDs have whole seconds.
		lab.emulator.tasks.clocksAhead.set('pve1', 2);
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect: 'reset' });
		const { upid } = await lab.output(fixed(5003));
		expect(upid).toContain(':qmcreate:5003:');
		expect(upid).not.toBe(older);
	});

	it('is waited for, and its start too, if its task cannot be read', async () => {
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect: 'reset' });
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/tasks$/,
			times: 1_000,
			effect: phrase(596, 'Connection timed out'),
		});
		const bridge = { __rl: true, mode: 'name', value: 'vmbr0' };
		const item = await lab.output({
			...fixed(5003),
			start: true,
			netList: { values: [{ model: 'virtio', bridge, options: {} }] },
		});
		expect(item).toMatchObject({ vmid: 5003, upid: null, reused: false, taskStatus: 'ok' });
		expect((await readApi(lab.emulator, '/nodes/pve1/qemu/5003/status/current')).status).toBe(
			'running',
		);
	}, 20_000);

	it('stays its own if a lock was in the way first', async () => {
		const before = lab.emulator.state.vms.size;
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 30_000 });
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '5003' }),
		});
		lab.emulator.faults.onRequest({
			...POST,
			effect: json(
				500,
				"unable to create VM 5003 - can't lock file '/var/lock/qemu-server/lock-5003.conf' - got timeout",
			),
		});
		lab.emulator.faults.onRequest({ ...POST, nth: 2, when: 'after', effect: 'reset' });
		expect(await lab.output({})).toMatchObject({ vmid: 5003 });
		expect(lab.emulator.state.vms.size).toBe(before + 1);
	}, 20_000);

	it('is created again if its own task failed and left nothing', async () => {
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect: 'reset' });
		lab.emulator.faults.onTask({ type: 'qmcreate', failsWithin: 'no space left on device' });
		expect(await lab.output(fixed(5003))).toMatchObject({ vmid: 5003, taskStatus: 'ok' });
		expect(posts()).toHaveLength(2);
	});

	it('is found on the node that has it', async () => {
		const stranger = newVm(5003, 'pve2', { smbios1: 'uuid=11111111-2222-4333-8444-555555555555' });
		const { items } = await doubtedFirst(
			5003,
			() => void lab.emulator.state.vms.set(5003, stranger),
		);
		expect(items[0]?.[0]?.json.vmid).not.toBe(5003);
	});
	const doubtedFirst = async (vmid: number, then: () => void) => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: String(vmid) }),
		});
		lab.emulator.faults.onRequest({ ...POST, effect: 'reset' });
		return await doubted({}, then);
	};

	it('is not the VM of another worker that is converted to a template', async () => {
		const { items } = await doubtedFirstTemplate();
		const { vmid } = items[0]?.[0]?.json ?? {};
		expect(vmid).not.toBe(5003);
		expect(vm(5003)?.config.template).toBeUndefined();
		expect(vm(vmid)?.config.template).toBe(1);
	});
	const doubtedFirstTemplate = async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '5003' }),
		});
		lab.emulator.faults.onRequest({ ...POST, effect: 'reset' });
		return await doubted({ general: { template: true } }, () => makeStranger(5003));
	};
});

describe('a VM without a mark', () => {
	const own = {
		specifyVm: 'json',
		vmJson: '{"name": "web", "smbios1": "uuid=99999999-2222-4333-8444-555555555555"}',
	};

	it('has an unknown outcome after a lost response, which names ID, node and task', async () => {
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect: 'reset' });
		const { error } = await lab.run({ ...own, ...fixed(5003) });
		expect(error?.message).toContain('its response was lost');
		expect(descriptionOf(error)).toContain(
			'VM 5003 exists, but it is unknown whether this request created it.',
		);
		expect(descriptionOf(error)).toMatch(
			/Task that may belong to it: UPID:pve1:\S+:qmcreate:5003:/,
		);
	});

	it('is not the one that has its ID under another name', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '5003' }),
		});
		lab.emulator.faults.onRequest({ ...POST, effect: 'reset' });
		const { items } = await doubted(own, () => makeStranger(5003, { name: 'db' }));
		expect(items[0]?.[0]?.json).toMatchObject({ taskStatus: 'ok', name: 'web' });
		expect(items[0]?.[0]?.json.vmid).not.toBe(5003);
	});

	it('is a clone: one whose ID has a VM of another name takes the next ID', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '5003' }),
		});
		lab.emulator.faults.onRequest({ method: 'POST', path: /\/clone$/, effect: 'reset' });
		const { items } = await doubted(
			{ operation: 'clone', vm: picked(101), newIdMode: 'next', full: false, name: 'web' },
			() => makeStranger(5003, { name: 'db' }),
		);
		const { vmid } = items[0]?.[0]?.json ?? {};
		expect(vmid).not.toBe(5003);
		expect(vm(vmid)?.config.name).toBe('web');
	});
});

describe('a restore whose response was lost', () => {
	it('and that was aborted then, is no complete VM of somebody else', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '5003' }),
		});
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect: 'reset' });
		lab.emulator.faults.onTask({ type: 'qmrestore', failsBefore: 'received interrupt' });
		// What a restore that was stopped leaves.
		const { error } = await doubted(
			{ operation: 'restore', archive: picked(ARCHIVE), name: 'web' },
			() => {
				const left = vm(5003);
				if (left) left.config = { memory: '128' };
			},
		);
		expect(error?.message).toContain('its response was lost');
		expect(posts().every(({ body }) => body.includes('vmid=5003'))).toBe(true);
	}, 20_000);
});

describe('the task that a response names', () => {
	const OTHERS = [
		['another VM', 'UPID:pve1:0000ABCD:000000AA:67000000:qmcreate:999:root@pam!full:'],
		['another node', 'UPID:pve2:0000ABCD:000000AA:67000000:qmcreate:5003:root@pam!full:'],
		['another type', 'UPID:pve1:0000ABCD:000000AA:67000000:qmdestroy:5003:root@pam!full:'],
		['no task', 'OK'],
	] as const;

	it.each(OTHERS)('is not taken if it is that of %s: a create', async (_what, data) => {
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect: json(200, 'OK', { data }) });
		const { upid } = await lab.output(fixed(5003));
		expect(upid).not.toBe(data);
		expect(upid).toContain(':qmcreate:5003:');
	});

	it.each(OTHERS)(
		'is not taken if it is that of %s, another request: a start',
		async (_what, data) => {
			const { vmid } = await lab.output({ memory_current: 64, ...fixed(5003) });
			lab.emulator.faults.onRequest({
				method: 'POST',
				path: /\/start$/,
				effect: json(200, 'OK', { data: data.replace('qmcreate', 'qmstart') }),
			});
			const { items, error } = await lab.run({ operation: 'start', vm: picked(Number(vmid)) });
			expect(items).toEqual([]);
			expect(error).toBeDefined();
		},
		20_000,
	);

	it.each(OTHERS)(
		'is not taken if it is that of %s: a clone',
		async (_what, data) => {
			lab.emulator.faults.onRequest({
				method: 'POST',
				path: /\/clone$/,
				when: 'after',
				effect: json(200, 'OK', { data }),
			});
			const { error } = await lab.run({
				operation: 'clone',
				vm: picked(100),
				newIdMode: 'fixed',
				newId: 5003,
				full: true,
			});
			expect(error?.message).toContain('its response was lost');
			expect(descriptionOf(error)).not.toContain(data);
		},
		40_000,
	);
});

describe('a refusal', () => {
	it.each([
		"unable to create VM 5003 - VM 999 already exists on node 'pve1'",
		"unable to create VM 5003 - VM 50030 already exists on node 'pve1'",
	])('that names another ID takes no other ID: %s', async (message) => {
		lab.emulator.faults.onRequest({
			path: '/cluster/nextid',
			effect: json(200, 'OK', { data: '5003' }),
		});
		lab.emulator.faults.onRequest({ ...POST, effect: json(500, message) });
		expect((await lab.run({})).error?.message).toContain(message);
		expect(posts()).toHaveLength(1);
	});

	it('because of a lock is no answer if the VM of another worker has the ID: it is read again', async () => {
		const LOCK =
			"unable to create VM 5003 - can't lock file '/var/lock/qemu-server/lock-5003.conf' - got timeout";
		makeStranger(5003, { lock: 'create' });
		lab.emulator.tasks.start({
			type: 'qmcreate',
			id: '5003',
			authId: lab.emulator.token.tokenId,
			run: async () => await new Promise<void>((later) => setTimeout(later, 5_000)),
		});
		lab.emulator.faults.onRequest({ ...POST, effect: json(500, LOCK) });
		const { error } = await lab.run({
			...fixed(5003),
			options: { timeout: 20, maxPollInterval: 0.1 },
		});
		expect(error?.message).toContain('VM 5003 already exists');
		expect(posts()).toHaveLength(2);
	}, 20_000);

	it('does not end the search for a VM that the last attempt left', async () => {
		lab.emulator.faults.onRequest({ ...POST, times: 6, effect: 'reset' });
		lab.emulator.faults.onRequest({ ...POST, nth: 7, when: 'after', effect: 'reset' });
		lab.emulator.faults.onTask({ type: 'qmcreate', noWorker: true });
		const { error } = await lab.run(fixed(5003));
		expect(posts()).toHaveLength(7);
		expect(descriptionOf(error)).toContain('No task is creating it.');
	}, 20_000);

	it('after a lost response does not hide that a VM may be there', async () => {
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect: 'reset' });
		lab.emulator.faults.onRequest({
			...POST,
			nth: 2,
			effect: json(500, 'cluster not ready - no quorum?'),
		});
		lab.emulator.faults.onRequest({
			path: /\/config$/,
			effect: phrase(596, 'Connection timed out'),
		});
		const { error } = await lab.run(fixed(5003));
		expect(error?.message).toContain('its response was lost');
		expect(descriptionOf(error)).toContain(
			'A second attempt was refused: cluster not ready - no quorum?',
		);
	});
});

describe('a clone', () => {
	const clone = { operation: 'clone', vm: picked(100), newIdMode: 'next', full: true };
	const LOCK = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";

	it('asks the cluster anew for an ID if another one was faster', async () => {
		lab.emulator.faults.onTask({
			type: 'qmclone',
			failsBefore:
				"close (rename) atomic file '/etc/pve/nodes/pve1/qemu-server/7000.conf' failed: File exists",
		});
		await lab.output({ ...clone, options: { lowestVmId: 7000, maxPollInterval: 0.1 } });
		expect(
			lab.emulator.requests.filter(({ path }) => path.includes('/cluster/resources?type=vm'))
				.length,
		).toBe(2);
	});

	it('whose response was lost names no task of another one with another token, or with another ID', async () => {
		let otherId = '';
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/clone$/,
			when: 'after',
			effect: 'reset',
		});
		const { error } = await doubted({ ...clone, newIdMode: 'fixed', newId: 5003 }, () => {
			lab.emulator.tasks.start({
				type: 'qmclone',
				id: '100',
				authId: 'n8n@pve!full',
				run: async ({ log }) => log('creating a clone of VM 100 with ID 5003'),
			});
			otherId = lab.emulator.tasks.start({
				type: 'qmclone',
				id: '100',
				authId: 'root@pam!full',
				run: async ({ log }) => log('creating a clone of VM 100 with ID 6000'),
			});
		});
		expect(descriptionOf(error)).not.toContain(otherId);
		expect(descriptionOf(error)).toContain('root@pam!full');
		expect(descriptionOf(error)).not.toContain('n8n@pve!full');
	}, 20_000);

	it('whose lost response has tasks with logs that cannot be read names them', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/clone$/,
			when: 'after',
			effect: 'reset',
		});
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/log$/,
			times: 1_000,
			effect: phrase(596, 'Connection timed out'),
		});
		expect(descriptionOf((await lab.run(clone)).error)).toMatch(
			/Task that may belong to it: UPID:pve1:\S+:qmclone:100:/,
		);
	});

	it('whose lost response has a task is not looked for any longer', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/clone$/,
			when: 'after',
			effect: 'reset',
		});
		expect(descriptionOf((await lab.run(clone)).error)).toContain(':qmclone:100:');
		expect(taskLists()).toHaveLength(1);
	});

	it('whose lost response has a task that is listed late names it', async () => {
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/clone$/,
			when: 'after',
			effect: 'reset',
		});
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: /\/tasks$/,
			effect: json(200, 'OK', { data: [] }),
		});
		expect(descriptionOf((await lab.run(clone)).error)).toContain(':qmclone:100:');
		expect(taskLists()).toHaveLength(2);
	});

	it('that fails because of a lock with something left behind is not tried again', async () => {
		lab.emulator.faults.onTask({
			type: 'qmclone',
			failsAfter: "clone failed: cfs-lock 'storage-local' error: got lock request timeout",
		});
		const { error } = await lab.run(clone);
		expect(error?.message).toContain('got lock request timeout');
		expect(descriptionOf(error)).toMatch(/VM \d+ exists on pve1/);
		expect(posts()).toHaveLength(1);
	});

	it('is sent again if its task could not be started, and nothing is left', async () => {
		const before = lab.emulator.state.vms.size;
		lab.emulator.faults.onTask({ type: 'qmclone', noWorker: true });
		expect(await lab.output(clone)).toMatchObject({ taskStatus: 'ok' });
		expect(lab.emulator.state.vms.size).toBe(before + 1);
	});

	it('waits for the lock of a VM that runs for as long as Timeout allows', async () => {
		lab.emulator.faults.onTask({ type: 'qmclone', failsBefore: LOCK, times: 7 });
		const item = await lab.output({ ...clone, options: { timeout: 300, maxPollInterval: 0.1 } });
		expect(item).toMatchObject({ taskStatus: 'ok' });
		expect(posts()).toHaveLength(8);
	}, 20_000);

	it('ends with the lock’s own words if Timeout is over', async () => {
		lab.emulator.faults.onTask({ type: 'qmclone', failsBefore: LOCK, times: 1_000 });
		const { error } = await lab.run({ ...clone, options: { timeout: 2, maxPollInterval: 0.1 } });
		expect(error?.message).toContain(LOCK);
	});
});

describe('a task that could not be started', () => {
	it('is a warning that names what is left, and the next ID', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', noWorker: true });
		const item = await lab.output({});
		const left = [...lab.emulator.state.vms.values()].find(
			({ config }) => config.lock === 'create',
		);
		expect(item).toMatchObject({
			taskStatus: 'warnings',
			warnings: [expect.stringContaining(`qm unlock ${left?.vmid} && qm destroy ${left?.vmid}`)],
		});
		expect(item.vmid).not.toBe(left?.vmid);
	}, 20_000);

	it('with a fixed ID is an error that says how to remove what is left', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', noWorker: true });
		const { error } = await lab.run(fixed(5003));
		expect(error?.message).toContain('got no worker upid');
		expect(descriptionOf(error)).toContain('qm unlock 5003 && qm destroy 5003');
		expect(posts()).toHaveLength(1);
	}, 20_000);

	it('is named in the error too, if another ID fails then', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', noWorker: true });
		lab.emulator.faults.onTask({
			type: 'qmcreate',
			times: 2,
			failsWithin: 'no space left on device',
		});
		const { error } = await lab.run({});
		expect(error?.message).toContain('no space left on device');
		expect(descriptionOf(error)).toMatch(/VM \d+ on pve1 is left empty and locked/);
	}, 20_000);

	it('of a restore over a VM says that it is unchanged, and how to unlock it', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', noWorker: true });
		const { error } = await lab.run({
			operation: 'restore',
			archive: picked(ARCHIVE),
			restore: { force: true },
			...fixed(100),
		});
		expect(error?.message).toContain('got no worker upid');
		expect(descriptionOf(error)).toContain('VM 100 on pve1 was not changed, but is still locked');
		expect(descriptionOf(error)).toContain('on pve1: qm unlock 100');
		expect(descriptionOf(error)).not.toContain('qm destroy');
		expect(posts()).toHaveLength(1);
	});
});

describe('a response that has nothing of Proxmox VE in it', () => {
	it.each([
		['a page', html(500, 'Internal Server Error')],
		[
			'a page with Proxmox’s phrase',
			{
				status: 500,
				phrase: 'storage is not online',
				body: '<html>',
				headers: { 'content-type': 'text/html' },
			},
		],
		[
			'another API’s JSON',
			{
				status: 500,
				phrase: 'x',
				body: '{"error":"upstream"}',
				headers: { 'content-type': 'application/json' },
			},
		],
		['no phrase and no body', { status: 500, phrase: '' }],
		[
			'a redirect after the work',
			{ ...Object(html(303, 'See Other')), headers: { location: '/done' } },
		],
	])('leaves the outcome unknown, and the VM is found: %s', async (_what, effect) => {
		lab.emulator.faults.onRequest({ ...POST, when: 'after', effect });
		expect(await lab.output(fixed(5003))).toMatchObject({ vmid: 5003, reused: false });
		expect(posts()).toHaveLength(1);
	});

	it.each([
		['a phrase alone', phrase(500, "storage 'nosuch' does not exist")],
		['Bad Request, as Proxmox has it', phrase(400, 'Bad Request')],
		[
			'the phrase in the body',
			{ status: 501, phrase: 'for data too large', body: 'for data too large' },
		],
		[
			'JSON without a phrase',
			{ ...Object(json(500, "storage 'nosuch' does not exist")), phrase: '' },
		],
	])('is not %s', async (_what, effect) => {
		lab.emulator.faults.onRequest({ ...POST, effect });
		expect((await lab.run(fixed(5003))).error).toBeDefined();
		expect(posts()).toHaveLength(1);
	});
});

describe('a cancelled execution', () => {
	it('begins no further request that changes something', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 1_000_000, times: 10 });
		let accepted = 0;
		const stop = new AbortController();
		await lab.engine.runNode({
			parameters: inPanel({ ...onPve1, options: { maxParallel: 2, maxPollInterval: 0.1 } }),
			items: Array.from({ length: 8 }, () => ({})),
			credentials: lab.credentials,
			settings: { onError: 'continueRegularOutput' },
			signal: stop.signal,
			onProgress: (event) => {
				if (event.type === 'log' && /accepted/.test(event.message) && ++accepted === 2)
					setTimeout(() => stop.abort(), 200);
			},
		});
		await new Promise((later) => setTimeout(later, 500));
		expect(posts()).toHaveLength(2);
	});

	it.each([true, false])(
		'during a start: its UPID is in the log; it is stopped if Stop Task on Cancel is %s',
		async (stopOnCancel) => {
			const { vmid } = await lab.output({ memory_current: 64 });
			lab.emulator.faults.onTask({ type: 'qmstart', extraMs: 1_000_000 });
			lab.emulator.faults.onRequest({
				method: 'POST',
				path: /\/start$/,
				when: 'after',
				effect: { delayMs: 30_000 },
			});
			const stop = new AbortController();
			const running = lab.engine.runNode({
				parameters: {
					...onPve1,
					operation: 'start',
					vm: picked(Number(vmid)),
					options: { stopOnCancel },
				},
				credentials: lab.credentials,
				signal: stop.signal,
			});
			while (!lab.emulator.tasks.all().some(({ type }) => type === 'qmstart'))
				await new Promise((later) => setTimeout(later, 20));
			stop.abort();
			const { logs } = await running;
			await new Promise((later) => setTimeout(later, 500));
			const task = lab.emulator.tasks.all().find(({ type }) => type === 'qmstart');
			expect(logs.some(({ message }) => message.includes(task?.upid ?? 'no task'))).toBe(true);
			expect(task?.state).toBe(stopOnCancel ? 'stopped' : 'running');
		},
	);
});
