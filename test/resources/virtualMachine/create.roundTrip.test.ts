import type { IDataObject } from 'n8n-workflow';

import { openLab, readApi, type Lab } from '../../support/lab';

const picked = (value: unknown) => ({ __rl: true, mode: 'list', value: String(value) });
const options = { maxPollInterval: 0.1 };

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

/** What a VM is, without what is new with each change and each life of it. */
async function configOf(vmid: unknown): Promise<IDataObject> {
	const config = await readApi(lab.emulator, `/nodes/pve1/qemu/${String(vmid)}/config`);
	return { ...config, digest: undefined, vmgenid: undefined };
}

it('a VM is created, started, backed up, deleted and restored, and is what it was', async () => {
	const created = await lab.output({
		name: 'round-trip',
		start: false,
		general: { tags: 'test;trip', description: 'Line 1\nLine 2: ü, 100 %', onboot: true },
		cores: 2,
		memory_current: 1024,
		processor: { cpu_cputype: 'host' },
		diskList: {
			values: [
				{
					source: 'new',
					storage: picked('local'),
					size: 4,
					options: { bus: 'scsi', ssd: true, discard: 'on' },
				},
				{ source: 'new', storage: picked('lab'), size: 1, options: { bus: 'virtio' } },
			],
		},
		netList: {
			values: [{ model: 'virtio', bridge: picked('vmbr0'), options: { tag: 42, firewall: true } }],
		},
		cloudInit: { ciuser: 'me' },
	});
	const vm = picked(created.vmid);
	const before = await configOf(created.vmid);
	expect(before).toMatchObject({
		name: 'round-trip',
		cores: 2,
		cpu: 'host',
		memory: '1024',
		tags: 'test;trip',
		description: 'Line 1\nLine 2: ü, 100 %',
		ciuser: 'me',
		net0: expect.stringContaining('tag=42') as string,
		scsi0: expect.stringContaining('ssd=1') as string,
		virtio0: expect.stringContaining('size=1G') as string,
	});

	expect(await lab.output({ operation: 'start', vm })).toMatchObject({ taskStatus: 'ok' });
	const backup = await lab.output({
		resource: 'backup',
		operation: 'create',
		vm,
		storage: picked('local'),
		options: { ...options, 'notes-template': '{{guestname}}' },
	});
	expect(backup).toMatchObject({ taskStatus: 'ok', vmid: created.vmid, notes: 'round-trip' });
	expect(
		await lab.output({ operation: 'delete', vm, options: { ...options, stopFirst: true } }),
	).toMatchObject({ taskStatus: 'ok' });
	await expect(configOf(created.vmid)).rejects.toThrow();

	const restored = await lab.output({
		operation: 'restore',
		backupSource: 'newest',
		backupVm: vm,
		backupStorage: picked('local'),
		maxAgeDays: 1,
		vmIdMode: 'fixed',
		vmId: vm,
		options: { ...options, cleanUp: true },
	});
	expect(restored).toMatchObject({ vmid: created.vmid, taskStatus: 'ok', archive: backup.volid });
	expect(await configOf(created.vmid)).toEqual(before);

	// In place, too, over the one that runs.
	await lab.output({ operation: 'start', vm });
	const again = {
		operation: 'restore',
		archive: picked(backup.volid),
		vmIdMode: 'fixed',
		vmId: vm,
		restore: { force: true },
		options: { ...options, stopFirst: true },
	};
	expect(await lab.output(again)).toMatchObject({ vmid: created.vmid, taskStatus: 'ok' });
	expect(await configOf(created.vmid)).toEqual(before);
});
