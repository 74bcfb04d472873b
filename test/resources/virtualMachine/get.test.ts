/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { qemu } from '../../../nodes/ProxmoxVe/catalogue/qemu';
import { decodeConfig } from '../../../nodes/ProxmoxVe/wire/decodeConfig';
import { encodeBody } from '../../../nodes/ProxmoxVe/wire/encodeBody';
import { readParameters } from '../../../nodes/ProxmoxVe/wire/readParameters';
import { openLab, readApi, type Lab } from '../../support/lab';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
	Object.assign(vm(100).config, {
		cpu: 'host,flags=+aes;-pcid',
		cpulimit: '1.5',
		onboot: 0,
		description: 'line one\nline two',
		sshkeys: 'ssh-ed25519%20AAAA%20me%40x%0A',
		smbios1: `uuid=35ac12a0-bf85-4221-a511-cfacbb61713b,base64=1,manufacturer=${Buffer.from('Example GmbH').toString('base64')}`,
		ipconfig0: 'ip=192.0.2.10/24,gw=192.0.2.1',
		unused0: 'local:100/vm-100-disk-7.raw',
		bios: 'brand-new',
	});
});
afterAll(async () => await lab.close());

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const vm = (vmid: number) => {
	const found = lab.emulator.state.vms.get(vmid);
	if (!found) throw new Error(`the emulator has no VM ${vmid}`);
	return found;
};
const get = async (vmid: number, options: INodeParameters = {}): Promise<IDataObject> =>
	await lab.output({
		operation: 'get',
		vm: { __rl: true, mode: 'list', value: vmid },
		simplify: false,
		options,
	});

describe('Get', () => {
	it('simplified returns what the next node needs', async () => {
		expect(await lab.output({ operation: 'get', vm: picked('100') })).toEqual({
			vmid: 100,
			name: 'existing',
			node: 'pve1',
			status: 'stopped',
			template: false,
			tags: ['a', 'b'],
			lock: null,
			cores: 1,
			memory: 512,
			url: `${lab.emulator.url}/#v1:0:=qemu%2F100:4`,
		});
		const options = { ipAddresses: true };
		expect(await lab.output({ operation: 'get', vm: picked('100'), options })).toMatchObject({
			ipAddresses: [],
			warnings: [expect.any(String) as string],
		});
	});

	it('returns a VM with its config as objects', async () => {
		expect(await get(100)).toEqual({
			vmid: 100,
			node: 'pve1',
			name: 'existing',
			status: 'stopped',
			template: false,
			tags: ['a', 'b'],
			lock: null,
			url: `${lab.emulator.url}/#v1:0:=qemu%2F100:4`,
			config: {
				agent: { enabled: true },
				bios: 'brand-new',
				boot: { order: ['scsi0', 'ide2', 'net0'] },
				cores: 1,
				cpu: { cputype: 'host', flags: ['+aes', '-pcid'] },
				cpulimit: 1.5,
				description: 'line one\nline two',
				digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
				ide2: { file: 'local:100/vm-100-cloudinit.qcow2', media: 'cdrom' },
				ipconfig0: { gw: '192.0.2.1', ip: '192.0.2.10/24' },
				memory: 512,
				meta: expect.stringContaining('creation-qemu=') as string,
				name: 'existing',
				net0: { model: 'virtio', macaddr: 'BC:24:11:00:00:01', bridge: 'vmbr0' },
				onboot: false,
				ostype: 'l26',
				scsi0: { file: 'local:100/vm-100-disk-0.raw', iothread: true, size: '1G' },
				scsihw: 'virtio-scsi-single',
				serial0: 'socket',
				smbios1: { uuid: '35ac12a0-bf85-4221-a511-cfacbb61713b', manufacturer: 'Example GmbH' },
				sshkeys: 'ssh-ed25519 AAAA me@x',
				tags: ['a', 'b'],
				unused0: 'local:100/vm-100-disk-7.raw',
				vmgenid: expect.any(String) as string,
			},
			current: expect.objectContaining({
				qmpstatus: 'stopped',
				maxmem: 536870912,
				uptime: 0,
			}) as IDataObject,
		});
	});

	it('returns the config as Proxmox writes it if chosen', async () => {
		const { config } = await get(100, { rawConfig: true });
		expect(config).toEqual(await readApi(lab.emulator, '/nodes/pve1/qemu/100/config'));
	});

	it('reports templates and locks', async () => {
		expect(await get(101)).toMatchObject({ name: 'tmpl', template: true, lock: null, tags: [] });
		expect(await get(103)).toMatchObject({ lock: 'backup' });
	});

	it('asks the guest agent for IP addresses if chosen', async () => {
		expect(await get(102)).not.toHaveProperty('ipAddresses');
		expect(await get(102, { ipAddresses: true })).toMatchObject({ ipAddresses: [] });
		Object.assign(vm(104), { status: 'running', agentRuns: true });
		Object.assign(vm(104).config, { agent: '1', net0: 'virtio=BC:24:11:00:00:04,bridge=vmbr0' });
		expect(await get(104, { ipAddresses: true })).toMatchObject({
			status: 'running',
			ipAddresses: ['192.0.2.100'],
		});
	});

	it('distinguishes what is in effect from what waits for the next start', async () => {
		Object.assign(vm(104), { status: 'running', pending: { cores: 4 } });
		expect(await get(104)).toMatchObject({ config: { cores: 4 } });
		expect((await get(104, { current: true })).config).not.toMatchObject({ cores: 4 });
	});

	it('returns the config of a snapshot', async () => {
		vm(104).snapshots = [{ name: 'before', snaptime: 0, vmstate: false, config: { cores: 8 } }];
		expect(await get(104, { snapshot: picked('before') })).toMatchObject({ config: { cores: 8 } });
		const { error } = await lab.run({
			operation: 'get',
			vm: picked('104'),
			options: { snapshot: picked('other') },
		});
		expect(error?.message).toContain("snapshot 'other' does not exist");
	});
});

