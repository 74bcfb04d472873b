import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { newVm } from '../../../tools/emulator/state/load';
import type { Vm } from '../../../tools/emulator';
import { json } from '../../reliability/faults/ingredients';
import type { ExecutionResult } from '../../../tools/harness/runWorkflow';
import {
	idsOfKey,
	keepMark,
	marked,
	markIn,
	markOf,
} from '../../../nodes/ProxmoxVe/guests/provision/idempotency';
import { unescapeBytes } from '../../../nodes/ProxmoxVe/guests/provision/prepareRestore';
import { howMany } from '../../support/howMany';
import { inPanel, onPve1, openLab, postApi, type Lab, until } from '../../support/lab';

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const ARCHIVE = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_05.vma.zst';
const TRUNCATED = 'local:backup/vzdump-qemu-100-2026_01_02-03_04_07.vma';
const RANGE = { lowestVmId: 2000, highestVmId: 2999 };
const KEYS = howMany(20, 200);
/** IDs in use, and as many that are free. */
const BLOCK = howMany(150, 500);

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
});
afterEach(async () => await lab.close());

const keyed = (idempotencyKey: unknown, more: object = {}): INodeParameters =>
	({
		options: { maxPollInterval: 0.1, ifExists: 'return', idempotencyKey, ...more },
	}) as INodeParameters;
const posts = () =>
	lab.emulator.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/qemu'));
const gets = (path: RegExp) =>
	lab.emulator.requests.filter((request) => request.method === 'GET' && path.test(request.path));
const vm = (vmid: number): Vm => {
	const found = lab.emulator.state.vms.get(vmid);
	if (!found) throw new Error(`the emulator has no VM ${vmid}`);
	return found;
};
const put = (vmid: number, config: Vm['config'] = { name: 'others' }, change: Partial<Vm> = {}) =>
	void lab.emulator.state.vms.set(vmid, { ...newVm(vmid, 'pve1', config), ...change });
const withMark = (key: string) =>
	[...lab.emulator.state.vms.values()].filter(({ config }) =>
		String(config.description).includes(markOf(key)),
	);
const items = (result: ExecutionResult): IDataObject[] => {
	if (result.error) throw result.error;
	return (result.items[0] ?? []).map(({ json }) => json);
};

