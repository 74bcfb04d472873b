import type { IDataObject, INodeParameters, NodeApiError } from 'n8n-workflow';

import { markOf } from '../../../nodes/ProxmoxVe/guests/provision/idempotency';
import { newVm } from '../../../tools/emulator/state/load';
import { openLab, type Lab } from '../../support/lab';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
	// Its node does not respond.
	lab.emulator.state.vms.delete(200);
});
afterEach(async () => await lab.close());

const picked = (value: string | number) => ({ __rl: true, mode: 'list', value });
const update = (given: INodeParameters, options: INodeParameters = {}): INodeParameters => ({
	...given,
	options: { ifExists: 'update', maxPollInterval: 0.1, ...options },
});
const json = (value: object, options: INodeParameters = {}): INodeParameters =>
	update({ profile: 'json', vmJson: JSON.stringify(value) }, options);
const vm = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid));
const writes = () => lab.emulator.requests.filter(({ method }) => method !== 'GET');
const sent = (): IDataObject => Object.fromEntries(new URLSearchParams(writes().at(-1)?.body));
const errorOf = async (parameters: INodeParameters): Promise<NodeApiError> => {
	const { error } = await lab.run(parameters);
	if (!error) throw new Error('it did not fail');
	return error as NodeApiError;
};
const put = (vmid: number, config: object): void =>
	void lab.emulator.state.vms.set(vmid, newVm(vmid, 'pve1', { ...config }));

