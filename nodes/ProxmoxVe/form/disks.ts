import type { INodeProperties } from 'n8n-workflow';

import type { Catalogue, Profile } from '../catalogue/catalogue';
import type { FamilyField, PlainField } from '../catalogue/fields';
import { alphabetically } from './alphabetically';
import {
	alwaysShownProperty,
	entryList,
	locator,
	optionCollection,
	plainProperties,
	slotProperty,
} from './describeField';
import { hasIde } from './drives';
import { imageUrlField } from './imageFields';
import { ENTRY_BUS, ENTRY_OPTIONS } from './names';

/** The n8n parameter of the one list for all four buses. */
export const DISK_LIST = 'diskList';

export const BUSES = { scsi: 'SCSI', virtio: 'VirtIO Block', sata: 'SATA', ide: 'IDE' } as const;
export type Bus = keyof typeof BUSES;
/** The choice to leave the bus to the node. */
export const AUTOMATIC = 'auto';
/** The disks of a bus in the catalogue. */
const familyOf = ({ parameters }: Catalogue, bus: Bus): FamilyField => {
	const field = parameters[`${bus}[n]`];
	if (field?.kind !== 'family') throw new Error(`The catalogue has no ${bus}[n]`);
	return field;
};
/** The slots of a bus, 0 to the highest. */
export const slotsOf = (catalogue: Catalogue, bus: Bus): number[] =>
	Array.from({ length: familyOf(catalogue, bus).count }, (_, slot) => slot);
export const DISK_BUSES = Object.keys(BUSES) as readonly Bus[];
/** Proxmox has no CD drives on VirtIO Block. */
export const CD_BUSES = DISK_BUSES.filter((bus) => bus !== 'virtio');