describe('the VM of a key', () => {
	it('is returned without a POST', async () => {
		const { vmid } = await lab.output(keyed('a'));
		expect(await lab.output(keyed('a'))).toMatchObject({ vmid, reused: true, taskStatus: 'ok' });
		expect(posts()).toHaveLength(1);
	});

	it('is returned with the task of this token that created it', async () => {
		const { vmid, upid } = await lab.output(keyed('a'));
		for (const [type, authId] of [
			['qmstart', lab.emulator.token.tokenId],
			['qmcreate', 'root@pam!other'],
		] as const)
			lab.emulator.tasks.start({ type, id: String(vmid), authId, run: async () => undefined });
		expect(await lab.output(keyed('a'))).toMatchObject({ vmid, upid, reused: true });
	});

	it('is not one with the mark of another key', async () => {
		const [first = 0] = idsOfKey('a', { lowest: 2000, highest: 2999 });
		put(first, { name: 'others', description: marked('', 'b') });
		const { vmid, reused } = await lab.output(keyed('a', RANGE));
		expect(vmid).not.toBe(first);
		expect(reused).toBe(false);
		const fixed = await lab.run({ ...keyed('a'), vmIdMode: 'fixed', vmId: picked(first) });
		expect(fixed.error?.message).toContain(`VM ${first} already exists`);
	});

	it('is not a container', async () => {
		const [first = 0, second] = idsOfKey('a');
		put(first, {}, { type: 'lxc' });
		expect((await lab.output(keyed('a'))).vmid).toBe(second);
	});

	it('is not a container that may not be seen', async () => {
		const [first = 0, second] = idsOfKey('a');
		put(first, {}, { type: 'lxc' });
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			times: 9,
			effect: { status: 200, phrase: 'OK', body: '{"data":[]}' },
		});
		expect((await lab.output(keyed('a'))).vmid).toBe(second);
		expect(posts()).toHaveLength(2);
	});

	it('is found though an earlier ID of the key has become free', async () => {
		const [first = 0] = idsOfKey('a', { lowest: 2000, highest: 2999 });
		put(first);
		const { vmid } = await lab.output(keyed('a', RANGE));
		lab.emulator.state.vms.delete(first);
		expect(await lab.output(keyed('a', RANGE))).toMatchObject({ vmid, reused: true });
		expect(withMark('a')).toHaveLength(1);
	});

	it('is found though an earlier ID has become free while it is made', async () => {
		const [, second = 0] = idsOfKey('a', { lowest: 2000, highest: 2999 });
		put(second, { lock: 'create' });
		const again = lab.output(keyed('a', RANGE));
		await until(() => gets(/\/tasks\?/).length >= 3 || posts().length > 0);
		put(second, { name: 'mine', description: markOf('a') });
		expect(await again).toMatchObject({ vmid: second, reused: true });
		expect(posts()).toHaveLength(0);
	});

	it('is created under the first free ID, even if others take IDs in between', async () => {
		const [first = 0, second = 0] = idsOfKey('a', { lowest: 2000, highest: 2999 });
		// The list is of the moment before.
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			effect: { status: 200, phrase: 'OK', body: '{"data":[]}' },
		});
		put(first);
		expect((await lab.output(keyed('a', RANGE))).vmid).toBe(second);
		expect(posts()).toHaveLength(2);
	});

	it('is found after a collision, wherever it was created meanwhile', async () => {
		const ids = idsOfKey('a', { lowest: 2000, highest: 2999 });
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			effect: { status: 200, phrase: 'OK', body: '{"data":[]}' },
		});
		put(ids[0] ?? 0);
		put(ids[3] ?? 0, { name: 'mine', description: markOf('a') });
		expect(await lab.output(keyed('a', RANGE))).toMatchObject({ vmid: ids[3], reused: true });
		expect(withMark('a')).toHaveLength(1);
	});

	it('is found though it has replaced another one since the run looked first', async () => {
		const small = { lowestVmId: 2000, highestVmId: 2009, maxParallel: 1 };
		const [first = 0] = idsOfKey('b', { lowest: 2000, highest: 2009 });
		put(first);
		// The items of a run share what they have read, but not for so long.
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 90_000 });
		const running = lab.run(keyed('={{ $json.key }}', small), [{ key: 'a' }, { key: 'b' }]);
		await until(() => posts().length === 1);
		put(first, { name: 'mine', description: markOf('b') });
		expect(items(await running)[1]).toMatchObject({ vmid: first, reused: true });
		expect(posts()).toHaveLength(1);
	});

	it('is unknown if Proxmox says that its ID is taken, and no guest can be seen', async () => {
		const [first = 0] = idsOfKey('a');
		const effect = {
			status: 500,
			phrase: `unable to create VM ${first} - unable to open file '/etc/pve/nodes/pve1/qemu-server/${first}.conf.tmp' - File exists`,
		};
		lab.emulator.faults.onRequest({ method: 'POST', path: '/nodes/pve1/qemu', times: 50, effect });
		const { error } = await lab.run(keyed('a'));
		expect(error?.message).toContain(
			`Proxmox VE reports that VM ID ${first} is in use, but no guest with this ID can be seen`,
		);
		expect(posts().length).toBeLessThan(6);
	});

	it.each<[string, INodeParameters, number]>([
		[
			'a create with an identity of the user’s choice',
			{
				specifyVm: 'json',
				vmJson: '{"smbios1": "uuid=99999999-2222-4333-8444-555555555555"}',
			},
			2,
		],
		['a restore', { operation: 'restore', archive: picked(ARCHIVE) }, 2],
		[
			'a restore that overwrites',
			{
				operation: 'restore',
				archive: picked(ARCHIVE),
				restore: { force: true },
				vmIdMode: 'fixed',
				vmId: { __rl: true, mode: 'id', value: '100' },
			},
			1,
		],
	])(
		'is found if the response to its own request was lost: %s',
		async (_what, given, sent) => {
			lab.emulator.faults.onRequest({
				method: 'POST',
				path: /\/qemu$/,
				when: 'after',
				effect: 'reset',
			});
			lab.emulator.faults.onTask({ extraMs: 300 });
			const { vmid } = await lab.output({ ...given, ...keyed('a') });
			expect(withMark('a').map((one) => one.vmid)).toEqual([vmid]);
			expect(posts()).toHaveLength(sent);
		},
		20_000,
	);

	it('cannot be distinguished from its copies', async () => {
		const { vmid } = await lab.output(keyed('a', RANGE));
		const copy = idsOfKey('a', { lowest: 2000, highest: 2999 })[5] ?? 0;
		put(copy, { ...vm(Number(vmid)).config });
		const { error } = await lab.run(keyed('a', RANGE));
		expect(error?.message).toContain(
			`VMs ${String(vmid)} on pve1 and ${copy} on pve1 have the mark of this Idempotency Key`,
		);
		expect(posts()).toHaveLength(1);
	});

	it.each(['fail', 'useAnotherId'])(
		'is a failure if If VM Exists is %s: another ID would be a second one',
		async (ifExists) => {
			const { vmid } = await lab.output(keyed('a'));
			const { error } = await lab.run(keyed('a', { ifExists }));
			expect(error?.message).toContain(
				`VM ${String(vmid)} already exists on pve1, created with this Idempotency Key`,
			);
			expect(posts()).toHaveLength(1);
		},
	);

	it('gets another ID if its fixed one is in use and If VM Exists allows it', async () => {
		const fixed = { vmIdMode: 'fixed', vmId: '100' };
		const { error } = await lab.run({ ...keyed('a', { ifExists: 'fail' }), ...fixed });
		expect(error?.message).toContain('100');
		const { vmid } = await lab.output({ ...keyed('a', { ifExists: 'useAnotherId' }), ...fixed });
		expect(vmid).not.toBe(100);
		expect(withMark('a').map((one) => one.vmid)).toEqual([vmid]);
	});

	it('is one for many calls at once, and the ID is the same', async () => {
		const results = items(
			await lab.run(
				keyed('={{ $json.key }}', RANGE),
				Array.from({ length: 24 }, (_, index) => ({ key: `k${index % 12}` })),
			),
		);
		for (let index = 0; index < 12; index++) {
			expect(results[index]?.vmid).toBe(results[index + 12]?.vmid);
			expect([results[index]?.reused, results[index + 12]?.reused].sort()).toEqual([false, true]);
			expect(withMark(`k${index}`)).toHaveLength(1);
		}
	});
});

