import type { INodeProperties } from 'n8n-workflow';

import type { Catalogue } from '../catalogue/catalogue';
import type { FamilyField, PlainField } from '../catalogue/fields';
import {
	entryList,
	locator,
	optionCollection,
	plainProperties,
	slotProperty,
} from './describeField';
import { ENTRY_OPTIONS } from './names';

/** The n8n parameter of the one list for all four buses. */
export const DISK_LIST = 'diskList';

const BUSES = { virtio: 'VirtIO Block', scsi: 'SCSI', sata: 'SATA', ide: 'IDE' } as const;
export type Bus = keyof typeof BUSES;
/** The disks of a bus in the catalogue. */
const familyOf = ({ parameters }: Catalogue, bus: Bus): FamilyField => {
	const field = parameters[`${bus}[n]`];
	if (field?.kind !== 'family') throw new Error(`The catalogue has no ${bus}[n]`);
	return field;
};
/** The slots of a bus, 0 to the highest. */
export const slotsOf = (catalogue: Catalogue, bus: Bus): number[] =>
	Array.from({ length: familyOf(catalogue, bus).count }, (_, slot) => slot);
export const DISK_BUSES: readonly Bus[] = ['virtio', 'scsi', 'sata', 'ide'];
/** Proxmox has no CD drives on VirtIO Block. */
export const CD_BUSES: readonly Bus[] = ['ide', 'sata', 'scsi'];

export const SOURCES = {
	new: { name: 'New Disk', description: 'Allocate an empty volume' },
	import: {
		name: 'Imported Image',
		description: 'Copy a disk image, such as a cloud image, into a new volume',
	},
	existing: { name: 'Existing Volume', description: 'Attach an existing volume' },
	keep: {
		name: 'Current Disk',
		description: 'Keep the disk in this slot and change only the options that you add below',
	},
	iso: { name: 'ISO Image', description: 'A CD drive with an ISO image' },
	empty: { name: 'Empty CD Drive' },
	cloudInit: {
		name: 'Cloud-Init Drive',
		description: 'The drive from which the guest reads its cloud-init settings',
	},
} as const;
export type Source = keyof typeof SOURCES;
const DISK_SOURCES: readonly Source[] = ['new', 'import', 'existing', 'keep'];
export const CD_SOURCES: readonly Source[] = ['iso', 'empty', 'cloudInit'];

/** Sub-options that the source says already, and the size, which Proxmox ignores. */
const BY_SOURCE = ['file', 'import-from', 'size'];

const busOptions = (buses: readonly Bus[]) => buses.map((value) => ({ name: BUSES[value], value }));

const diskOptions = (catalogue: Catalogue, bus: Bus): INodeProperties => {
	const { item, count } = familyOf(catalogue, bus);
	const fields: Array<[string, PlainField]> =
		item.kind === 'device' ? Object.entries(item.fields) : [];
	return optionCollection(
		ENTRY_OPTIONS,
		'Options',
		[
			...plainProperties(fields.filter(([name]) => !BY_SOURCE.includes(name))),
			slotProperty(bus, count - 1),
		],
		{ show: { source: [...DISK_SOURCES], bus: [bus] } },
	);
};

/** The list "Disks" of the editor. @param isUpdate whether the VM has disks already */
export const diskProperty = (catalogue: Catalogue, isUpdate = false): INodeProperties =>
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
				description:
					'How the guest sees the drive: IDE for most, SCSI for ARM guests, which have no IDE',
				displayOptions: { show: { source: [...CD_SOURCES] } },
			},
			{
				displayName: 'Storage',
				name: 'storage',
				...locator('searchImageStorages', 'local-lvm'),
				required: true,
				description: 'The storage for the volume',
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
				placeholder: 'e.g. local-lvm:vm-100-disk-0',
				description: 'The volume ID: the storage, a colon and the name of the volume',
				displayOptions: { show: { source: ['existing'] } },
			},
			{
				displayName: 'ISO Image',
				name: 'iso',
				...locator('searchIsoImages', 'local:iso/debian-13.2.0-amd64-netinst.iso'),
				required: true,
				displayOptions: { show: { source: ['iso'] } },
			},
			...DISK_BUSES.map((bus) => diskOptions(catalogue, bus)),
			...CD_BUSES.map((bus) =>
				optionCollection(
					ENTRY_OPTIONS,
					'Options',
					[slotProperty(bus, familyOf(catalogue, bus).count - 1)],
					{
						show: { source: [...CD_SOURCES], cdBus: [bus] },
					},
				),
			),
		],
		'Disks and CD drives of the VM',
	);
