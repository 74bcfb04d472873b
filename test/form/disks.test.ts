import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { qemu } from '../../nodes/ProxmoxVe/catalogue/qemu';
import { BUSES, DISK_BUSES, type Bus } from '../../nodes/ProxmoxVe/form/disks';
import { openLab, type Lab } from '../support/lab';

const picked = (value: string) => ({ __rl: true, mode: 'list', value });
const newDisk = { source: 'new', storage: picked('local'), size: 1 };
const iso = { source: 'iso', iso: picked('local:iso/tiny.iso') };
const cloudInit = { source: 'cloudInit', storage: picked('local') };

let lab: Lab;
beforeAll(async () => {
	lab = await openLab();
});
afterAll(async () => await lab.close());

/** The drives that are sent for the entries, in a preview. */
async function drivesOf(entries: IDataObject[], more: INodeParameters = {}): Promise<string[]> {
	const output = await lab.output({
		...more,
		diskList: { values: entries } as INodeParameters,
		options: { preview: true },
	});
	const { body } = output as { body: IDataObject };
	return Object.keys(body).filter((name) => /^(?:ide|sata|scsi|virtio)\d+$/.test(name));
}

describe('a disk with the bus Automatic', () => {
	const arm = { authentication: 'password', processor: { arch: 'aarch64' } };
	it.each<[string, IDataObject[], INodeParameters, string[]]>([
		['without a profile: VirtIO Block', [newDisk, newDisk], {}, ['virtio0', 'virtio1']],
		['without a profile: IDE for CD drives', [iso, iso], {}, ['ide2', 'ide0']],
		['on ARM: SCSI for CD drives', [newDisk, iso], arm, ['virtio0', 'scsi0']],
		[
			'Windows: SCSI, and IDE for CD drives',
			[newDisk, iso, iso],
			{ profile: 'windows11' },
			['scsi0', 'ide2', 'ide0'],
		],
		['Other: SATA', [newDisk, iso], { profile: 'other' }, ['sata0', 'ide2']],
		[
			'cloud image: SCSI, and IDE for the cloud-init drive',
			[newDisk, cloudInit],
			{ profile: 'linuxCloudImage' },
			['scsi0', 'ide2'],
		],
		[
			'cloud image on q35: SCSI for the cloud-init drive too',
			[newDisk, cloudInit],
			{ profile: 'linuxCloudImage', firmware: { machine_type: picked('q35') } },
			['scsi0', 'scsi1'],
		],
		[
			'a bus that is set wins',
			[{ ...newDisk, options: { bus: 'ide' } }],
			{ profile: 'other' },
			['ide2'],
		],
		[
			'a slot that is set is one of that bus',
			[{ ...newDisk, options: { slot: 5 } }],
			{ profile: 'other' },
			['sata5'],
		],
		[
			'with an expression that returns nothing',
			[{ ...newDisk, options: { bus: '={{ null }}' } }],
			{},
			['virtio0'],
		],
	])('%s', async (_title, entries, more, drives) => {
		expect((await drivesOf(entries, more)).sort()).toEqual([...drives].sort());
	});
});

describe('the one collection of options', () => {
	const fieldsOf = (bus: Bus) => {
		const family = qemu.parameters[`${bus}[n]`];
		return Object.keys(family.item.fields);
	};
	const all = [...new Set(DISK_BUSES.flatMap(fieldsOf))];

	it.each(DISK_BUSES)('is refused on %s for what that bus does not take, by label', async (bus) => {
		const wrong = all.filter((option) => !fieldsOf(bus).includes(option));
		expect(wrong).not.toEqual([]);
		const { error } = await lab.run({
			diskList: {
				values: [
					{
						...newDisk,
						options: { bus, ...Object.fromEntries(wrong.map((option) => [option, '1'])) },
					},
				],
			},
		});
		const text = `${error?.message} ${error?.description}`;
		expect(text.match(new RegExp(`is not an option of ${BUSES[bus]} disks`, 'g'))).toHaveLength(
			wrong.length,
		);
		expect(text).toContain('Disk 1 → Options → ');
		expect(lab.emulator.requests).not.toContainEqual(expect.objectContaining({ method: 'POST' }));
	});
});

describe('the other options of a disk', () => {
	const withOptions = (...values: IDataObject[]) => ({
		...newDisk,
		options: { bus: 'virtio', cache: 'none' },
		otherOptions: { values },
	});
	const runWith = async (...values: IDataObject[]) =>
		await lab.run({
			diskList: { values: [withOptions(...values)] } as INodeParameters,
			options: { preview: true },
		});

	it('are sent as fields are', async () => {
		const { items } = await runWith(
			{ option: 'mbps_rd', value: '12.5' },
			{ option: 'iops_max_length', value: 5 },
		);
		expect(items[0]?.[0]?.json.body).toMatchObject({
			virtio0: 'local:1,cache=none,mbps_rd=12.5,iops_max_length=5',
		});
	});

	it.each<[string, IDataObject[], string]>([
		['unknown', [{ option: 'file', value: 'x' }], 'Other Option 1 must be one of'],
		['set twice', [{ option: 'cache', value: 'none' }], 'Other Option 1 is set twice (cache)'],
		[
			'in the list twice',
			[1, 2].map((value) => ({ option: 'iops', value })),
			'Other Option 2 is set twice (iops)',
		],
		['empty', [{ option: 'iops', value: '' }], 'Other Option 1 → Value is needed'],
		['wrong', [{ option: 'iops', value: 'many' }], 'IOPS Limit must be'],
		['of another bus', [{ option: 'wwn', value: '0x1' }], 'World Wide Name is not an option of'],
	])('are rejected if one is %s', async (_what, values, message) => {
		const { error } = await runWith(...values);
		expect(error?.message).toContain(message);
	});
});