describe('a range with a key', () => {
	beforeEach(async () => {
		await lab.close();
		// The list of guests counts for a second.
		lab = await openLab({ realTime: true });
	});

	it(`of ${2 * BLOCK} IDs of which a block of ${BLOCK} is in use has room for ${KEYS} keys`, async () => {
		const [lowestVmId, highestVmId] = [2000, 1999 + 2 * BLOCK];
		for (let vmid = lowestVmId; vmid < lowestVmId + BLOCK; vmid++) put(vmid);
		const before = lab.emulator.state.vms.size;
		const parameters = keyed('={{ $json.key }}', {
			lowestVmId,
			highestVmId,
			waitUntil: 'nothing',
		});
		const results = items(
			await lab.run(
				parameters,
				Array.from({ length: KEYS }, (_, index) => ({ key: `k${index}` })),
			),
		);
		expect(new Set(results.map(({ vmid }) => vmid)).size).toBe(KEYS);
		expect(results.every(({ reused }) => reused === false)).toBe(true);
		expect(lab.emulator.state.vms.size).toBe(before + KEYS);
		// Each of those in use is read about once, and only a few POSTs meet.
		expect(gets(/\/config$/).length).toBeLessThan(BLOCK + 5 * KEYS);
		expect(posts().length).toBeLessThan(1.5 * KEYS);
	});

	it('costs one call more if nothing is in use', async () => {
		await lab.output(keyed('a', { waitUntil: 'nothing' }));
		expect(lab.emulator.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
			'GET /api2/json/cluster/resources?type=vm',
			'POST /api2/json/nodes/pve1/qemu',
		]);
	});

	it('is used to its last ID, and says when it is full', async () => {
		const small = { lowestVmId: 2000, highestVmId: 2011 };
		const given = keyed('={{ $json.key }}', { ...small, waitUntil: 'nothing' });
		const results = items(
			await lab.run(
				given,
				Array.from({ length: 12 }, (_, index) => ({ key: `k${index}` })),
			),
		);
		expect(results.map(({ vmid }) => Number(vmid)).sort()).toEqual(
			Array.from({ length: 12 }, (_, index) => 2000 + index),
		);
		await lab.emulator.tasks.settled();
		const { error } = await lab.run(keyed('one more', small));
		expect(error?.message).toContain('All 12 VM IDs of this Idempotency Key are in use');
	});

	it('always returns the same IDs in the same order for a key, all of a small range', () => {
		const range = { lowest: 2000, highest: 2039 };
		expect(idsOfKey('a', range)).toEqual(idsOfKey('a', range));
		expect([...idsOfKey('a', range)].sort()).toEqual(
			Array.from({ length: 40 }, (_, index) => 2000 + index),
		);
		expect(idsOfKey('a', range)).not.toEqual(idsOfKey('b', range));
		expect(new Set(idsOfKey('a')).size).toBe(200);
		expect(idsOfKey('a').every((vmid) => vmid >= 100_000 && vmid <= 999_999)).toBe(true);
	});

	it('keeps the IDs of a key from one version of the node to the next', () => {
		const ids = idsOfKey('a');
		expect(ids).toHaveLength(200);
		expect([...ids.slice(0, 3), ...ids.slice(-2)]).toEqual([
			664_699, 134_881, 425_281, 457_225, 909_658,
		]);
		// The last ones of a small range are in order.
		const small = idsOfKey('a', { lowest: 2000, highest: 2199 });
		expect(small).toHaveLength(200);
		expect([...small.slice(0, 3), ...small.slice(-3)]).toEqual([
			2099, 2081, 2156, 2176, 2192, 2196,
		]);
		expect(marked('', 'a')).toBe('<!-- n8n-key:ca978112ca1bbdcafac231b39a23dc4d -->');
		expect(marked('web', 'a')).toBe('web\n\n<!-- n8n-key:ca978112ca1bbdcafac231b39a23dc4d -->');
	});
});