describe('a config as objects', () => {
	const recorded = readFileSync(join(__dirname, '../../../tools/facts/recordings.jsonl'), 'utf8')
		.trim()
		.split('\n')
		.map(
			(line) => (JSON.parse(line) as { configAfter?: Record<string, string | number> }).configAfter,
		)
		.filter((config) => config !== undefined && !('_status' in config));
	const INTERNAL = ['digest', 'meta', 'lock', 'parent'];

	it(`is what the JSON mode takes, and the same again once sent (${recorded.length} configs of a real Proxmox VE)`, () => {
		expect(recorded.length).toBeGreaterThan(100);
		for (const config of recorded) {
			const decoded = Object.fromEntries(
				Object.entries(decodeConfig(qemu, config ?? {})).filter(
					([name]) => !INTERNAL.includes(name),
				),
			);
			const { parameters, problems } = readParameters(qemu, decoded);
			expect({ config, problems }).toEqual({ config, problems: [] });
			expect(decodeConfig(qemu, encodeBody(qemu, parameters))).toEqual(decoded);
		}
	});

	it('keeps unknown and unreadable values unchanged', () => {
		expect(
			decodeConfig(qemu, {
				'brand-new': 'a=b',
				net0: 'virtio,,=x',
				net1: 'virtio,shiny=1',
				cores: 'many',
				constructor: 'x',
			}),
		).toEqual({
			'brand-new': 'a=b',
			net0: 'virtio,,=x',
			net1: { model: 'virtio', shiny: '1' },
			cores: 'many',
			constructor: 'x',
		});
	});
});

describe('Get Many', () => {
	const many = async (
		filters: INodeParameters = {},
		more: INodeParameters = { returnAll: true },
	): Promise<IDataObject[]> => {
		const { items, error } = await lab.run({
			operation: 'getAll',
			simplify: false,
			filters,
			...more,
		});
		if (error) throw error;
		return (items[0] ?? []).map(({ json }) => json);
	};
	const ids = async (filters: INodeParameters, more?: INodeParameters): Promise<unknown[]> =>
		(await many(filters, more)).map(({ vmid }) => vmid);

	it('simplified returns what the next node needs', async () => {
		const [first] = await many({}, { returnAll: false, limit: 1, simplify: true });
		expect(first).toEqual({
			vmid: 100,
			name: 'existing',
			node: 'pve1',
			status: 'stopped',
			template: false,
			tags: ['a', 'b'],
			pool: null,
			lock: null,
			url: `${lab.emulator.url}/#v1:0:=qemu%2F100:4`,
		});
	});

	it('returns the VMs of the cluster by their IDs', async () => {
		const vms = await many();
		expect(vms.map(({ vmid }) => vmid)).toEqual([100, 101, 102, 103, 104, 200]);
		expect(vms[0]).toMatchObject({
			vmid: 100,
			node: 'pve1',
			name: 'existing',
			status: 'stopped',
			template: false,
			tags: ['a', 'b'],
			id: 'qemu/100',
			maxcpu: 1,
		});
		expect(vms[1]).toMatchObject({ name: 'tmpl', template: true, tags: [] });
		expect(vms[5]).toMatchObject({ vmid: 200, node: 'pve2', status: 'unknown', name: null });
	});

	it.each([
		[{ name: 'EXIST' }, [100]],
		[{ node: picked('pve2') }, [200]],
		[{ pool: picked('prod') }, [104]],
		[{ status: 'running' }, [104]],
		[{ tags: 'A, b' }, [100]],
		[{ tags: 'a,c' }, []],
		[{ templates: 'only' }, [101]],
		[{ templates: 'without', node: picked('pve1') }, [100, 102, 103, 104]],
		[{ name: '', tags: '', node: picked('') }, [100, 101, 102, 103, 104, 200]],
	])('filters by %j', async (filters, expected) =>
		expect(await ids(filters as INodeParameters)).toEqual(expected),
	);

	it('returns no more than the limit', async () => {
		expect(await ids({}, { returnAll: false, limit: 2 })).toEqual([100, 101]);
		expect(
			(await lab.run({ operation: 'getAll', returnAll: false, limit: 0 })).error?.message,
		).toContain('Limit must be a whole number of at least 1');
	});
});
