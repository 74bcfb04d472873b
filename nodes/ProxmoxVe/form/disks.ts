import type { INodeProperties } from 'n8n-workflow';

import { disks } from '../catalogue/disks';
import type { PlainField } from '../catalogue/fields';
import { entryList, locator, optionCollection, plainProperties, slotProperty } from './describeField';
import { ENTRY_OPTIONS, ENTRY_SLOT } from './names';

/** The n8n parameter of the one list that stands for all four buses. */
export const DISK_LIST = 'diskList';

const BUSES = {
	virtio: { label: 'VirtIO Block', family: disks.fields['virtio[n]'] },
	scsi: { label: 'SCSI', family: disks.fields['scsi[n]'] },
	sata: { label: 'SATA', family: disks.fields['sata[n]'] },
	ide: { label: 'IDE', family: disks.fields['ide[n]'] },
} as const;
type Bus = keyof typeof BUSES;
const DISK_BUSES: readonly Bus[] = ['virtio', 'scsi', 'sata', 'ide'];
/** Proxmox has no CD drives on VirtIO Block. */
const CD_BUSES: readonly Bus[] = ['ide', 'sata', 'scsi'];

const SOURCES = {
	new: { name: 'New Disk', description: 'Allocate an empty volume' },
	import: { name: 'Imported Image', description: 'Copy a disk image, such as a cloud image, into a new volume' },
	existing: { name: 'Existing Volume', description: 'Attach a volume that is there already' },
	keep: { name: 'Disk of the VM', description: 'Change only the options that are added below, of the disk that the VM has in this slot' },
	iso: { name: 'ISO Image', description: 'A CD drive with an ISO image in it' },
	empty: { name: 'Empty CD Drive' },
	cloudInit: { name: 'Cloud-Init Drive', description: 'The drive from which the guest reads its cloud-init settings' },
} as const;
type Source = keyof typeof SOURCES;
const DISK_SOURCES: readonly Source[] = ['new', 'import', 'existing', 'keep'];
const CD_SOURCES: readonly Source[] = ['iso', 'empty', 'cloudInit'];

/** Sub-options that the source says already, and the size, which Proxmox ignores. */
const BY_SOURCE = ['file', 'import-from', 'size'];

const busOptions = (buses: readonly Bus[]) => buses.map((value) => ({ name: BUSES[value].label, value }));

const diskOptions = (bus: Bus): INodeProperties => {
	const { family } = BUSES[bus];
	const fields: Array<[string, PlainField]> = Object.entries(family.item.fields);
	return optionCollection(
		ENTRY_OPTIONS,
		'Options',
		[...plainProperties(fields.filter(([name]) => !BY_SOURCE.includes(name))), slotProperty(bus, family.count - 1)],
		{ show: { source: [...DISK_SOURCES], bus: [bus] } },
	);
};