describe('a VM that cannot be looked at', () => {
	it('is never assumed to belong to others without VM.Audit: the error names the privilege, and nothing is created', async () => {
		const parameters = keyed('a');
		expect(items(await lab.runAs('novmaudit@pve!tk', parameters))).toMatchObject([
			{ reused: false },
		]);
		for (let run = 0; run < 2; run++) {
			const { error } = await lab.runAs('novmaudit@pve!tk', parameters);
			expect(error?.message).toContain(
				'may belong to this Idempotency Key, but reading it needs VM.Audit on /vms/',
			);
		}
		expect(withMark('a')).toHaveLength(1);
	});

	it('until it joins its pool is waited for', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 20_000 });
		const parameters = { ...keyed('a'), general: { pool: picked('prod') } };
		const first = lab.runAs('poolonly@pve!tk', parameters);
		await until(() => posts().length === 1);
		const second = items(await lab.runAs('poolonly@pve!tk', parameters));
		expect(second).toMatchObject([{ vmid: items(await first)[0]?.vmid, reused: true }]);
		expect(withMark('a')).toHaveLength(1);
	});

	it('in the moment in which it joins its pool is looked at once more', async () => {
		const parameters = { ...keyed('a'), general: { pool: picked('prod') } };
		const [{ vmid } = {}] = items(await lab.runAs('poolonly@pve!tk', parameters));
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: `/nodes/pve1/qemu/${String(vmid)}/config`,
			effect: { status: 403, phrase: `Permission check failed (/vms/${String(vmid)}, VM.Audit)` },
		});
		expect(items(await lab.runAs('poolonly@pve!tk', parameters))).toMatchObject([
			{ vmid, reused: true },
		]);
	});

	it('and never joins the pool is a failure that names the right', async () => {
		put(idsOfKey('a')[0] ?? 0);
		const { error } = await lab.runAs('poolonly@pve!tk', {
			...keyed('a'),
			general: { pool: picked('prod') },
		});
		expect(error?.message).toContain('VM.Audit on /vms/');
		expect(posts()).toHaveLength(1);
	});

	it.each([
		['an error of the daemon', { status: 500, phrase: 'got no answer' }],
		['no answer of the node', { status: 596, phrase: 'Connection timed out' }],
		['a broken connection', 'reset' as const],
	])(
		'because of %s is looked at again, and never taken for another one’s',
		async (_what, effect) => {
			const { vmid } = await lab.output(keyed('a'));
			lab.emulator.faults.onRequest({
				method: 'GET',
				path: `/nodes/pve1/qemu/${String(vmid)}/config`,
				times: 3,
				effect,
			});
			expect(await lab.output(keyed('a'))).toMatchObject({ vmid, reused: true });
			expect(posts()).toHaveLength(1);
		},
	);

	it('because a proxy refuses the request is looked at again', async () => {
		const { vmid } = await lab.output(keyed('a'));
		lab.emulator.faults.onRequest({
			path: `/nodes/pve1/qemu/${String(vmid)}/config`,
			times: 3,
			effect: { status: 403, phrase: 'Forbidden', body: '<html>Forbidden</html>' },
		});
		expect(await lab.output(keyed('a'))).toMatchObject({ vmid, reused: true });
	});

	it('because its node stays silent is unknown, and nothing is made', async () => {
		const { vmid } = await lab.output(keyed('a'));
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: `/nodes/pve1/qemu/${String(vmid)}/config`,
			times: 10_000,
			effect: { status: 595, phrase: 'No route to host' },
		});
		const { error } = await lab.run(keyed('a'));
		expect(error?.message).toContain(
			`VM ${String(vmid)} on pve1 could not be read: Proxmox VE answered 595: No route to host. Whether it is the VM of this Idempotency Key is unknown, so no other was created`,
		);
		expect(posts()).toHaveLength(1);
	});

	it('because the login is refused ends at once', async () => {
		const { vmid } = await lab.output(keyed('a'));
		lab.emulator.faults.onRequest({
			method: 'GET',
			path: `/nodes/pve1/qemu/${String(vmid)}/config`,
			times: 10,
			effect: { status: 401, phrase: 'Authentication failed!' },
		});
		expect((await lab.run(keyed('a'))).error?.message).toContain('401');
		expect(gets(/\/config$/).length).toBeLessThanOrEqual(2);
		expect(posts()).toHaveLength(1);
	});
});

