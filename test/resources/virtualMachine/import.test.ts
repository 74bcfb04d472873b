import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { clusterState } from '../../../tools/emulator';
import type { ForeignGuest } from '../../../tools/emulator/state/foreignGuest';
import { addEsxi, addOva, exportedVm } from '../../support/addOva';
import { openLab, type Lab } from '../../support/lab';

const GIB = 1024 ** 3;
const OVA = 'local:import/web.ova';
const VMX = 'esxi:ha-datacenter/ds1/old web/old web.vmx';

let lab: Lab;
beforeEach(async () => {
	lab = await openLab();
	addFile(exportedVm);
});
afterEach(async () => await lab.close());

const addFile = (guest: ForeignGuest): unknown => addOva(lab.emulator, OVA, guest);
function addVmx(guest: Partial<ForeignGuest> = {}): void {
	addEsxi(lab.emulator);
	addOva(lab.emulator, VMX, {
		name: 'old web',
		cores: 2,
		sockets: 2,
		memory: 4096,
		uuid: '564d3fe8-0000-4000-8000-000000000001',
		disks: [{ slot: 'scsi0', file: 'old web.vmdk', size: 4 * GIB }],
		cards: [{ model: 'vmxnet3', macaddr: '00:0C:29:00:00:01' }],
		...guest,
	});
}

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const importOf = (more: INodeParameters = {}, file = OVA): INodeParameters => ({
	operation: 'import',
	importFrom: picked(file),
	storage: picked('local'),
	bridge: picked('vmbr0'),
	...more,
	options: { maxPollInterval: 0.1, node: picked('pve1'), ...(more.options as IDataObject) },
});
const asJson = (vmJson: object, more: INodeParameters = {}, file = OVA): INodeParameters =>
	importOf({ specifyVm: 'json', vmJson: JSON.stringify(vmJson), ...more }, file);
const other = (parameter: string, value: string, slot = 0) => ({
	otherParameters: { values: [{ parameter, value, slot }] },
});
const configOf = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid))?.config;
const posts = () => lab.emulator.requests.filter(({ method }) => method === 'POST');
const refusal = async (parameters: INodeParameters) => {
	const { error } = await lab.run(parameters);
	return {
		message: error?.message ?? '',
		description: String((error as { description?: unknown } | undefined)?.description),
	};
};

