import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { profiles } from '../../nodes/ProxmoxVe/catalogue/qemu/profiles';
import { applyProfile } from '../../nodes/ProxmoxVe/form/applyProfile';
import { openLab, type Lab } from '../support/lab';
import { readParameters } from '../../nodes/ProxmoxVe/wire/readParameters';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
type ProfileName = keyof typeof profiles;

/** The parameters that the user gave, read as the node reads them. */
function given(values: Record<string, unknown>) {
	const { parameters, problems } = readParameters(qemu, { node: 'pve1', vmid: 100, ...values });
	expect(problems).toEqual([]);
	return Object.fromEntries(
		Object.entries(parameters).filter(([name]) => name !== 'node' && name !== 'vmid'),
	);
}

const apply = (profile: ProfileName, values: Record<string, unknown>) =>
	applyProfile(profiles[profile], given(values));

const net0 = { model: 'virtio', bridge: 'vmbr0' };
const image = { file: 'fast:0', 'import-from': 'local:import/debian.qcow2' };

describe('profiles', () => {
	it('make a Linux cloud image boot: controller, console, cloud-init drive and DHCP', () => {
		expect(apply('linuxCloudImage', { name: 'web', scsi0: image, net0 })).toEqual({
			warnings: [],
			parameters: {
				name: 'web',
				ostype: 'l26',
				scsihw: 'virtio-scsi-single',
				cpu: { cputype: 'x86-64-v2-AES' },
				agent: { enabled: true },
				serial0: 'socket',
				vga: { type: 'serial0' },
				scsi0: { ...image, discard: 'on', iothread: true },
				ide2: { file: 'fast:cloudinit' },
				net0,
				ipconfig0: { ip: 'dhcp' },
				boot: { order: 'scsi0' },
			},
		});
	});

	it('give Windows 11 UEFI, Secure Boot and TPM 2.0 on the storage of its disk, and boot from its ISO images in order', () => {
		const { parameters, warnings } = apply('windows11', {
			scsi0: 'fast:64',
			ide2: 'local:iso/windows.iso,media=cdrom',
			ide0: 'local:iso/virtio.iso,media=cdrom',
			net0,
		});
		expect(warnings).toEqual([]);
		expect(parameters).toMatchObject({
			ostype: 'win11',
			bios: 'ovmf',
			machine: { type: 'q35' },
			efidisk0: { file: 'fast:1', efitype: '4m', 'pre-enrolled-keys': true },
			tpmstate0: { file: 'fast:1', version: 'v2.0' },
			scsi0: { file: 'fast:64', discard: 'on', iothread: true },
			boot: { order: 'scsi0;ide2;ide0;net0' },
		});
		expect(parameters).not.toHaveProperty('ipconfig0');
	});

	it('never replace what the user set, sub-option by sub-option', () => {
		const { parameters } = apply('windows11', {
			ostype: 'win10',
			cpu: 'host',
			agent: '0',
			scsihw: 'virtio-scsi-pci',
			scsi0: 'fast:64,discard=ignore',
			virtio1: 'fast:8,iothread=0',
			efidisk0: 'slow:1,efitype=2m',
			tpmstate0: 'slow:1,version=v1.2',
			boot: 'order=virtio1',
		});
		expect(parameters).toMatchObject({
			ostype: 'win10',
			cpu: { cputype: 'host' },
			agent: { enabled: false },
			scsihw: 'virtio-scsi-pci',
			scsi0: { file: 'fast:64', discard: 'ignore' },
			virtio1: { file: 'fast:8', iothread: false, discard: 'on' },
			efidisk0: { file: 'slow:1', efitype: '2m' },
			tpmstate0: { file: 'slow:1', version: 'v1.2' },
			boot: { order: 'virtio1' },
		});
		// An I/O thread on SCSI needs the single controller.
		expect(parameters.scsi0).not.toHaveProperty('iothread');
	});

	it.each([
		['with SeaBIOS', { bios: 'seabios', scsi0: 'fast:64' }, 'efidisk0'],
		['for a volume that exists', { scsi0: 'fast:vm-100-disk-0' }, 'scsi0.discard'],
	])('add no disk option or EFI disk %s', (_title, values, path) => {
		expect(apply('windows11', values).parameters).not.toHaveProperty(path.split('.'));
	});

	it.each([
		[{ scsi0: image }, 'ide2'],
		[{ scsi0: image, ide2: 'none,media=cdrom' }, 'ide0'],
		[{ scsi0: image, cdrom: 'none' }, 'ide0'],
		[{ scsi0: image, machine: 'pc-i440fx-9.2' }, 'ide2'],
		[{ scsi0: image, machine: 'q35' }, 'scsi1'],
		[{ scsi0: image, scsi1: 'fast:4', machine: 'pc-q35-9.2' }, 'scsi2'],
	])('put the cloud-init drive of %j at %s', (values, slot) => {
		expect(apply('linuxCloudImage', values).parameters).toHaveProperty(slot, {
			file: 'fast:cloudinit',
		});
	});

	it('leave a cloud-init drive and IP configurations of the user as they are', () => {
		const { parameters } = apply('linuxCloudImage', {
			scsi0: image,
			sata3: 'slow:cloudinit',
			net0,
			net1: net0,
			ipconfig1: 'ip=192.0.2.7/24',
		});
		expect(Object.keys(parameters).filter((name) => /^ide/.test(name))).toEqual([]);
		expect(parameters).toMatchObject({
			ipconfig0: { ip: 'dhcp' },
			ipconfig1: { ip: '192.0.2.7/24' },
		});
	});

	it('say what they cannot add to a VM without a disk that names a storage', () => {
		expect(apply('windows11', { net0 })).toMatchObject({
			warnings: [
				'Profile Windows 11 / Server 2022+: efidisk0 and tpmstate0 could not be added, because no disk of the VM names a storage',
			],
			parameters: { boot: { order: 'net0' } },
		});
	});

	it('do not set a CPU type of x86-64 for an ARM guest', () => {
		expect(apply('linuxIso', { arch: 'aarch64' }).parameters).not.toHaveProperty('cpu');
	});

	it.each(Object.keys(profiles) as ProfileName[])(
		'%s sets only values that the API takes',
		(name) => {
			const { parameters } = apply(name, { scsi0: 'fast:8', net0 });
			expect(readParameters(qemu, { node: 'pve1', vmid: 100, ...parameters }).problems).toEqual([]);
		},
	);
});