describe('a VM that is still being made', () => {
	beforeEach(async () => {
		await lab.close();
		// The list of guests counts for a second.
		lab = await openLab({ realTime: true });
	});

	const archive = { operation: 'restore', archive: picked(ARCHIVE) };

	it('by another token is waited for, though its task cannot be seen', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', extraMs: 20_000 });
		const first = lab.output(keyed('a'));
		await until(() => posts().length === 1);
		const [second] = items(await lab.runAs('nosysaudit@pve!tk', keyed('a')));
		expect(second).toMatchObject({ vmid: (await first).vmid, reused: true });
		expect(withMark('a')).toHaveLength(1);
	});

	it('by the restore of another token is waited for, since it may be one left behind', async () => {
		const [first = 0] = idsOfKey('a');
		put(first, { memory: '128' });
		const second = lab.runAs('nosysaudit@pve!tk', keyed('a'));
		await until(() => gets(/\/tasks\?/).length >= 6 || posts().length > 0);
		put(first, { name: 'mine', description: markOf('a') });
		expect(items(await second)).toMatchObject([{ vmid: first, reused: true }]);
		expect(posts()).toHaveLength(0);
	});

	it('is no longer waited for once another item has seen that it is complete', async () => {
		const range = { lowest: 2000, highest: 2003 };
		// The other item takes one of the two before it at most.
		const [, , making = 0] = idsOfKey('slow', range);
		put(making, { lock: 'create' });
		const run = lab.run(
			keyed('={{ $json.key }}', {
				lowestVmId: range.lowest,
				highestVmId: range.highest,
				waitUntil: 'nothing',
				timeout: 8,
				maxPollInterval: '={{ $json.poll }}',
			}),
			[
				{ key: 'fast', poll: 0.1 },
				{ key: 'slow', poll: 2 },
			],
		);
		await until(() => gets(/\/config$/).length >= 15 || posts().length > 0);
		put(making, { name: 'of-others' });
		const { error, ...result } = await run;
		expect(error).toBeUndefined();
		expect(items(result)).toMatchObject([{ reused: false }, { reused: false }]);
	});

	it('is waited for if its task is not listed yet', async () => {
		const [first = 0] = idsOfKey('a');
		put(first, { lock: 'create' });
		const second = lab.output(keyed('a'));
		await until(() => gets(/\/tasks\?/).length >= 5);
		put(first, { name: 'mine', description: markOf('a') });
		expect(await second).toMatchObject({ vmid: first, reused: true });
		expect(posts()).toHaveLength(0);
	});

	it.each(['create', 'restore'])(
		'is waited for if its config is there already, with the lock %s',
		async (lock) => {
			const [first = 0] = idsOfKey('a');
			put(first, { lock, name: 'mine', memory: '512' });
			const second = lab.output(keyed('a'));
			await until(() => gets(/\/tasks\?/).length >= 5 || posts().length > 0);
			put(first, { name: 'mine', description: markOf('a') });
			expect(await second).toMatchObject({ vmid: first, reused: true });
			expect(posts()).toHaveLength(0);
		},
	);

	it('by a clone is waited for, though it has the notes already and no task is listed under its ID', async () => {
		const [first = 0] = idsOfKey('a');
		const authId = lab.emulator.token.tokenId;
		const id = String(first);
		lab.emulator.tasks.start({ type: 'qmcreate', id, authId, run: async () => {} });
		await lab.emulator.tasks.settled();
		put(first, { lock: 'clone', name: 'copy', description: markOf('a') });
		let isDone = false;
		const second = lab.output(keyed('a')).finally(() => (isDone = true));
		await until(() => isDone || gets(/\/config$/).length >= 6);
		expect(isDone).toBe(false);
		put(first, { name: 'copy', description: markOf('a') });
		expect(await second).toMatchObject({ vmid: first, reused: true });
		expect(posts()).toHaveLength(0);
	});

	it('by a restore is waited for, also without a lock and with nothing but its memory', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', slowness: 20 });
		const first = lab.output({ ...archive, ...keyed('a') });
		await until(
			() =>
				posts().length === 1 &&
				[...lab.emulator.state.vms.values()].some(
					({ config }) => JSON.stringify(config) === '{"memory":"128"}',
				),
		);
		expect(await lab.output({ ...archive, ...keyed('a') })).toMatchObject({
			vmid: (await first).vmid,
			reused: true,
		});
		expect(withMark('a')).toHaveLength(1);
	});

	it('ends the wait with the timeout, and with nothing made', async () => {
		const [first = 0] = idsOfKey('a');
		put(first, { lock: 'create' });
		const { error } = await lab.run(keyed('a', { timeout: 1 }));
		expect(error?.message).toContain(
			`VM ${first} on pve1 is still being created (lock create), after 1 s. Whether it is the VM of this Idempotency Key is unknown`,
		);
		expect(posts()).toHaveLength(0);
	});

	it('ends the wait if the execution is cancelled', async () => {
		put(idsOfKey('a')[0] ?? 0, { lock: 'create' });
		const stop = new AbortController();
		const running = lab.engine.runNode({
			parameters: inPanel({ ...onPve1, ...keyed('a') }),
			credentials: lab.credentials,
			signal: stop.signal,
		});
		await until(() => gets(/\/tasks\?/).length >= 2);
		stop.abort();
		expect((await running).status).toBe('canceled');
		expect(posts()).toHaveLength(0);
	});

	it('and was left behind is not waited for: its task has ended', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', dies: true });
		const given = { ...archive, ...keyed('a') };
		expect((await lab.run(given)).error?.message).toMatch(/^The task of VM \d+ failed/);
		const [left, next] = idsOfKey('a');
		expect(vm(left ?? 0).config.lock).toBe('create');
		expect(await lab.output(given)).toMatchObject({ vmid: next, reused: false });
	});

	it('for another key does not stop one whose earlier IDs are free', async () => {
		const ids = idsOfKey('a');
		put(ids[6] ?? 0, { lock: 'create' });
		expect(await lab.output(keyed('a'))).toMatchObject({ vmid: ids[0], reused: false });
	});

	it('by another call that fails is neither returned nor removed', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', times: 2, extraMs: 10_000 });
		const given = {
			...archive,
			archive: picked(TRUNCATED),
			...keyed('a', { cleanUp: true }),
		};
		const first = lab.run(given);
		await until(() => posts().length === 1);
		const results = [await lab.run(given), await first];
		expect(results.map(({ error }) => error?.message)).toEqual([
			expect.stringMatching(/^The task of VM \d+ failed/),
			expect.stringMatching(/^The task of VM \d+ failed/),
		]);
		const removals = lab.emulator.tasks.all().filter(({ type }) => type === 'qmdestroy');
		expect(removals.length).toBe(posts().filter(({ status }) => status === 200).length);
	});
});