export const SOURCES = {
	new: { name: 'New Disk', description: 'Allocate an empty volume' },
	url: {
		name: 'Image From URL',
		description: 'Copy a cloud image, which the node downloads once and keeps for the next VM',
	},
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
export const CD_SOURCES: readonly Source[] = ['iso', 'empty', 'cloudInit'];

/** Sub-options that the source says already, and the size, which Proxmox ignores. */
const BY_SOURCE = ['file', 'import-from', 'size'];

const fieldsOf = (catalogue: Catalogue, bus: Bus): Readonly<Record<string, PlainField>> => {
	const { item } = familyOf(catalogue, bus);
	return item.kind === 'device' ? item.fields : {};
};

/** The buses whose disks take a sub-option. */
const busesWith = (catalogue: Catalogue, option: string): Bus[] =>
	DISK_BUSES.filter((bus) => Object.hasOwn(fieldsOf(catalogue, bus), option));

/** Sub-options that limit the speed: one list for all 21 is much shorter than a field for each. */
const isLimit = (name: string): boolean => /^(?:mbps|bps|iops)(?:_|$)/.test(name);
/** Sub-options that have a field in Update, which has that list for all others. */
const FIELDS_OF_UPDATE = ['backup', 'cache', 'discard', 'format', 'iothread', 'replicate', 'ssd'];
/** The n8n parameter of that list in the entry of a disk. */
export const OTHER_DISK_OPTIONS = 'otherOptions';

/** The sub-options of disks on all buses. */
const allFields = (catalogue: Catalogue): Readonly<Record<string, PlainField>> =>
	Object.assign({}, ...DISK_BUSES.map((bus) => fieldsOf(catalogue, bus)));

/** The sub-options that an entry may set: all but those that its other fields decide. */
export const diskOptionNames = (catalogue: Catalogue): string[] =>
	Object.keys(allFields(catalogue)).filter((name) => !BY_SOURCE.includes(name));

/** Whether a sub-option has no field, but is in the list of other options. */
const isListed = (name: string, isUpdate: boolean): boolean =>
	isLimit(name) || (isUpdate && !FIELDS_OF_UPDATE.includes(name));

/** How the editor calls a sub-option of disks. */
export const diskOptionLabel = (catalogue: Catalogue, option: string): string =>
	allFields(catalogue)[option]?.label ?? option;

const namesOf = (buses: readonly Bus[], word: string): string =>
	buses
		.map((bus) => BUSES[bus])
		.join(', ')
		.replace(/, ([^,]*)$/, ` ${word} $1`);

/** Why a bus does not take a sub-option, after its label; undefined if it does, or if no bus has it. */
export function busProblem(catalogue: Catalogue, bus: Bus, option: string): string | undefined {
	const buses = busesWith(catalogue, option);
	return buses.length === 0 || buses.includes(bus)
		? undefined
		: `is not an option of ${BUSES[bus]} disks: choose ${namesOf(buses, 'or')} under Options → Bus, or remove it`;
}

/** What decides the bus of a disk that leaves it open. */
export interface Machine {
	readonly profile?: Profile;
	/** The raw parameters of the guest, without its disks. */
	readonly values: Readonly<Record<string, unknown>>;
}

/**
 * The bus of a disk that leaves it open: that of the profile, or VirtIO Block. CD drives are on IDE, which ARM guests
 * do not have, and which not all Linux cloud images find on q35.
 */
export function automaticBus(source: Source, { profile, values }: Machine): Bus {
	if (!CD_SOURCES.includes(source)) return profile?.disk?.bus ?? 'virtio';
	const needsScsi =
		values.arch === 'aarch64' ||
		(source === 'cloudInit' && profile?.hasCloudInit === true && !hasIde(values));
	return needsScsi ? 'scsi' : 'ide';
}

/** A sub-option that says which buses take it, if not all do. */
const withBuses = (field: PlainField, buses: readonly Bus[]): PlainField =>
	buses.length === DISK_BUSES.length
		? field
		: {
				...field,
				help:
					field.help === undefined
						? `${namesOf(buses, 'and')} only`
						: `${field.help.replace(/\.$/, '')}. ${namesOf(buses, 'and')} only.`,
			};

/** One collection for all buses: the help of a sub-option says which ones take it. */
const diskOptions = (catalogue: Catalogue, isUpdate: boolean): INodeProperties =>
	optionCollection(ENTRY_OPTIONS, 'Options', [
		{
			displayName: 'Bus',
			name: ENTRY_BUS,
			type: 'options',
			options: [
				{
					name: 'Automatic',
					value: AUTOMATIC,
					description: 'As the profile and the machine need it',
				},
				...DISK_BUSES.map((value) => ({ name: BUSES[value], value })),
			],
			default: AUTOMATIC,
			description: 'VirtIO Block and SCSI need a driver in the guest',
		},
		slotProperty,
		...plainProperties(
			Object.entries(allFields(catalogue))
				.filter(([name]) => !BY_SOURCE.includes(name) && !isListed(name, isUpdate))
				.map(([name, field]) => [name, withBuses(field, busesWith(catalogue, name))]),
		),
	]);

/** The list of sub-options that have no field. */
const otherDiskOptions = (catalogue: Catalogue, isUpdate: boolean): INodeProperties =>
	entryList(
		OTHER_DISK_OPTIONS,
		'Other Options',
		'Option',
		[
			{
				displayName: 'Option',
				name: 'option',
				type: 'options',
				options: alphabetically(
					diskOptionNames(catalogue)
						.filter((name) => isListed(name, isUpdate))
						.map((value) => ({ name: diskOptionLabel(catalogue, value), value })),
					({ name }) => name,
				),
				default: 'mbps',
			},
			{ displayName: 'Value', name: 'value', type: 'string', default: '' },
		],
		isUpdate ? 'Speed limits and rare options' : 'Speed limits',
	);

export const storageProperty: INodeProperties = {
	displayName: 'Storage',
	name: 'storage',
	...locator('searchImageStorages', 'local-lvm'),
	required: true,
};

export const imageUrlProperty = alwaysShownProperty('imageUrl', imageUrlField, '');

export const imageProperty: INodeProperties = {
	displayName: 'Image',
	name: 'image',
	...locator('searchImportImages', 'local:import/debian-13-genericcloud-amd64.qcow2'),
	required: true,
};

export const isoProperty: INodeProperties = {
	displayName: 'ISO Image',
	name: 'iso',
	...locator('searchIsoImages', 'local:iso/debian-13.2.0-amd64-netinst.iso'),
	required: true,
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
					.filter(([value]) => value !== (isUpdate ? 'url' : 'keep'))
					.map(([value, source]) => ({ value, ...source })),
				default: 'new',
			},
			{
				...storageProperty,
				displayOptions: { show: { source: ['new', 'url', 'import', 'cloudInit'] } },
			},
			{
				displayName: 'Size (GiB)',
				name: 'size',
				type: 'number',
				default: 32,
				description: isUpdate ? 'Size of the new disk' : 'By default the size of the image',
				displayOptions: { show: { source: isUpdate ? ['new'] : ['new', 'url', 'import'] } },
			},
			...(isUpdate ? [] : [{ ...imageUrlProperty, displayOptions: { show: { source: ['url'] } } }]),
			{ ...imageProperty, displayOptions: { show: { source: ['import'] } } },
			{
				displayName: 'Volume',
				name: 'volume',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. local-lvm:vm-100-disk-0',
				description: 'Its volume ID, STORAGE:NAME',
				displayOptions: { show: { source: ['existing'] } },
			},
			{ ...isoProperty, displayOptions: { show: { source: ['iso'] } } },
			diskOptions(catalogue, isUpdate),
			otherDiskOptions(catalogue, isUpdate),
		],
		'Disks and CD drives of the VM',
	);
