import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { openLab, readApi, type Lab } from '../../support/lab';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

const picked = (value: unknown): INodeParameters => ({
	__rl: true,
	mode: 'list',
	value: String(value),
});
const configOf = async (vmid: unknown): Promise<IDataObject> =>
	await readApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/config`);

/** What a restore makes anew. */
const ANEW = ['digest', 'vmgenid'];
const kept = (config: IDataObject): IDataObject =>
	Object.fromEntries(Object.entries(config).filter(([name]) => !ANEW.includes(name)));

describe('a VM, there and back again', () => {
	it('is created, started, backed up, deleted and restored, and has the same config', async () => {
		const { vmid } = await lab.output({
			specifyVm: 'json',
			vmJson: JSON.stringify({
				name: 'round-trip',
				description: 'first line\nünïcode, 100 % & more',
				tags: ['web', 'prod'],
				cores: 2,
				memory: 1024,
				cpu: { cputype: 'x86-64-v2-AES', flags: ['+aes'] },
				scsihw: 'virtio-scsi-single',
				scsi0: { file: 'local:2', iothread: true, cache: 'writeback' },
				ide2: { file: 'none', media: 'cdrom' },
				net0: { model: 'virtio', bridge: 'vmbr0', firewall: true, tag: 20 },
				agent: { enabled: true },
				serial0: 'socket',
				boot: { order: ['scsi0', 'net0'] },
				ostype: 'l26',
				onboot: true,
				ciuser: 'me',
				sshkeys:
					'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII me@x',
				ipconfig0: { ip: '192.0.2.10/24', gw: '192.0.2.1' },
				smbios1: { manufacturer: 'Example GmbH' },
			}),
		});
		const vm = picked(vmid);
		const before = await configOf(vmid);
		const read = await lab.output({ operation: 'get', vm, simplify: false });

		expect(await lab.output({ operation: 'start', vm })).toMatchObject({ taskStatus: 'ok' });
		const { volid, ...backup } = await lab.output({
			resource: 'backup',
			operation: 'create',
			vm,
			storage: picked('local'),
		});
		expect(backup).toMatchObject({ taskStatus: 'ok', vmid });

		expect(
			await lab.output({
				operation: 'delete',
				vm,
				options: { stopFirst: true, maxPollInterval: 0.1 },
			}),
		).toMatchObject({ taskStatus: 'ok' });
		expect((await lab.run({ operation: 'get', vm })).error?.message).toContain(
			`There is no VM ${String(vmid)}`,
		);

		const restored = await lab.output({
			operation: 'restore',
			vmIdMode: 'fixed',
			vmId: vm,
			archive: picked(volid),
		});
		expect(restored).toMatchObject({ vmid, taskStatus: 'ok' });
		expect(kept(await configOf(vmid))).toEqual(kept(before));
		const again = await lab.output({ operation: 'get', vm, simplify: false });
		expect(kept(again.config as IDataObject)).toEqual(kept(read.config as IDataObject));
		expect(again).toMatchObject({ name: 'round-trip', status: 'stopped', tags: ['prod', 'web'] });
		expect(await lab.output({ operation: 'start', vm })).toMatchObject({ taskStatus: 'ok' });
	}, 60_000);
});