describe('a restore that overwrites, with a key', () => {
	const over = (more: object = {}): INodeParameters => ({
		...keyed('a', { stopFirst: true, ...more }),
		operation: 'restore',
		archive: picked(ARCHIVE),
		vmIdMode: 'fixed',
		vmId: picked(104),
		restore: { force: true },
	});
	const restores = () => lab.emulator.tasks.all().filter(({ type }) => type === 'qmrestore').length;
	const run = () => Object.assign(vm(104), { status: 'running', pid: 4242, startedAt: 1 });

	it('is done once: the second call returns the VM as it is', async () => {
		run();
		expect(await lab.output(over())).toMatchObject({ vmid: 104, reused: false });
		run();
		expect(await lab.output(over())).toMatchObject({ vmid: 104, reused: true });
		expect(restores()).toBe(1);
		expect(vm(104).status).toBe('running');
	});

	it('fails the second time if that is chosen, and stops nothing', async () => {
		await lab.output(over());
		run();
		const { error } = await lab.run(over({ ifExists: 'fail' }));
		expect(error?.message).toContain(
			'VM 104 already exists on pve1, created with this Idempotency Key',
		);
		expect(vm(104).status).toBe('running');
		expect(restores()).toBe(1);
	});

	it('is done once if both calls come at the same moment', async () => {
		lab.emulator.faults.onTask({ type: 'qmrestore', slowness: 10 });
		const first = lab.output(over());
		await until(() => posts().length === 1);
		const second = await lab.output(over());
		expect([(await first).reused, second.reused]).toEqual([false, true]);
		expect(restores()).toBe(1);
	});

	it('is done for another key', async () => {
		await lab.output(over());
		expect(await lab.output({ ...over({ idempotencyKey: 'b' }) })).toMatchObject({
			reused: false,
		});
		expect(restores()).toBe(2);
		expect(markIn(String(vm(104).config.description))).toBe(markOf('b'));
	});
});