describe('Update It', () => {
	it('creates a VM that does not exist, and changes nothing the second time', async () => {
		const given = update(
			{
				profile: 'linuxCloudImage',
				name: 'web-1',
				cores: 2,
				memory_current: 2048,
				diskSource: 'new',
				storage: picked('local'),
				diskSize: 4,
				bridge: picked('vmbr0'),
				ciuser: 'admin',
				sshkeys:
					'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII a@example.com',
				general: { tags: 'web;Prod', onboot: false, description: 'Made by a workflow' },
			},
			{},
		);
		const first = await lab.output(given);
		expect(first).toMatchObject({ reused: false });
		const count = writes().length;
		const second = await lab.output(given);
		expect(second).toMatchObject({
			vmid: first.vmid,
			name: 'web-1',
			reused: true,
			upid: null,
			taskStatus: 'ok',
			warnings: [],
			changes: [],
			pending: [],
		});
		expect(writes()).toHaveLength(count);
	});

	it('changes only what differs of the VM with the ID, and says what', async () => {
		const net0 = 'virtio=BC:24:11:00:00:04,bridge=vmbr0,tag=7';
		put(200, { name: 'old', cores: 2, memory: '2048', net0, onboot: 1, tags: 'b;a' });
		const item = await lab.output(
			json({
				vmid: 200,
				name: 'new',
				cores: 4,
				memory: 2048,
				tags: 'a;b',
				net0: { model: 'virtio', bridge: 'vmbr1' },
			}),
		);
		const body = sent();
		expect(body).toEqual({
			digest: expect.any(String) as string,
			name: 'new',
			cores: '4',
			net0: 'virtio,bridge=vmbr1,macaddr=BC:24:11:00:00:04,tag=7',
		});
		expect(item).toMatchObject({
			vmid: 200,
			name: 'new',
			node: 'pve1',
			reused: true,
			upid: expect.stringContaining(':qmconfig:200:') as string,
			changes: [
				{ parameter: 'name', old: 'old', new: 'new' },
				{ parameter: 'cores', old: '2', new: '4' },
				{ parameter: 'net0.bridge', old: 'vmbr0', new: 'vmbr1' },
			],
		});
		expect(vm(200)?.config).toMatchObject({ cores: 4, onboot: 1 });
	});

	it('finds a VM by its name, and fails if there are several', async () => {
		put(200, { name: 'web-1', cores: 2 });
		expect(await lab.output(json({ name: 'web-1', cores: 4 }))).toMatchObject({ vmid: 200 });
		put(201, { name: 'web-1' });
		expect((await errorOf(json({ name: 'web-1', cores: 8 }))).message).toContain(
			'There are 2 guests with the name web-1: 200 on pve1, 201 on pve1. Choose one by VM ID',
		);
		expect(writes()).toHaveLength(1);
	});

	it('does not create a VM by its name while another one cannot be asked for its name', async () => {
		lab.emulator.state.vms.set(200, newVm(200, 'pve2', { name: 'web-1' }));
		expect((await errorOf(json({ name: 'web-1', cores: 8 }))).message).toMatch(
			/^200 on pve2 could not be read, so it is unknown whether its name is web-1: .* Nothing was created$/,
		);
		expect(writes()).toEqual([]);
	});

	it('finds a VM by its name that is too new for the list of the cluster', async () => {
		const { vmid } = await lab.output(json({ name: 'web-1', cores: 2 }));
		Object.assign(vm(vmid) ?? {}, { lastReport: null });
		expect(await lab.output(json({ name: 'web-1', cores: 4 }))).toMatchObject({ vmid });
		expect(vm(vmid)?.config.cores).toBe(4);
	});

	it('finds the VM of a key, and keeps its mark', async () => {
		const key = { idempotencyKey: 'order-1' };
		const { vmid } = await lab.output(json({ cores: 2, description: 'first' }, key));
		const { changes } = await lab.output(json({ cores: 2, description: 'second' }, key));
		expect(changes).toMatchObject([{ parameter: 'description' }]);
		expect(vm(vmid)?.config.description).toBe(`second\n\n${markOf('order-1')}`);
		const count = writes().length;
		await lab.output(json({ cores: 2, description: 'second' }, key));
		expect(writes()).toHaveLength(count);
	});

	it('grows disks, adds those that are missing, and neither replaces nor shrinks one', async () => {
		const first = await lab.output(json({ name: 'disks', scsi0: 'local:2', scsi1: 'local:4' }));
		const before = { ...vm(first.vmid)?.config };
		const { changes, warnings } = await lab.output(
			json({ name: 'disks', scsi0: 'local:3', scsi1: 'local:1', scsi2: 'local:1' }),
		);
		expect(changes).toMatchObject([
			{ parameter: 'scsi0.size', old: '2G', new: '3G' },
			{ parameter: 'scsi2', old: null },
		]);
		expect(warnings).toEqual(['scsi1 has 4G, and is not made smaller']);
		const after = vm(first.vmid)?.config ?? {};
		expect(after.scsi0).toBe(String(before.scsi0).replace('size=2G', 'size=3G'));
		expect(after.scsi1).toBe(before.scsi1);
		expect(after.scsi2).toContain('size=1G');
	});

	it('changes the options of a disk, and does not move or exchange it', async () => {
		const { vmid } = await lab.output(json({ name: 'disks', scsi0: 'local:2' }));
		const [volid = ''] = String(vm(vmid)?.config.scsi0).split(',');
		const moved = await lab.output(json({ name: 'disks', scsi0: 'lab:2,discard=on' }));
		expect(moved.warnings).toEqual([`scsi0 is ${volid}, not on lab, and is not replaced`]);
		expect(vm(vmid)?.config.scsi0).toMatch(new RegExp(`^${volid},.*discard=on`));
		const other = await lab.output(json({ name: 'disks', scsi0: 'none,media=cdrom' }));
		expect(other.warnings).toEqual([`scsi0 is ${volid}, and is not replaced`]);
		expect(vm(vmid)?.config.scsi0).toContain(volid);
	});

	it('sets a password each time, says so, and does not show it', async () => {
		put(200, { name: 'web-1' });
		const given = json({ vmid: 200, cipassword: 'not to be seen' });
		const item = await lab.output(given);
		expect(item.warnings).toEqual(['cipassword cannot be compared, so it is set each time']);
		await lab.output(given);
		expect(writes()).toHaveLength(2);
		expect(JSON.stringify(item)).not.toContain('not to be seen');
	});

	it('reports what waits for the next start of a VM that runs', async () => {
		put(200, { name: 'web-1', cores: 1, memory: '512' });
		Object.assign(vm(200) ?? {}, { status: 'running' });
		const { pending, changes } = await lab.output(json({ vmid: 200, cores: 2 }));
		expect(changes).toHaveLength(1);
		expect(pending).toEqual(['cores']);
		expect(await lab.output(json({ vmid: 200, cores: 2 }))).toMatchObject({
			changes: [],
			pending: ['cores'],
		});
	});

	it('is not sent twice if the response was lost', async () => {
		put(200, { name: 'web-1', cores: 1 });
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: '/nodes/pve1/qemu/200/config',
			when: 'after',
			effect: 'reset',
		});
		const { changes } = await lab.output(json({ vmid: 200, cores: 2 }));
		expect(changes).toEqual([{ parameter: 'cores', old: '1', new: '2' }]);
		expect(writes()).toHaveLength(1);
	}, 60_000);

	it('does not start a VM that is off, and says so', async () => {
		put(200, { name: 'web-1', cores: 1 });
		const { warnings } = await lab.output(
			json({ vmid: 200, cores: 1, start: true }, { waitUntil: 'ip' }),
		);
		expect(warnings).toEqual(['VM 200 already exists and is not running']);
	});

	it('shows the difference and the requests in its preview, and sends none', async () => {
		const { vmid } = await lab.output(json({ name: 'web-1', cores: 1, scsi0: 'local:2' }));
		const count = writes().length;
		const given = { name: 'web-1', cores: 2, scsi0: 'local:3', cipassword: 'not to be seen' };
		const item = await lab.output(json(given, { preview: true }));
		expect(item).toMatchObject({
			vmid,
			node: 'pve1',
			method: 'POST',
			path: `/api2/json/nodes/pve1/qemu/${String(vmid)}/config`,
			body: { cores: '2' },
			afterwards: [{ method: 'PUT', body: { disk: 'scsi0', size: '3G' } }],
			changes: [{ parameter: 'cores' }, { parameter: 'scsi0.size' }, { parameter: 'cipassword' }],
		});
		expect(JSON.stringify(item)).not.toContain('not to be seen');
		const same = await lab.output(json({ name: 'web-1', cores: 1 }, { preview: true }));
		expect(same).toEqual({ vmid, node: 'pve1', changes: [], warnings: [] });
		expect(await lab.output(json({ name: 'new', cores: 1 }, { preview: true }))).toMatchObject({
			path: '/api2/json/nodes/pve1/qemu',
		});
		expect(writes()).toHaveLength(count);
	});

	it.each<[INodeParameters, string]>([
		[json({ cores: 2 }), 'If VM Exists needs an Idempotency Key, a VM ID or a Name'],
		[
			json({ name: 'a' }, { waitUntil: 'nothing' }),
			'If VM Exists cannot be combined with Options → Wait Until → Nothing',
		],
		[
			update({ operation: 'clone', vm: picked(100), newIdMode: 'next', full: true }),
			'If VM Exists cannot be Update It here',
		],
	])('refuses %j before any request', async (given, message) => {
		expect((await errorOf(given)).message).toContain(message);
		expect(lab.emulator.requests).toEqual([]);
	});
});
