import type { INodeParameters, NodeApiError } from 'n8n-workflow';

import { clusterState } from '../../tools/emulator';
import { openLab, readApi, type Lab } from '../support/lab';

/** What the API does that is easily got wrong, and the node that has to live with it. */
const state = () =>
	clusterState({
		nodes: [{ name: 'pve1' }, { name: 'pve2' }],
		storages: [
			{ storage: 'local' },
			{ storage: 'shared', shared: true },
			{ storage: 'isoonly', content: ['iso'] },
			{ storage: 'offline', unmounted: true },
			{ storage: 'only2', nodes: ['pve2'] },
		],
		guests: [
			{ vmid: 100, node: 'pve1', config: { name: 'first', memory: '512', cores: 1 } },
			{ vmid: 200, node: 'pve2', config: { name: 'second' } },
		],
	});

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const on = (vmid: number, operation: string, more: INodeParameters = {}): INodeParameters => ({
	operation,
	vm: picked(vmid),
	...more,
});
const descriptionOf = (error: unknown) => String((error as NodeApiError | undefined)?.description);

let lab: Lab;
beforeEach(async () => {
	lab = await openLab({ state: state(), everyNode: true, http: false });
	const { vmid } = await lab.output({
		operation: 'create',
		vmIdMode: 'fixed',
		vmId: '900',
		specifyVm: 'json',
		vmJson: JSON.stringify({
			name: 'made',
			scsi0: 'local:1,format=qcow2',
			scsi1: 'local:2',
			description: 'vm',
		}),
	});
	expect(vmid).toBe(900);
});
afterEach(async () => await lab.close());

const vm = (vmid: number) => lab.emulator.state.vms.get(vmid);

describe('disks', () => {
	it('stay where they are when their options change, and Update changes nothing else', async () => {
		await lab.output(
			on(900, 'update', {
				specifyVm: 'json',
				vmJson: JSON.stringify({ scsi1: 'local:900/vm-900-disk-1.raw,cache=writeback' }),
			}),
		);
		expect(vm(900)?.config.scsi1).toBe('local:900/vm-900-disk-1.raw,cache=writeback,size=2G');
		expect(Object.keys(vm(900)?.config ?? {})).not.toContain('unused0');
	});

	it('are gone though the deletion failed at a storage that is offline', async () => {
		const { error } = await lab.run(
			on(900, 'delete', { options: { 'destroy-unreferenced-disks': true } }),
		);
		expect(error?.message).toContain("unable to activate storage 'offline'");
		expect([...lab.emulator.state.volumes.keys()]).toEqual([]);
		expect(vm(900)).toBeDefined();
		expect(await lab.output(on(900, 'delete'))).toMatchObject({ taskStatus: 'ok' });
		expect(vm(900)).toBeUndefined();
	});
});

describe('Clone', () => {
	const clone = (options: INodeParameters = {}) =>
		on(900, 'clone', {
			newIdMode: 'next',
			full: true,
			options: { maxPollInterval: 0.1, ...options },
		});

	it.each([
		['nosuch', "storage 'nosuch' does not exist"],
		['only2', "storage 'only2' is not available on node 'pve1'"],
		['isoonly', "storage 'isoonly' does not support vm images"],
	])('to the storage %s is refused once, and creates nothing', async (storage, text) => {
		const before = lab.emulator.requests.length;
		const { error } = await lab.run(clone({ storage: picked(storage) }));
		expect(`${String(error?.message)} ${descriptionOf(error)}`).toContain(text);
		expect(
			lab.emulator.requests.slice(before).filter(({ method }) => method === 'POST'),
		).toHaveLength(1);
		expect([...lab.emulator.state.vms.keys()].sort()).toEqual([100, 200, 900]);
	});

	it("of a snapshot has the snapshot's description", async () => {
		const source = vm(900);
		source?.snapshots.push({
			name: 's1',
			description: 'then',
			snaptime: 0,
			vmstate: false,
			config: { ...source.config },
		});
		if (source) source.config.scsi1 = 'none,media=cdrom';
		if (source) delete source.snapshots[0]?.config.scsi1;
		const { vmid } = await lab.output(clone({ snapname: picked('s1') }));
		expect(vm(Number(vmid))?.config.description).toBe('then');
	});

	it('of a VM of the other node is created there', async () => {
		const item = await lab.output(
			on(200, 'clone', { newIdMode: 'next', full: true, options: { maxPollInterval: 0.1 } }),
		);
		expect(item).toMatchObject({
			node: 'pve2',
			upid: expect.stringMatching(/^UPID:pve2:/) as string,
			taskStatus: 'ok',
		});
		expect(vm(Number(item.vmid))?.node).toBe('pve2');
	});
});