describe('Idempotency Key', () => {
	it.each([
		['an object', { a: 1 }, 'must be text or a number, got an object'],
		['an array', ['a'], 'must be text or a number, got an array'],
		['NaN', '={{ NaN }}', 'must be text or a number, got NaN'],
		['a boolean', '={{ true }}', 'must be text or a number, got true'],
		['nothing', '={{ $json.nothing }}', 'is empty: set it, or remove the option'],
		['null', '={{ null }}', 'is empty: set it, or remove the option'],
		['empty text', '', 'is empty: set it, or remove the option'],
		['blanks', '   ', 'is empty: set it, or remove the option'],
	])('is refused if it is %s', async (_what, key, message) => {
		for (const ifExists of ['return', 'fail', 'useAnotherId']) {
			const given = typeof key === 'object' ? `={{ (${JSON.stringify(key)}) }}` : key;
			const { error } = await lab.run(keyed(given, { ifExists }));
			expect(error?.message).toBe(`Options → Idempotency Key ${message}`);
		}
		expect(lab.emulator.requests).toEqual([]);
	});

	it('may be a number, which is the same as its text', async () => {
		const { vmid } = await lab.output(keyed('={{ 0 }}'));
		expect(await lab.output(keyed('0'))).toMatchObject({ vmid, reused: true });
	});
});

