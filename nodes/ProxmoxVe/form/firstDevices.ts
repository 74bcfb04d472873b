import type { INodeProperties } from 'n8n-workflow';

import type { Profile } from '../catalogue/catalogue';
import { choice, text } from '../catalogue/fields';
import { JSON_PROFILE } from './applyProfile';
import { locator } from './describeField';
import { imageProperty, imageUrlProperty, isoProperty, SOURCES, storageProperty } from './disks';
import type { Form } from './Form';
import { ENTRY_OPTIONS } from './names';

/**
 * What nearly every new VM has, as plain fields: one disk, the images to install from and one network card. They are
 * not prefilled entries of the lists, because n8n gives a list its default again once the last entry was deleted.
 */

/** The choice to have no disk but those of the list. */
const NO_DISK = 'none';
const DISK_CHOICES = [
	{ value: 'url', ...SOURCES.url },
	{ value: 'import', ...SOURCES.import },
	{ value: 'new', ...SOURCES.new },
	{
		name: 'None',
		value: NO_DISK,
		description: 'Only the disks under More Settings → Disk Settings',
	},
];
/** The choices that make a volume on a storage, besides `import`. */
const NEW_VOLUME = ['new', 'url'];
/** All choices besides `import`. */
const OTHER_CHOICES = [...NEW_VOLUME, NO_DISK];
const disksOf = (...sources: Array<keyof typeof SOURCES>) =>
	Object.fromEntries([...sources, NO_DISK].map((value) => [value, value]));

const fields = {
	diskSource: choice({
		label: 'Disk',
		options: disksOf('import', 'new', 'url'),
	}),
	bridge: text({ label: 'Bridge', format: 'pve-bridge-id' }),
};
const isoFields = {
	iso: text({ label: 'ISO Image' }),
	driversIso: text({ label: 'Drivers ISO Image' }),
};

/** A property that is shown with these profiles only. */
const forProfiles = (property: INodeProperties, profile: string[]): INodeProperties => ({
	...property,
	displayOptions: {
		...property.displayOptions,
		show: { ...property.displayOptions?.show, profile },
	},
});

/** A property that is not shown with these profiles, nor beside JSON. */
const exceptFor = (property: INodeProperties, profiles: string[] = []): INodeProperties => ({
	...property,
	displayOptions: {
		...property.displayOptions,
		hide: { ...property.displayOptions?.hide, profile: [...profiles, JSON_PROFILE] },
	},
});

/** A field with another default for some profiles, as two fields of which one is shown. */
const byProfile = (
	property: INodeProperties,
	profiles: string[],
	value: INodeProperties['default'],
): INodeProperties[] => [
	forProfiles({ ...property, default: value }, profiles),
	exceptFor(property, profiles),
];

/**
 * A property that is shown with these choices of Disk, and with Imported Image once the image is chosen: what is of use
 * with an image comes with it, because a new panel of fewer fields opens faster.
 */
export const besideImage = (
	property: INodeProperties,
	choices = OTHER_CHOICES,
): INodeProperties[] => {
	const show = property.displayOptions?.show;
	return [
		{ ...property, displayOptions: { show: { ...show, diskSource: choices } } },
		{
			...property,
			displayOptions: { show: { ...show, diskSource: ['import'] }, hide: { image: [''] } },
		},
	];
};

/** @param profiles what kinds of guests there are, by the value of the editor's choice */
export function firstDeviceProperties(
	profiles: Readonly<Record<string, Profile>>,
): readonly INodeProperties[] {
	const named = (isSo: (profile: Profile) => boolean | undefined): string[] =>
		Object.entries(profiles)
			.filter(([, profile]) => isSo(profile))
			.map(([name]) => name);
	const cloud = named(({ hasCloudInit }) => hasCloudInit);
	const windows = named(({ needsDriversIso }) => needsDriversIso);
	return [
		...byProfile(
			{
				displayName: 'Disk',
				name: 'diskSource',
				type: 'options',
				// It decides what the panel shows, as Profile does.
				noDataExpression: true,
				options: DISK_CHOICES,
				default: 'new',
			},
			cloud,
			'import',
		),
		exceptFor({ ...imageProperty, displayOptions: { show: { diskSource: ['import'] } } }),
		exceptFor({
			...imageUrlProperty,
			displayOptions: { show: { diskSource: ['url'] } },
		}),
		...besideImage(storageProperty, NEW_VOLUME).map((property) => exceptFor(property)),
		...besideImage(
			{
				displayName: 'Size (GiB)',
				name: 'diskSize',
				type: 'number',
				default: 32,
				placeholder: 'as in the image',
			},
			NEW_VOLUME,
		).flatMap((property) => byProfile(property, windows, 64)),
		exceptFor({ ...isoProperty, required: false, description: 'The image to install from' }, cloud),
		forProfiles(
			{
				displayName: 'Drivers ISO Image',
				name: 'driversIso',
				...locator('searchIsoImages', 'local:iso/virtio-win.iso'),
				description: 'Without VirtIO drivers Windows Setup finds no disk',
			},
			windows,
		),
		exceptFor({
			displayName: 'Bridge',
			name: 'bridge',
			...locator('searchBridges', 'vmbr0, or empty for no network card'),
			default: { mode: 'name', value: 'vmbr0' },
		}),
	];
}

/** An entry of a list, and what its labels begin with. */
export interface FirstDisk {
	readonly entry: Readonly<Record<string, unknown>>;
	readonly prefix: string;
}

/** Reads them as entries of the lists Disks and Network Cards. */
export function readFirstDevices(
	form: Form,
	profile: Profile | undefined,
): { disks: FirstDisk[]; cards: Array<Record<string, unknown>> } {
	const { diskSource = NO_DISK } = form.fields(
		{ diskSource: fields.diskSource },
		{ diskSource: NO_DISK },
	);
	const disks: FirstDisk[] = [];
	if (diskSource !== NO_DISK) {
		disks.push({
			prefix: '',
			entry: {
				source: diskSource,
				imageUrl: form.raw('imageUrl'),
				image: form.raw('image'),
				storage: form.raw('storage'),
				size: form.raw('diskSize'),
			},
		});
	}
	const { iso, driversIso } = form.fields(isoFields, { iso: '', driversIso: '' });
	if (iso !== undefined) disks.push({ prefix: '', entry: { source: 'iso', iso } });
	if (driversIso !== undefined)
		disks.push({ prefix: 'Drivers ', entry: { source: 'iso', iso: driversIso } });
	const { bridge } = form.fields({ bridge: fields.bridge }, { bridge: '' });
	return {
		disks,
		cards:
			bridge === undefined
				? []
				: [{ model: profile?.card ?? 'virtio', bridge, [ENTRY_OPTIONS]: {} }],
	};
}
