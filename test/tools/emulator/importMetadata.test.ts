import { clusterState, startEmulator } from '../../../tools/emulator';
import type { Emulator } from '../../../tools/emulator';
import { addEsxi, addOva, exportedVm } from '../../support/addOva';
import { askApi, finishTask } from '../../support/askApi';

let emulator: Emulator;
beforeAll(async () => {
	emulator = await startEmulator({
		http: true,
		taskSeconds: 0.01,
		state: clusterState({
			nodes: [{ name: 'pve1' }],
			storages: [{ storage: 'local' }, { storage: 'files', content: ['import'] }],
		}),
	});
	addEsxi(emulator);
	addOva(emulator);
	addOva(emulator, 'files:import/web.ova');
	addOva(emulator, 'local:import/web.ovf', { ...exportedVm, isEfi: true, cores: undefined });
	addOva(emulator, 'esxi:dc/ds1/web/web.vmx', { ...exportedVm, runs: true });
});
afterAll(async () => await emulator.close());

const metadata = async (storage: string, volume: string) =>
	await askApi(emulator, {
		path: `/nodes/pve1/storage/${storage}/import-metadata?volume=${encodeURIComponent(volume)}`,
	});
const create = async (vmid: number, form: Record<string, string>) =>
	await askApi(emulator, {
		method: 'POST',
		path: '/nodes/pve1/qemu',
		form: { vmid: String(vmid), ...form },
	});

describe('import-metadata', () => {
	it('of an OVA has its numbers as text, and each disk by its name in the archive', async () =>
		expect((await metadata('local', 'import/web.ova')).data).toEqual({
			type: 'vm',
			source: 'import/web.ova',
			'create-args': {
				name: 'my-web',
				cores: '2',
				memory: '2048',
				ostype: 'l26',
				boot: 'order=scsi0;scsi1',
			},
			disks: {
				scsi0: { volid: 'local:import/web.ova/web-disk1.vmdk', size: 8 * 1024 ** 3 },
				scsi1: { volid: 'local:import/web.ova/web-disk2.vmdk', size: 1024 ** 3 },
			},
			net: { net0: { model: 'vmxnet3' }, net1: { model: 'e1000' } },
			warnings: [{ type: 'ova-needs-extracting' }],
		}));

	it('of an OVF names the files beside it, and leaves empty what it does not say', async () =>
		expect((await metadata('local', 'import/web.ovf')).data).toMatchObject({
			'create-args': { cores: '', bios: 'ovmf' },
			disks: { scsi0: { volid: 'local:import/web-disk1.vmdk' }, efidisk0: 1 },
			warnings: [{ type: 'efi-state-lost', key: 'bios', value: 'ovmf' }],
		}));

	it('of a VM of an ESXi host says that it runs', async () =>
		expect((await metadata('esxi', 'dc/ds1/web/web.vmx')).data).toMatchObject({
			source: 'esxi',
			'create-args': { bios: 'seabios', cores: 2, scsihw: 'virtio-scsi-single' },
			disks: { scsi0: { volid: 'esxi:dc/ds1/web/web-disk1.vmdk' } },
			warnings: [{ type: 'guest-is-running' }],
		}));

	it.each([
		['local', 'import/disk.qcow2', 'invalid format'],
		['local', 'iso/a.iso', "invalid content type 'iso'"],
		['esxi', 'dc/ds1/web/web-disk1.vmdk', 'does not look like an importable vm config'],
	])('of %s:%s is refused', async (storage, volume, message) =>
		expect((await metadata(storage, volume)).phrase).toContain(message),
	);
});

describe('a disk in an OVA', () => {
	it('is unpacked on the working storage, copied and removed', async () => {
		const reply = await create(501, {
			scsi0: 'local:0,import-from=files:import/web.ova/web-disk1.vmdk',
			'import-working-storage': 'local',
		});
		expect(await finishTask(emulator, reply)).toBe('OK');
		expect(emulator.tasks.find(String(reply.data))?.log).toEqual(
			expect.arrayContaining([
				'extracting files:import/web.ova/web-disk1.vmdk',
				'finished extracting to local:501/vm-501-disk-0.vmdk',
				'cleaned up extracted image local:501/vm-501-disk-0.vmdk',
			]),
		);
		const volumes = [...emulator.state.volumes.values()].filter(({ vmid }) => vmid === 501);
		expect(volumes.map(({ volid }) => volid)).toEqual(['local:501/vm-501-disk-1.vmdk']);
	});

	it('is refused if its storage takes no disks and none was named', async () =>
		expect(
			await create(502, { scsi0: 'local:0,import-from=files:import/web.ova/web-disk1.vmdk' }),
		).toMatchObject({
			status: 400,
			text: expect.stringContaining("does not support 'images' content type") as string,
		}));
});