/** The list "Disks" of the editor. @param isUpdate whether the VM has disks already */
export const diskProperty = (isUpdate = false): INodeProperties =>
	entryList(
		DISK_LIST,
		'Disks',
		'Disk',
		[
			{
				displayName: 'Source',
				name: 'source',
				type: 'options',
				options: Object.entries(SOURCES)
					.filter(([value]) => isUpdate || value !== 'keep')
					.map(([value, source]) => ({ value, ...source })),
				default: 'new',
			},
			{
				displayName: 'Bus',
				name: 'bus',
				type: 'options',
				options: busOptions(DISK_BUSES),
				default: 'virtio',
				description:
					'How the guest sees the disk. VirtIO Block needs a driver in the guest, which Linux has; Windows without drivers boots from SATA.',
				displayOptions: { show: { source: [...DISK_SOURCES] } },
			},
			{
				displayName: 'Bus',
				name: 'cdBus',
				type: 'options',
				options: busOptions(CD_BUSES),
				default: 'ide',
				description: 'How the guest sees the drive: IDE for most, SCSI for ARM guests, which have no IDE',
				displayOptions: { show: { source: [...CD_SOURCES] } },
			},
			{
				displayName: 'Storage',
				name: 'storage',
				...locator('searchImageStorages', 'local-lvm'),
				required: true,
				description: 'Where the volume is made',
				displayOptions: { show: { source: ['new', 'import', 'cloudInit'] } },
			},
			{
				displayName: 'Size (GiB)',
				name: 'size',
				type: 'number',
				default: 32,
				description: 'Size of the new disk',
				displayOptions: { show: { source: ['new'] } },
			},
			{
				displayName: 'Image',
				name: 'image',
				...locator('searchImportImages', 'local:import/debian-13-genericcloud-amd64.qcow2'),
				required: true,
				description: 'The disk keeps the size of the image',
				displayOptions: { show: { source: ['import'] } },
			},
			{
				displayName: 'Volume',
				name: 'volume',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'local-lvm:vm-100-disk-0',
				description: 'The volume as Proxmox names it: storage and name',
				displayOptions: { show: { source: ['existing'] } },
			},
			{
				displayName: 'ISO Image',
				name: 'iso',
				...locator('searchIsoImages', 'local:iso/debian-13.2.0-amd64-netinst.iso'),
				required: true,
				displayOptions: { show: { source: ['iso'] } },
			},
			...DISK_BUSES.map(diskOptions),
			...CD_BUSES.map((bus) =>
				optionCollection(ENTRY_OPTIONS, 'Options', [slotProperty(bus, BUSES[bus].family.count - 1)], {
					show: { source: [...CD_SOURCES], cdBus: [bus] },
				}),
			),
		],
		'Disks and CD drives of the VM',
	);

/** One entry of the list, as n8n gives it. */
type Entry = Readonly<Record<string, unknown>>;

/** What the editor's entry says, in the API's words: which bus, which slot (or none), and the drive. */
export interface Disk {
	readonly bus: Bus;
	readonly slot: unknown;
	readonly drive: Record<string, unknown>;
}

/** @returns the drive, or the label of the field that is missing */
export function readDisk(entry: Entry): Disk | { readonly missing: string } {
	const source = String(entry.source ?? 'new') as Source;
	const isCd = CD_SOURCES.includes(source);
	const bus = String((isCd ? entry.cdBus : entry.bus) ?? (isCd ? 'ide' : 'virtio')) as Bus;
	const { [ENTRY_SLOT]: slot, ...options } = (entry[ENTRY_OPTIONS] ?? {}) as Record<string, unknown>;
	if (source === 'keep' && (slot === undefined || slot === null || slot === '')) return { missing: 'Options → Slot' };
	const made = driveOf(source, entry);
	return 'missing' in made ? made : { bus, slot, drive: { ...made.drive, ...options } };
}

function driveOf(source: Source, entry: Entry): Pick<Disk, 'drive'> | { readonly missing: string } {
	const given = (name: string): string => String(entry[name] ?? '').trim();
	const needed: Record<Source, Array<[name: string, label: string]>> = {
		new: [['storage', 'Storage'], ['size', 'Size (GiB)']],
		import: [['storage', 'Storage'], ['image', 'Image']],
		existing: [['volume', 'Volume']],
		keep: [],
		iso: [['iso', 'ISO Image']],
		empty: [],
		cloudInit: [['storage', 'Storage']],
	};
	const missing = needed[source]?.find(([name]) => given(name) === '');
	if (missing) return { missing: missing[1] };
	switch (source) {
		case 'new':
			return { drive: { file: `${given('storage')}:${given('size')}` } };
		case 'import':
			return { drive: { file: `${given('storage')}:0`, 'import-from': given('image') } };
		case 'existing':
			return { drive: { file: given('volume') } };
		case 'keep':
			return { drive: {} };
		case 'iso':
			return { drive: { file: given('iso'), media: 'cdrom' } };
		case 'empty':
			return { drive: { file: 'none', media: 'cdrom' } };
		case 'cloudInit':
			return { drive: { file: `${given('storage')}:cloudinit` } };
	}
}

/** The order in which slots are given out: a CD drive on IDE belongs in ide2, as Proxmox's own editor has it. */
export const slotOrder = (disk: Disk): number[] => {
	const all = Array.from({ length: BUSES[disk.bus].family.count }, (_, slot) => slot);
	return disk.bus === 'ide' ? [2, 0, 1, 3] : all;
};
