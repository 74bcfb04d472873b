import type { INodeParameters, NodeApiError } from 'n8n-workflow';

import { addContainer } from '../support/containerLab';
import { openLab, type Lab } from '../support/lab';

const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });

let lab: Lab;
let ct: number;
beforeAll(async () => {
	lab = await openLab();
	ct = addContainer(lab.emulator);
});
afterAll(async () => await lab.close());
beforeEach(() => {
	for (const { vms } of lab.emulator.state.pools.values())
		for (const id of [100, ct]) vms.delete(id);
	lab.emulator.requests.length = 0;
});

const join = (pool: string, vmid = 100) => lab.emulator.state.pools.get(pool)?.vms.add(vmid);
const poolOf = (vmid = 100) =>
	[...lab.emulator.state.pools.values()].find(({ vms }) => vms.has(vmid))?.poolid;
const changes = () =>
	lab.emulator.requests
		.filter(({ method }) => method !== 'GET')
		.map(({ method, path, body }) => [
			method,
			path.replace('/api2/json', ''),
			Object.fromEntries(new URLSearchParams(body)),
		]);
const update = (more: INodeParameters, options: INodeParameters = {}): INodeParameters => ({
	operation: 'update',
	vm: picked(100),
	options,
	...more,
});
const toDev = { pool: picked('dev') };

describe('the pool of a guest', () => {
	it('is changed by Update, beside settings or alone', async () => {
		const item = await lab.output(update({ cores: 2 }, toDev));
		expect(item).toMatchObject({ vmid: 100, pool: 'dev', taskStatus: 'ok', warnings: [] });
		expect(poolOf()).toBe('dev');
		expect(changes().slice(1)).toEqual([['PUT', '/pools/dev', { vms: '100' }]]);

		lab.emulator.requests.length = 0;
		const json = { specifyVm: 'json', vmJson: '{"pool": "prod"}' };
		expect(await lab.output(update(json))).toMatchObject({ pool: 'prod', upid: null });
		expect(changes()).toEqual([['PUT', '/pools/prod', { vms: '100', 'allow-move': '1' }]]);
		expect(poolOf()).toBe('prod');
	});

	it('is none if pool is one of the settings to remove', async () => {
		join('prod');
		expect(await lab.output(update({ delete: 'pool' }))).toMatchObject({ pool: null });
		expect(changes()).toEqual([['PUT', '/pools/prod', { vms: '100', delete: '1' }]]);
		expect(poolOf()).toBeUndefined();
	});

	it('is changed of a container, and in a pool within a pool', async () => {
		lab.emulator.state.pools.set('dev/a', { poolid: 'dev/a', vms: new Set(), storages: new Set() });
		const options = { pool: picked('dev/a') };
		await lab.output(update({ resource: 'container', vm: picked(ct) }, options));
		expect(changes()).toEqual([['PUT', '/pools', { poolid: 'dev/a', vms: String(ct) }]]);
		expect(poolOf(ct)).toBe('dev/a');
	});

	it('is not changed if it is the same already', async () => {
		join('dev');
		expect(await lab.output(update({}, toDev))).toMatchObject({ pool: 'dev', taskStatus: 'ok' });
		expect(changes()).toEqual([]);
	});

	it('is one of the differences of Create or Update, and in its preview', async () => {
		join('prod');
		const create = (preview: boolean) => ({
			operation: 'create',
			general: toDev,
			options: { vmId: '100', ifExists: 'update', ...(preview ? { preview } : {}) },
		});
		const difference = [{ parameter: 'pool', old: 'prod', new: 'dev' }];
		expect(await lab.output(create(true))).toMatchObject({
			method: 'PUT',
			path: '/api2/json/pools/dev',
			body: { vms: '100', 'allow-move': '1' },
			changes: difference,
			warnings: [],
		});
		expect(changes()).toEqual([]);
		expect(await lab.output(create(false))).toMatchObject({ changes: difference, reused: true });
		expect(poolOf()).toBe('dev');
		expect(await lab.output(create(false))).toMatchObject({ changes: [] });
	});

	it('needs privileges, which the error names; the settings are changed by then', async () => {
		const { error } = await lab.runAs('creator@pve!tk', update({ cores: 2 }, toDev));
		const { message, description } = (error ?? {}) as NodeApiError;
		expect(message).toContain('Permission check failed (/pool/dev, Pool.Allocate)');
		expect(description).toContain('Its settings were changed before that.');
		expect(description).toContain('Missing privilege Pool.Allocate on /pool/dev');
	});

	it('is read back after a lost response', async () => {
		const lose = (when: 'before' | 'after') =>
			lab.emulator.faults.onRequest({ method: 'PUT', path: /pools/, when, effect: 'reset' });
		lose('after');
		const item = await lab.output(update({}, toDev));
		expect(item.warnings).toEqual([expect.stringContaining('was lost')]);
		lose('before');
		const { error } = await lab.run(update({}, { pool: picked('prod') }));
		expect(error?.message).toContain('Whether it was executed is unknown');
		expect(changes()).toHaveLength(2);
	});

	it('is unknown if it took away the right to see the guest', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			nth: 3,
			effect: {
				status: 200,
				headers: { 'content-type': 'application/json' },
				body: '{"data":[]}',
			},
		});
		const item = await lab.output(update({}, toDev));
		expect(item.warnings).toEqual([expect.stringContaining('VM 100 can no longer be seen')]);
	});

	it.each([
		[update({}, { pool: '={{ undefined }}' }), 'Resource Pool has no value'],
		[update({ delete: 'pool' }, toDev), 'is set, and is one of the Settings to Remove'],
		[update({}, { ...toDev, digest: 'a'.repeat(40) }), 'does not protect the pool'],
		[
			update({ specifyVm: 'json', vmJson: '{"pool": "prod"}' }, toDev),
			'Resource Pool is set in its field and in the JSON',
		],
	])('%j is refused before any request', async (parameters, message) => {
		const { error } = await lab.run(parameters);
		expect(error?.message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
