import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { ct, openContainerLab } from '../../support/containerLab';
import type { Lab } from '../../support/lab';

/** On a storage with snapshots; 110 is on one without. */
const CT = 115;
const ON_DIR = 110;

let lab: Lab;
beforeAll(async () => {
	lab = await openContainerLab();
});
afterAll(async () => await lab.close());

const on = (operation: string, more: INodeParameters, vmid = CT): INodeParameters => ({
	resource: 'snapshot',
	operation,
	vm: ct(vmid) as INodeParameters,
	...more,
});
const run = async (operation: string, more: INodeParameters, vmid?: number): Promise<IDataObject> =>
	await lab.output(on(operation, more, vmid));
const errorOf = async (parameters: INodeParameters): Promise<string | undefined> =>
	(await lab.run(parameters)).error?.message;
const named = (snapname: string) => ({ snapname: { __rl: true, mode: 'name', value: snapname } });
const guest = () => {
	const found = lab.emulator.state.vms.get(CT);
	if (!found) throw new Error(`the emulator has no container ${CT}`);
	return found;
};
const changes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');

it('a snapshot that a container cannot have is refused before any request', async () => {
	const sent = changes().length;
	expect(await errorOf(on('create', { snapname: 'ram', vmstate: true }))).toBe(
		'With RAM is not possible for a container',
	);
	expect(await errorOf(on('create', { snapname: 'vzdump' }))).toBe(
		'Snapshot Name must not be vzdump: Proxmox VE uses this name itself',
	);
	expect(await errorOf(on('create', { snapname: 's1' }, ON_DIR))).toBe(
		'CT 110 cannot have snapshots, because not all of its volumes can: rootfs is on local (dir). Move these volumes with Move Volume, to a storage with snapshots such as ZFS, LVM-thin or Ceph',
	);
	expect(await errorOf(on('getAll', {}, 9999))).toContain('There is no guest 9999');
	expect(changes()).toHaveLength(sent);
});

it('snapshots of a container are created, listed, rolled back to, thinned out and deleted', async () => {
	expect(
		await run('create', { snapname: 'auto-1', options: { description: 'first' } }),
	).toMatchObject({
		vmid: CT,
		name: 'ct-btrfs',
		withRam: false,
		taskStatus: 'ok',
		upid: expect.stringContaining(':vzsnapshot:115:') as string,
		url: expect.stringContaining('lxc%2F115') as string,
	});
	expect(changes().at(-1)?.body).toBe('snapname=auto-1&description=first');
	// Of VMs, Proxmox uses this name itself.
	for (const snapname of ['auto-2', 'pending']) await run('create', { snapname });
	const { items } = await lab.run(on('getAll', { returnAll: true }));
	expect((items[0] ?? []).map(({ json }) => json)).toMatchObject([
		{ snapshot: 'auto-1', description: 'first', withRam: false, parent: null, current: false },
		{ snapshot: 'auto-2', description: null, parent: 'auto-1' },
		{ snapshot: 'pending', parent: 'auto-2', current: true, name: 'ct-btrfs' },
	]);

	guest().config.memory = 256;
	guest().status = 'running';
	expect(await errorOf(on('rollback', named('auto-1')))).toContain('CT 115 is running: a rollback');
	expect(
		await run('rollback', { ...named('auto-1'), start: true, options: { stopFirst: true } }),
	).toMatchObject({
		newerSnapshots: ['auto-2', 'pending'],
		upid: expect.stringContaining(':vzrollback:115:') as string,
		startUpid: expect.stringContaining(':vzstart:115:') as string,
	});
	expect(guest()).toMatchObject({ status: 'running', config: { parent: 'auto-1', memory: 128 } });

	expect(await run('keepLast', { pattern: 'auto-*', keep: 1 })).toMatchObject({
		deleted: ['auto-1'],
		kept: ['auto-2'],
		upids: [expect.stringContaining(':vzdelsnapshot:115:')],
	});
	expect(await run('delete', named('auto-2'))).toMatchObject({ deleted: true });
	expect(guest().snapshots.map(({ name }) => name)).toEqual(['pending']);
});

it('a failed task is reported with the texts for containers', async () => {
	lab.emulator.faults.onTask({ type: 'vzsnapshot', failsBefore: 'no room' });
	expect(await errorOf(on('create', { snapname: 's2' }))).toBe(
		'The task of CT 115 failed: no room',
	);
});

it('the lists show VMs and containers, and the snapshots of a container', async () => {
	const list = async (method: string, parameters: object) =>
		(
			await lab.engine.listSearch(method, {
				parameters: { resource: 'snapshot', ...parameters },
				credentials: lab.credentials,
			})
		).results.map(({ name }) => name);
	expect(await list('searchVirtualMachines', {})).toEqual(
		expect.arrayContaining([
			expect.stringMatching(/^VM 100 /) as string,
			expect.stringMatching(/^CT 115 ct-btrfs \(pve1/) as string,
		]),
	);
	expect(await list('searchSnapshots', { vm: ct(CT) })).toEqual([
		expect.stringContaining('pending') as string,
	]);
});