describe('the field Profile', () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await openLab();
	});
	afterAll(async () => await lab.close());
	const disk = { source: 'new', storage: picked('local'), size: 8, options: { bus: 'scsi' } };
	const card = { model: 'virtio', bridge: picked('vmbr0') };
	const configOf = (vmid: unknown) => lab.emulator.state.vms.get(Number(vmid))?.config;

	it.each(Object.entries(profiles))(
		'%s creates a VM that Proxmox accepts',
		async (profile, { parameters }) => {
			const { items, error } = await lab.run({
				profile,
				diskList: { values: [disk] },
				netList: { values: [card] },
			});
			expect(error).toBeUndefined();
			const config = configOf(items[0]?.[0]?.json.vmid);
			expect(config).toMatchObject({ ostype: parameters.ostype, scsihw: 'virtio-scsi-single' });
			if (profile === 'windows11')
				expect(config).toMatchObject({
					bios: 'ovmf',
					machine: expect.stringContaining('q35'),
					efidisk0: expect.stringMatching(/efitype=4m.*pre-enrolled-keys=1/),
					tpmstate0: expect.stringContaining('version=v2.0'),
					boot: 'order=scsi0;net0',
				});
			if (profile === 'linuxCloudImage')
				expect(config).toMatchObject({
					ide2: expect.stringContaining('cloudinit'),
					ipconfig0: 'ip=dhcp',
					serial0: 'socket',
					vga: 'serial0',
					boot: 'order=scsi0',
				});
		},
	);

	it('adds to JSON too, and the preview shows what it adds', async () => {
		const { items } = await lab.run({
			profile: 'windows10',
			specifyVm: 'json',
			vmJson: { scsi0: 'local:8', ostype: 'win11' },
			options: { preview: true },
		});
		expect(items[0]?.[0]?.json.body).toMatchObject({ ostype: 'win11', bios: 'ovmf' });
	});

	it('adds nothing unless one is chosen, and refuses another value', async () => {
		const plain = await lab.run({ diskList: { values: [disk] }, options: { preview: true } });
		expect(Object.keys(plain.items[0]?.[0]?.json.body as object).sort()).toEqual(
			['scsi0', 'smbios1', 'vmid'].sort(),
		);
		const wrong = await lab.run({ profile: 'windows95' });
		expect(wrong.error?.message).toContain('Profile');
	});
});