describe('Import', () => {
	it('creates the VM that is in an OVA, with its disks and cards', async () => {
		const item = await lab.output(importOf());
		expect(item).toMatchObject({
			name: 'my-web',
			node: 'pve1',
			importedFrom: OVA,
			taskStatus: 'ok',
			warnings: [],
			reused: false,
		});
		const id = String(item.vmid);
		expect(configOf(item.vmid)).toMatchObject({
			name: 'my-web',
			cores: 2,
			memory: '2048',
			ostype: 'l26',
			boot: 'order=scsi0;scsi1',
			scsi0: `local:${id}/vm-${id}-disk-1.vmdk,size=8G`,
			scsi1: `local:${id}/vm-${id}-disk-2.vmdk,size=1G`,
			net0: expect.stringMatching(/^vmxnet3=[0-9A-F:]{17},bridge=vmbr0$/) as string,
			net1: expect.stringMatching(/^e1000=[0-9A-F:]{17},bridge=vmbr0$/) as string,
		});
		// What was unpacked is gone.
		const volumes = [...lab.emulator.state.volumes.values()].filter(
			({ vmid }) => String(vmid) === id,
		);
		expect(volumes).toHaveLength(2);
	});

	it('sets what the user sets in place of what the file says', async () => {
		const item = await lab.output(
			importOf({
				name: 'web-1',
				memory_current: 4096,
				bridge: picked(''),
				start: true,
				...other('scsi', 'local:4', 1),
			}),
		);
		expect(item).toMatchObject({ name: 'web-1', taskStatus: 'ok' });
		const config = configOf(item.vmid);
		expect(config).toMatchObject({
			name: 'web-1',
			cores: 2,
			memory: '4096',
			scsi1: expect.stringContaining('size=4G') as string,
		});
		expect(config).not.toHaveProperty('net0');
		expect(lab.emulator.state.vms.get(Number(item.vmid))?.status).toBe('running');
	});

	it('keeps the image of a disk whose options alone are set, and grows it', async () => {
		const { vmid } = await lab.output(
			asJson({
				scsihw: 'virtio-scsi-single',
				scsi0: { format: 'qcow2', discard: 'on', size: '20G' },
				net0: { tag: 5 },
				net1: 'virtio,bridge=vmbr0',
			}),
		);
		expect(configOf(vmid)).toMatchObject({
			name: 'my-web',
			scsi0: expect.stringMatching(/\.qcow2,discard=on,size=20G$/) as string,
			net0: expect.stringMatching(/^vmxnet3=\S+,bridge=vmbr0,tag=5$/) as string,
			net1: expect.stringMatching(/^virtio=/) as string,
		});
	});

	it('imports a VM of an ESXi host, and says what is lost', async () => {
		addVmx({
			isEfi: true,
			scsihw: 'lsi',
			cdroms: { sata0: 'esxi:ha-datacenter/iso/tools.iso' },
			runs: true,
		});
		const item = await lab.output(importOf({}, VMX));
		expect(item).toMatchObject({ name: 'old-web', importedFrom: VMX, taskStatus: 'warnings' });
		expect(item.warnings).toEqual([
			'The EFI settings were not imported: if the VM does not boot, add a boot entry in its firmware menu',
			'The CD drive sata0 is empty: its image esxi:ha-datacenter/iso/tools.iso was not imported',
			'The SCSI controller is virtio-scsi-single: OVMF has no driver for that of the file',
			'The VM seems to run on its ESXi host, so its disks may be inconsistent. Turn it off there and import it again',
		]);
		expect(configOf(item.vmid)).toMatchObject({
			bios: 'ovmf',
			cores: 2,
			sockets: 2,
			efidisk0: expect.stringMatching(/efitype=4m/) as string,
			net0: 'vmxnet3=00:0C:29:00:00:01,bridge=vmbr0',
			sata0: 'none,media=cdrom',
			scsi0: expect.stringContaining('size=4G') as string,
			smbios1: 'uuid=564d3fe8-0000-4000-8000-000000000001',
		});
	});

	it('has no EFI disk if the user sets another BIOS', async () => {
		addVmx({ isEfi: true });
		const { vmid } = await lab.output(asJson({ bios: 'seabios' }, {}, VMX));
		expect(configOf(vmid)).not.toHaveProperty('efidisk0');
	});

	it('leaves out what is not valid in the file, and says so', async () => {
		addFile({
			...exportedVm,
			name: '-',
			cores: undefined,
			ostype: 'winxp',
			disks: [],
		});
		const item = await lab.output(importOf());
		expect(item.warnings).toEqual([
			expect.stringMatching(/^Name \(name\) was left out: "-"/) as string,
			'Guest OS Type (ostype) was left out: "winxp", as the file has it, is not valid here',
			`Proxmox VE found no disk in ${OVA}: the VM has none`,
		]);
		expect(configOf(item.vmid)).toMatchObject({ memory: '2048' });
		expect(configOf(item.vmid)).not.toHaveProperty('cores');
	});

	it('unpacks an OVA on another storage if its own takes no disks', async () => {
		const local = lab.emulator.state.storages.get('local');
		if (local) local.content = ['import'];
		const { vmid } = await lab.output(importOf({ storage: picked('lab') }));
		expect(new URLSearchParams(posts()[0]?.body).get('import-working-storage')).toBe('lab');
		expect(configOf(vmid)?.scsi0).toMatch(/^lab:/);
		for (const name of ['small', 'lab', 'offline'])
			Object.assign(lab.emulator.state.storages.get(name) ?? {}, { type: 'lvmthin' });
		expect(await refusal(importOf({ storage: picked('lab') }))).toEqual({
			message: 'pve1 has no storage on which the OVA can be unpacked. Nothing was created',
			description: expect.stringContaining('Allow the content Disk image') as string,
		});
		expect(posts()).toHaveLength(1);
	});

	it('shows the whole request in Preview, and sends none', async () => {
		const item = await lab.output(importOf({ options: { preview: true } }));
		expect(item).toMatchObject({
			path: '/api2/json/nodes/pve1/qemu',
			body: {
				name: 'my-web',
				scsi0: `local:0,import-from=${OVA}/web-disk1.vmdk`,
				net0: 'vmxnet3,bridge=vmbr0',
			},
			warnings: [],
		});
		expect(posts()).toEqual([]);
	});

	it('chooses a node that has the file', async () => {
		await lab.close();
		lab = await openLab({ state: clusterState({ nodes: [{ name: 'pve1' }, { name: 'pve2' }] }) });
		const { state } = lab.emulator;
		addFile(exportedVm);
		const file = state.volumes.get(OVA);
		if (file) state.volumesByNode.get('pve2')?.set(OVA, file);
		state.volumes.delete(OVA);
		const { options: given, ...rest } = importOf();
		const { node: chosen, ...options } = given as IDataObject;
		expect(chosen).toBeDefined();
		expect(await lab.output({ ...rest, options } as INodeParameters)).toMatchObject({
			node: 'pve2',
			name: 'my-web',
			placement: expect.stringContaining('Most memory left') as string,
		});
	});

	it('returns the VM of the key, also if the file is gone', async () => {
		const keyed = importOf({ options: { idempotencyKey: 'order 1', ifExists: 'return' } });
		const { vmid } = await lab.output(keyed);
		lab.emulator.state.volumes.delete(OVA);
		expect(await lab.output(keyed)).toMatchObject({ vmid, name: 'my-web', reused: true });
		expect(posts()).toHaveLength(1);
	});

	it('creates one VM if the response is lost', async () => {
		lab.emulator.faults.onRequest({ method: 'POST', when: 'after', effect: 'reset' });
		const item = await lab.output(importOf());
		expect(item).toMatchObject({ name: 'my-web', taskStatus: 'ok' });
		expect(posts()).toHaveLength(1);
	});

	it('of an ESXi host, whose UUID is kept, creates one VM too if it has a key; else the outcome is unknown', async () => {
		addVmx();
		const lose = () =>
			lab.emulator.faults.onRequest({ method: 'POST', when: 'after', effect: 'reset' });
		lose();
		const { description } = await refusal(importOf({}, VMX));
		expect(description).toContain('exists, but it is unknown whether this request created it');
		lab.emulator.requests.splice(0);
		lose();
		const options = { idempotencyKey: 'order 1', ifExists: 'return' };
		const { vmid } = await lab.output(importOf({ options }, VMX));
		const marked = [...lab.emulator.state.vms.values()].filter(({ config }) =>
			String(config.description).includes('n8n-key'),
		);
		expect(marked.map((one) => one.vmid)).toEqual([vmid]);
	});

	it.each<[string, INodeParameters, RegExp]>([
		['a disk image', importOf({}, 'local:import/x.qcow2'), /^Import From must be an OVA, an OVF/],
		['no storage', importOf({ storage: picked('={{ "" }}') }), /^Target Storage is needed/],
		['a wrong setting', importOf({ memory_current: -1 }), /^Memory/],
	])('refuses %s before any request', async (_, parameters, message) => {
		expect((await refusal(parameters)).message).toMatch(message);
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each<[string, () => void, RegExp]>([
		[
			'whose disk has no slot on Proxmox VE',
			() => addFile({ ...exportedVm, disks: [{ slot: 'sata7', file: 'a.vmdk', size: 1 }] }),
			/is on sata7, which is no slot.*Nothing was created/,
		],
		['that is gone', () => lab.emulator.state.volumes.delete(OVA), /tar -xO.*failed/],
		[
			'that does not fit what was set',
			() => addFile({ ...exportedVm, cores: 1 }),
			/^CPUs at Start \(vcpus\) must not be above/,
		],
	])('creates nothing of a file %s', async (_, arrange, message) => {
		arrange();
		expect((await refusal(asJson({ vcpus: 2 }))).message).toMatch(message);
		expect(posts()).toEqual([]);
	});

	it('leaves nothing of an OVA with a broken disk', async () => {
		const [first] = exportedVm.disks;
		addFile({ ...exportedVm, disks: first ? [{ ...first, damage: 'garbage' }] : [] });
		const before = lab.emulator.state.vms.size;
		expect((await refusal(importOf())).message).toMatch(/error during extraction/);
		expect(lab.emulator.state.vms.size).toBe(before);
	});
});