describe('the mark in the notes', () => {
	it('is found last, kept by an update, and replaced by another key’s', () => {
		const notes = marked('notes', 'a');
		expect(notes).toBe(`notes\n\n${markOf('a')}`);
		expect(markIn(`${markOf('b')}\n${notes}`)).toBe(markOf('a'));
		expect(markIn('notes')).toBeUndefined();
		expect(markIn(undefined)).toBeUndefined();
		expect(keepMark(notes, 'new')).toBe(`new\n\n${markOf('a')}`);
		expect(keepMark(notes, '')).toBe(markOf('a'));
		expect(keepMark(notes, marked('new', 'b'))).toBe(`new\n\n${markOf('a')}`);
		expect(keepMark('notes', 'new')).toBe('new');
		expect(keepMark(undefined, marked('new', 'b'))).toBe(marked('new', 'b'));
		expect(marked(notes, 'b')).toBe(`notes\n\n${markOf('b')}`);
	});

	it('of another key in the text of a new VM does not make it that key’s', async () => {
		await lab.output({
			...keyed('b', { lowestVmId: 2000, highestVmId: 2009 }),
			general: { description: `x ${markOf('a')}` },
		});
		expect(await lab.output(keyed('a', { lowestVmId: 2000, highestVmId: 2009 }))).toMatchObject({
			reused: false,
		});
	});

	it('must fit under the notes: exactly as many characters may be set as the error says', async () => {
		const most = 8192 - marked('', 'a').length - 2;
		const given = (length: number) => ({
			...keyed('a'),
			general: { description: 'ü'.repeat(length) },
		});
		const { error } = await lab.run(given(most + 1));
		expect(error?.message).toBe(
			`Description (description) may have at most ${most} characters beside the mark of the Idempotency Key, got ${most + 1}`,
		);
		expect(lab.emulator.requests).toEqual([]);
		expect(await lab.output(given(most))).toMatchObject({ reused: false });
	});

	it('must fit under the notes of a backup, else nothing is sent', async () => {
		const volume = lab.emulator.state.volumes.get(ARCHIVE);
		if (volume?.backup)
			volume.backup = {
				...volume.backup,
				config: { ...volume.backup.config, description: 'x'.repeat(8_192) },
			};
		const { error } = await lab.run({
			operation: 'restore',
			archive: picked(ARCHIVE),
			...keyed('a'),
		});
		expect(error?.message).toContain(
			'The notes in the backup cannot be kept: Description (description) may have at most 8141 characters',
		);
		expect(posts()).toHaveLength(0);
	});

	it.each([
		['100 %', '100 %'],
		['50%25', '50%'],
		['%zz %4', '%zz %4'],
		['gr%FCn', 'grün'],
		['gr%C3%BCn', 'grün'],
		['gr\u00C3\u00BCn', 'grün'],
		['%E2%82%AC', '€'],
		['a%3Ab', 'a:b'],
		['日本', '日本'],
	])('is set under a backup’s line %s, read as %s', (line, text) => {
		expect(unescapeBytes(line)).toBe(text);
	});

	it('is set under notes that somebody has written by hand', async () => {
		lab.emulator.faults.onRequest({
			path: /\/vzdump\/extractconfig$/,
			effect: {
				status: 200,
				phrase: 'OK',
				body: JSON.stringify({
					data: '#100 % gr%FCn\n#qmdump#map:scsi0:drive-scsi0:local:raw:\nmemory: 512\n',
				}),
				headers: { 'Content-Type': 'application/json' },
			},
		});
		const { vmid } = await lab.output({
			operation: 'restore',
			archive: picked(ARCHIVE),
			...keyed('a'),
		});
		expect(vm(Number(vmid)).config.description).toBe(`100 % grün\n\n${markOf('a')}`);
	});
});

it('a VM that was there before and is stopped by now is returned as it is', async () => {
	const given = { ...keyed('a', { timeout: 20 }), start: true };
	const { vmid } = await lab.output(given);
	await postApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/status/stop`);
	await lab.emulator.tasks.settled();
	expect(await lab.output(given)).toMatchObject({
		vmid,
		reused: true,
		warnings: [`VM ${String(vmid)} already exists and is not running`],
	});
});

it('a stopped VM that was there before has an empty list of addresses, and its name', async () => {
	const given: INodeParameters = {
		...keyed('a', { timeout: 20 }),
		name: 'web-1',
		start: true,
		general: { agent_enabled: true },
	};
	const { vmid } = await lab.output(given);
	await postApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/status/stop`);
	await lab.emulator.tasks.settled();
	for (const forgets of [false, true]) {
		if (forgets)
			lab.emulator.faults.onRequest({
				path: '/nodes/pve1/tasks',
				times: 9,
				effect: json(200, 'OK', { data: [] }),
			});
		const asks = {
			options: { ...(given.options as INodeParameters), waitUntil: 'ip', readyTimeout: 30 },
		};
		expect(await lab.output({ ...given, ...asks })).toMatchObject({
			vmid,
			name: 'web-1',
			reused: true,
			taskStatus: 'warnings',
			ipAddresses: [],
			networkInterfaces: [],
			warnings: [`VM ${String(vmid)} already exists and is not running`],
		});
	}
});

it('a new VM that stops at once is a failure, and no VM that was there before', async () => {
	lab.emulator.faults.onTask({ type: 'qmstart', failsBefore: 'no KVM' });
	const { error } = await lab.run({ ...keyed('a', { timeout: 20 }), start: true });
	expect(error?.message).toContain('was created, but is not running');
});
