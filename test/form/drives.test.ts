import type { INodeParameters, NodeApiError } from 'n8n-workflow';

import { openLab, type Lab } from '../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'name', value });

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());
beforeEach(() => void lab.emulator.requests.splice(0));

const failure = async (parameters: INodeParameters): Promise<string> => {
	const { error } = await lab.run(parameters);
	return `${error?.message}\n${String((error as NodeApiError | undefined)?.description)}`;
};
const fromList = (entry: object): INodeParameters => ({
	diskList: { values: [{ storage: picked('local'), size: '', ...entry, options: {} }] },
});
const fromJson = (value: object): INodeParameters => ({
	specifyVm: 'json',
	vmJson: JSON.stringify(value),
});
const image = (name: string) => fromList({ source: 'import', image: picked(name) });
const file = { file: 'local:0', 'import-from': 'https://images.example/a.qcow2' };

describe('what cannot be a volume is refused before any request', () => {
	it.each<[string, INodeParameters, RegExp]>([
		[
			'a URL in an EFI disk',
			fromJson({ bios: 'ovmf', efidisk0: file }),
			/EFI Disk Import From \(efidisk0\.import-from\) is a URL/,
		],
		[
			'a URL as a volume',
			fromList({ source: 'existing', volume: 'https://images.example/a.raw' }),
			/is a URL/,
		],
		[
			'a URL as an ISO image',
			fromList({ source: 'iso', iso: picked('http://images.example/a.iso') }),
			/is a URL/,
		],
		[
			'an .img stored as ISO',
			image('local:iso/noble.img'),
			/is stored as an ISO image, which cannot become a disk/,
		],
		[
			'a whole OVA',
			image('local:import/machine.ova'),
			/is an OVA.*STORAGE:import\/NAME\.ova\/DISK\.vmdk/,
		],
		[
			'a path, with a token',
			image('/var/lib/vz/a.qcow2'),
			/is a path of the host, which only root@pam with a password can use/,
		],
		[
			'a path of an ISO image, with a token',
			fromList({ source: 'iso', iso: picked('/srv/a.iso') }),
			/is a path of the host/,
		],
		[
			'a URL, when a VM is changed',
			{
				operation: 'update',
				vm: { __rl: true, mode: 'id', value: '100' },
				...fromJson({ ide2: 'https://images.example/a.iso,media=cdrom' }),
			},
			/is a URL/,
		],
	])('%s', async (_what, parameters, words) => {
		expect(await failure(parameters)).toMatch(words);
		expect(lab.emulator.requests).toEqual([]);
	});

	it.each([
		['a disk in an OVA', 'local:import/machine.ova/disk.vmdk'],
		['a disk of another VM', 'local:100/vm-100-disk-0.raw'],
	])('but not %s', async (_what, volume) => {
		const { error } = await lab.run({ ...image(volume), options: { preview: true } });
		expect(error).toBeUndefined();
	});

	it('but not a path, with a password', async () => {
		await failure({ ...image('/var/lib/vz/a.qcow2'), authentication: 'password' });
		expect(lab.emulator.requests.map(({ method }) => method)).toContain('POST');
	});
});

it.each([
	[{ ram: 2048 }, /ram.*did you mean memory\?/],
	[{ cpus: 2 }, /cpus.*did you mean cores\?/],
	[{ vlan_id: 7 }, /vlan_id.*did you mean net0\?/],
	[{ net0: { model: 'virtio', vlan_id: 7 } }, /vlan_id.*did you mean tag\?/],
	[{ scsi0: { storage: 'local', size: '8G' } }, /storage.*a new disk is file with STORAGE:SIZE/],
	[{ uefi: true }, /uefi.*did you mean bios\?/],
	[{ bios: 'uefi' }, /uefi.*did you mean ovmf\?/],
	[{ disk_size: 8 }, /disk_size.*did you mean scsi0\?/],
])('a word of Terraform or Ansible gets the name of Proxmox: %j', async (json, words) => {
	expect(await failure(fromJson(json))).toMatch(words);
	expect(lab.emulator.requests).toEqual([]);
});