describe('Backup', () => {
	const backup = (more: INodeParameters) => ({
		resource: 'backup',
		operation: 'create',
		vm: picked(900),
		options: { maxPollInterval: 0.1 },
		...more,
	});

	it('says which variable of the notes is not known', async () => {
		const { error } = await lab.run(
			backup({ storage: picked('local'), options: { 'notes-template': '{{bogus}}' } }),
		);
		expect(`${String(error?.message)} ${descriptionOf(error)}`).toContain(
			"found unknown: variable 'bogus' at char 4",
		);
	});

	it('says why a storage cannot take it', async () => {
		const { error } = await lab.run(backup({ storage: picked('offline') }));
		expect(`${String(error?.message)} ${descriptionOf(error)}`).toContain(
			"could not activate storage 'offline': unable to activate storage 'offline'",
		);
	});

	it('of a VM of the other node is taken there', async () => {
		const item = await lab.output(backup({ vm: picked(200), storage: picked('shared') }));
		expect(item).toMatchObject({
			node: 'pve2',
			taskStatus: 'ok',
			volid: expect.stringContaining('shared:backup/vzdump-qemu-200-') as string,
		});
	});
});

describe('a VM that the node has sent no word of yet', () => {
	beforeEach(() => {
		const { nodes } = lab.emulator.state;
		const made = vm(900);
		if (made) made.lastReport = null;
		// Nor does it send any meanwhile.
		const node = nodes.get('pve1');
		if (node) node.statsStoppedAt = Math.floor(lab.emulator.clock.now() / 1000);
	});

	it('is in the list without its name', async () => {
		const rows = (await readApi(lab.emulator, '/cluster/resources?type=vm')) as unknown as Array<
			Record<string, unknown>
		>;
		expect(rows.find(({ vmid }) => vmid === 900)).toEqual({
			id: 'qemu/900',
			node: 'pve1',
			status: 'unknown',
			type: 'qemu',
			vmid: 900,
		});
		const { items } = await lab.run({ operation: 'getAll', returnAll: true });
		expect(items[0]?.map(({ json }) => [json.vmid, json.status])).toContainEqual([900, 'unknown']);
	});

	it('can be read, started, changed and deleted by its ID', async () => {
		expect(await lab.output(on(900, 'get'))).toMatchObject({ name: 'made', status: 'stopped' });
		expect(await lab.output(on(900, 'update', { name: 'other' }))).toMatchObject({
			taskStatus: 'ok',
		});
		expect(await lab.output(on(900, 'start'))).toMatchObject({ taskStatus: 'ok' });
		expect(await lab.output(on(900, 'delete', { options: { stopFirst: true } }))).toMatchObject({
			taskStatus: 'ok',
		});
	});
});

describe('a VM that has moved to the other node', () => {
	it('is found there', async () => {
		const moved = vm(100);
		if (moved) moved.node = 'pve2';
		expect(await lab.output(on(100, 'start'))).toMatchObject({ node: 'pve2', taskStatus: 'ok' });
		expect(await lab.output(on(100, 'stop'))).toMatchObject({ node: 'pve2', taskStatus: 'ok' });
	});
});
