import type { INodeProperties } from 'n8n-workflow';

import type { Catalogue, Purpose } from '../../catalogue/catalogue';
import type { Group, IntegerField, TextField } from '../../catalogue/fields';
import { qemu } from '../../catalogue/qemu';
import { disks } from '../../catalogue/qemu/disks';
import { network } from '../../catalogue/qemu/network';
import { restore } from '../../catalogue/qemu/restore';
import {
	alwaysShownProperty,
	exampleOf,
	familyProperty,
	helpOf,
	locator,
	optionalNumber,
	optionCollection,
	optionProperty,
	plainProperties,
} from '../../form/describeField';
import { ALLOWED_GUESTS } from '../../form/allowedGuestsProperties';
import { JSON_PROFILE, NO_PROFILE } from '../../form/applyProfile';
import { diskProperty } from '../../form/disks';
import { besideImage, firstDeviceProperties } from '../../form/firstDevices';
import { SEED, SEED_LABEL, seedFields } from '../../form/readSeed';
import { OTHER_PARAMETERS, otherChoices, otherFamilies } from '../../form/otherParameters';
import { IMAGE_DOWNLOAD, IMAGE_DOWNLOAD_LABEL, imageDownloadFields } from '../../form/imageFields';
import { memoizeByObject } from '../../form/memoizeByObject';
import { groupLists, groupOptions } from '../../form/names';
import {
	creationOptions,
	idModeProperty,
	nodeProperty,
	restoreOptions,
} from '../../form/sharedProperties';

/** The profile of a new node. */
const DEFAULT_PROFILE: keyof typeof qemu.profiles = 'linuxCloudImage';

type Show = Record<string, string[]>;
export type Display = NonNullable<INodeProperties['displayOptions']>;

export const FIELDS: Show = { specifyVm: ['fields'] };
export const JSON_MODE: Show = { specifyVm: ['json'] };
/** Create has JSON as a profile, which saves its panel a field. */
export const FIELDS_OF_CREATE: Display = { hide: { profile: [JSON_PROFILE] } };
export const JSON_OF_CREATE: Show = { profile: [JSON_PROFILE] };

export const only = (property: INodeProperties, show: Show): INodeProperties => ({
	...property,
	displayOptions: { show },
});

export const vmIdMode = idModeProperty('vmIdMode', 'VM ID');

const FIXED = { vmIdMode: ['fixed'] };

/** A restore may take the ID of a VM that is there, and overwrite it. */
export const restoredId: INodeProperties = only(
	{
		displayName: 'Fixed VM ID',
		name: 'vmId',
		...locator('searchVirtualMachines', '100', 'By ID'),
		default: { mode: 'name', value: '' },
		required: true,
		description: 'The ID of the restored VM: a free ID, or the ID of the VM to overwrite',
	},
	FIXED,
);

/** JSON may say where the VM goes, so n8n must not insist on the field. */
export const node = only(nodeProperty, FIELDS);
export const nodeBesideJson = only({ ...nodeProperty, required: false }, JSON_MODE);

/**
 * The profile of a new guest, JSON among them, and that for JSON: JSON says all of a guest, so a profile adds something
 * to it only if it was chosen.
 * @param helps of the two fields
 */
export function profileProperties(
	profiles: Catalogue['profiles'],
	byDefault: string,
	helps: { readonly profile?: string; readonly json?: string } = {},
): { readonly profile: INodeProperties; readonly jsonProfile: INodeProperties } {
	const choices = [
		...Object.entries(profiles).map(([value, { label, help }]) => ({
			name: label,
			value,
			description: help,
		})),
		{ name: 'None', value: NO_PROFILE, description: 'Only what you set is sent' },
	];
	const described = (property: INodeProperties, description?: string): INodeProperties =>
		description === undefined ? property : { ...property, description };
	return {
		profile: described(
			{
				displayName: 'Profile',
				name: 'profile',
				type: 'options',
				// It decides what the panel shows, with an expression everything twice.
				noDataExpression: true,
				options: [
					...choices,
					{ name: 'JSON', value: JSON_PROFILE, description: 'One JSON object instead of fields' },
				],
				default: byDefault,
			},
			helps.profile,
		),
		jsonProfile: only(
			described(
				{
					displayName: 'Profile for JSON',
					name: 'jsonProfile',
					type: 'options',
					options: choices,
					default: NO_PROFILE,
				},
				helps.json,
			),
			JSON_OF_CREATE,
		),
	};
}

const { profile: profileProperty, jsonProfile } = profileProperties(
	qemu.profiles,
	DEFAULT_PROFILE,
	{
		profile: 'What the guest needs to boot. Your settings override it.',
		json: 'What to add to the JSON',
	},
);

export const specifyVm: INodeProperties = {
	displayName: 'Specify VM',
	name: 'specifyVm',
	type: 'options',
	options: [
		{ name: 'Using Fields Below', value: 'fields' },
		{ name: 'Using JSON', value: 'json' },
	],
	default: 'fields',
};

export const json = (example: object, description: string, show = JSON_MODE): INodeProperties => ({
	displayName: 'JSON',
	name: 'vmJson',
	type: 'json',
	typeOptions: { rows: 6 },
	default: JSON.stringify(example, null, 2),
	description,
	displayOptions: { show },
});

const createJson = json(
	{
		name: 'web-1',
		cores: 2,
		memory: 2048,
		scsi0: 'local-lvm:32',
		net0: { model: 'virtio', bridge: 'vmbr0' },
	},
	'Parameters of the Proxmox API. Devices may be objects. May include node and vmid.',
	JSON_OF_CREATE,
);
const restoreJson = json(
	{ storage: 'local-lvm', unique: true },
	'Parameters of the Proxmox API. Devices may be objects. May include archive, node and vmid.',
);
const updateJson = json(
	{ cores: 4, net1: { model: 'virtio', bridge: 'vmbr1' } },
	'Parameters of the Proxmox API to change. Devices may be objects.',
);

/** @returns a function that gives name, cores and memory. Its `emptyMeans`: what Proxmox does where one is left empty; the example or default for a new guest */
export const basicsOf =
	({ parameters, name }: Catalogue, cores: IntegerField, memory: IntegerField) =>
	(displayOptions: Display, emptyMeans?: string): readonly INodeProperties[] => {
		const field = parameters[name] as TextField;
		return [
			{
				...alwaysShownProperty(name, field, ''),
				placeholder: emptyMeans ?? exampleOf(field.placeholder),
				displayOptions,
			},
			{ ...optionalNumber('cores', cores, emptyMeans), displayOptions },
			{ ...optionalNumber('memory_current', memory, emptyMeans), displayOptions },
		];
	};

const basics = basicsOf(qemu, qemu.parameters.cores, qemu.parameters.memory.fields.current);

/** Where label and placeholder say enough: to n8n's editor a help is an eighth of a field when the panel opens. */
const withoutHelp = (property: INodeProperties): INodeProperties => ({
	...property,
	description: undefined,
});

export const start = (displayOptions: Display, description?: string): INodeProperties => ({
	displayName: qemu.parameters.start.label,
	name: 'start',
	type: 'boolean',
	default: false,
	...(description === undefined ? {} : { description }),
	displayOptions,
});

/** The password has no field of its own, so the help of the keys says where it is. */
const withPassword = (property: INodeProperties): INodeProperties =>
	property.name === 'sshkeys'
		? { ...property, description: `${property.description}. Password: More Settings → Cloud-Init.` }
		: { ...withoutHelp(property), placeholder: 'as in the image' };

/** The fields of Create that only guests with cloud-init need. */
const cloudInitProperties: readonly INodeProperties[] = (['ciuser', 'sshkeys'] as const).flatMap(
	(parameter) =>
		besideImage(
			only(withPassword(alwaysShownProperty(parameter, qemu.parameters[parameter], '')), {
				profile: Object.entries(qemu.profiles)
					.filter(([, { hasCloudInit }]) => hasCloudInit)
					.map(([value]) => value),
			}),
		),
);

/** Groups with a place of their own, which is not under More Settings. */
const HAND_PLACED = ['target', 'restore'];

/** What More Settings shows under `additional`, beside the groups of the catalogue. */
const ADDITIONAL = 'additional';

interface Extra {
	readonly name: string;
	readonly value: string;
	readonly description: string;
}

/** Only Create has it there: the panels of others are shorter. */
const allowedGuests: Extra = {
	name: 'Allowed Guests',
	value: ALLOWED_GUESTS,
	description: 'The guests that the node may access',
};

/** @param extras groups of settings that are no parameters of the API */
const moreSettings = (
	groups: readonly Group[],
	displayOptions: Display,
	extras: readonly Extra[] = [],
): INodeProperties => ({
	displayName: 'More Settings',
	name: 'moreSettings',
	type: 'multiOptions',
	noDataExpression: true,
	options: [
		...groups.map(({ label, name: value, help }) => ({
			name: label,
			value,
			description: help,
		})),
		...extras,
		{
			name: 'Additional Parameters',
			value: ADDITIONAL,
			description: 'Parameters of the API that this node does not know',
		},
	],
	default: [],
	description: 'Groups to show. Hidden settings are not sent.',
	displayOptions,
});

const additionalParameters: INodeProperties = {
	displayName: 'Additional Parameters',
	name: 'additionalParameters',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Parameter',
	default: {},
	description: 'Sent unchanged',
	options: [
		{
			displayName: 'Parameter',
			name: 'values',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. cores',
				},
				{ displayName: 'Value', name: 'value', type: 'string', default: '' },
			],
		},
	],
};

/**
 * Update and Clone have no fields for rare settings, but one list for all of them.
 * A new entry has the parameter `first`, and shows the example.
 */
export const otherParameters = (
	catalogue: Catalogue,
	description: string,
	{ parameter: first, example }: { readonly parameter: string; readonly example: string },
	isOfClone = false,
): INodeProperties =>
	only(
		{
			displayName: 'Other Parameters',
			name: OTHER_PARAMETERS,
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Parameter',
			default: {},
			description,
			options: [
				{
					displayName: 'Parameter',
					name: 'values',
					values: [
						{
							displayName: 'Parameter',
							name: 'parameter',
							type: 'options',
							options: otherChoices(catalogue, isOfClone),
							default: first,
						},
						{
							displayName: 'Slot',
							name: 'slot',
							type: 'number',
							default: 0,
							displayOptions: { show: { parameter: otherFamilies(catalogue, isOfClone) } },
						},
						{
							displayName: 'Value',
							name: 'value',
							type: 'string',
							default: '',
							placeholder: exampleOf(example),
							description: 'A number, 1 or 0, text, or a property string of a device',
						},
					],
				},
			],
		},
		FIELDS,
	);

const FIRST_OTHER = { parameter: 'balloon', example: 'type=virtio,memory=32' };

const shownUnder = ({ name }: Group): Show => ({ moreSettings: [name] });

/** When a group is shown. */
export const shownBy = (group: Group): Show =>
	HAND_PLACED.includes(group.name) ? FIELDS : shownUnder(group);

/** The lists of a group, made once so that operations share them. */
const listsOf = memoizeByObject((group: Group): readonly INodeProperties[] =>
	groupLists(qemu, group).map((list) => only(familyProperty(list), shownUnder(group))),
);

/** A group's collection and lists, made once so that operations which show the same group share them. */
const propertiesOf = memoizeByObject((group: Group): readonly INodeProperties[] => {
	const options = groupOptions(qemu, group).map(optionProperty);
	const collection = optionCollection(group.name, group.label, options);
	// More Settings has the help of the group.
	return [...(options.length === 0 ? [] : [only(collection, shownBy(group))]), ...listsOf(group)];
});

/** Beside the fields for one disk and one card. */
const diskList = { ...only(diskProperty(qemu), shownUnder(disks)), displayName: 'More Disks' };
const netList = listsOf(network).map((list) => ({ ...list, displayName: 'More Network Cards' }));
const diskListOfUpdate = only(diskProperty(qemu, true), FIELDS);
const netListOfUpdate = listsOf(network).map((list) => only(list, FIELDS));

/**
 * More Settings and its groups.
 * @param propertiesOf of each group; one without any is left out
 * @param extras groups of settings that are no parameters of the API
 */
export const groupProperties = (
	{ groups: all, untypedOnUpdate }: Catalogue,
	purpose: Purpose,
	propertiesOf: (group: Group) => readonly INodeProperties[],
	extras: readonly Extra[] = [],
): INodeProperties[] => {
	const groups = all[purpose].filter(
		(group) =>
			!HAND_PLACED.includes(group.name) &&
			!(purpose === 'update' && untypedOnUpdate.includes(group.name)) &&
			propertiesOf(group).length > 0,
	);
	const isCreate = purpose === 'create';
	return [
		isCreate
			? moreSettings(groups, FIELDS_OF_CREATE, [...extras, allowedGuests])
			: moreSettings(groups, { show: FIELDS }, extras),
		...groups.flatMap(propertiesOf),
		only(additionalParameters, { moreSettings: [ADDITIONAL] }),
		only(additionalParameters, isCreate ? JSON_OF_CREATE : JSON_MODE),
	];
};

const NEWEST = { backupSource: ['newest'] };

const backupSource: INodeProperties = {
	displayName: 'Restore From',
	name: 'backupSource',
	type: 'options',
	options: [
		{ name: 'Backup Archive', value: 'archive', description: 'A backup that you choose' },
		{
			name: 'Newest Backup of a VM',
			value: 'newest',
			description: 'The newest backup, found when the workflow runs',
		},
	],
	default: 'archive',
};

const backupStorage: INodeProperties = {
	displayName: 'Backup Storage',
	name: 'backupStorage',
	...locator('searchBackupStorages', 'local'),
	description: 'If empty, all storages of the node are searched',
	displayOptions: { show: FIELDS },
};
const backupStorageBesideJson: INodeProperties = {
	...backupStorage,
	displayOptions: { show: { specifyVm: ['json'], ...NEWEST } },
};

const archive: INodeProperties = {
	displayName: qemu.parameters.archive.label,
	name: 'archive',
	...locator('searchBackups', qemu.parameters.archive.placeholder),
	required: true,
	description: helpOf(qemu.parameters.archive),
	displayOptions: { show: { ...FIELDS, backupSource: ['archive'] } },
};

const backupVm: INodeProperties = {
	displayName: 'Backup Of',
	name: 'backupVm',
	...locator('searchBackedUpVms', '100', 'By ID'),
	required: true,
	description: 'The VM whose newest backup to restore',
	displayOptions: { show: NEWEST },
};

const maxAgeDays: INodeProperties = {
	displayName: 'Not Older Than (Days)',
	name: 'maxAgeDays',
	type: 'number',
	default: 0,
	description: 'Fail if the newest backup is older. 0 means no limit.',
	displayOptions: { show: NEWEST },
};

/** Which backup to restore. */
export const backupSourceProperties: readonly INodeProperties[] = [
	backupSource,
	backupStorage,
	backupStorageBesideJson,
	archive,
	backupVm,
	maxAgeDays,
];

/** What is rarely set of an image from a URL. */
const imageDownload: INodeProperties = optionCollection(
	IMAGE_DOWNLOAD,
	IMAGE_DOWNLOAD_LABEL,
	plainProperties(Object.entries(imageDownloadFields)),
	{ show: { moreSettings: [IMAGE_DOWNLOAD] } },
);

/** The user's own cloud-init files, in place of the cloud-init drive of Proxmox. */
const cloudInitFiles = (displayOptions?: Display): INodeProperties =>
	optionCollection(SEED, SEED_LABEL, plainProperties(Object.entries(seedFields)), displayOptions);

/** What Create asks for. */
export const createProperties: readonly INodeProperties[] = [
	// Before what depends on it: n8n finds the defaults of variants in this order.
	profileProperty,
	createJson,
	jsonProfile,
	...basics(FIELDS_OF_CREATE).map(withoutHelp),
	...firstDeviceProperties(qemu.profiles),
	...cloudInitProperties,
	start(FIELDS_OF_CREATE),
	...groupProperties(
		qemu,
		'create',
		(group) =>
			group === network
				? netList
				: group === disks
					? [diskList, ...propertiesOf(group)]
					: propertiesOf(group),
		[
			{
				name: IMAGE_DOWNLOAD_LABEL,
				value: IMAGE_DOWNLOAD,
				description: 'Checksum, file name and storage of an image from a URL',
			},
			{
				name: SEED_LABEL,
				value: SEED,
				description: 'Your own user data and network configuration, as an ISO image',
			},
		],
	),
	imageDownload,
	cloudInitFiles({ show: { moreSettings: [SEED] } }),
	creationOptions,
];

const startWhenComplete = start(
	{ show: FIELDS },
	'Whether to start the VM as soon as its disks are complete',
);

/** What Restore asks for. */
export const restoreProperties: readonly INodeProperties[] = [
	node,
	nodeBesideJson,
	vmIdMode,
	restoredId,
	...backupSourceProperties,
	specifyVm,
	restoreJson,
	...propertiesOf(restore),
	...basics({ show: FIELDS }, 'as in the backup'),
	startWhenComplete,
	...groupProperties(qemu, 'restore', propertiesOf),
	restoreOptions,
];

/** The settings that Update can change. */
export const changedSettings: readonly INodeProperties[] = [
	specifyVm,
	updateJson,
	...basics({ show: FIELDS }, 'unchanged'),
	diskListOfUpdate,
	...netListOfUpdate,
	...groupProperties(qemu, 'update', (group) => (group === network ? [] : propertiesOf(group))),
	otherParameters(qemu, 'Firmware, display, passthrough and other rare settings', FIRST_OTHER),
];

const otherParametersOfNew = otherParameters(qemu, 'All other settings', FIRST_OTHER, true);

/** The settings that Import can set in place of those of the file. */
export const importedSettings: readonly INodeProperties[] = [
	specifyVm,
	updateJson,
	...basics({ show: FIELDS }, 'unchanged'),
	otherParametersOfNew,
	startWhenComplete,
];

/** A field of Clone that is a text of the API. */
const cloneText = (
	name: string,
	displayName: string,
	placeholder: string,
	description?: string,
): INodeProperties =>
	only(
		{
			displayName,
			name,
			type: 'string',
			default: '',
			placeholder: exampleOf(placeholder),
			...(description === undefined ? {} : { description }),
		},
		FIELDS,
	);

/** The fields of Clone for the first network card. @param help of the address */
export const clonedNetwork = (
	help: string,
	...between: readonly INodeProperties[]
): readonly INodeProperties[] => [
	only(
		{
			displayName: 'Bridge',
			name: 'bridge',
			...locator('searchBridges', 'vmbr0'),
			description: 'For the first network card',
		},
		FIELDS,
	),
	...between,
	cloneText('ipAddress', 'IPv4 Address', '192.0.2.10/24', help),
	cloneText('gateway', 'IPv4 Gateway', '192.0.2.1'),
];

/** @param disk the first one, such as scsi0 */
export const disksToGrow = (disk: string): INodeProperties => ({
	displayName: 'Disks to Grow',
	name: 'growDisks',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Disk',
	default: {},
	options: [
		{
			displayName: 'Disk',
			name: 'values',
			values: [
				{
					displayName: 'Disk',
					name: 'disk',
					type: 'string',
					default: disk,
				},
				{
					displayName: 'Size (GiB)',
					name: 'size',
					type: 'number',
					default: 32,
					description: 'The new size',
				},
			],
		},
	],
});

export const startAfterCloning: INodeProperties = {
	displayName: 'Start After Cloning',
	name: 'start',
	type: 'boolean',
	default: false,
	description: 'Whether to start the clone',
};

/** The settings that Clone can change of the clone. */
export const clonedSettings: readonly INodeProperties[] = [
	specifyVm,
	updateJson,
	...basics({ show: FIELDS }, 'unchanged').filter(({ name }) => name !== 'name'),
	...clonedNetwork(
		'For the first network card, or dhcp. Needs a cloud-init drive.',
		...(['ciuser', 'cipassword', 'sshkeys'] as const).map((parameter) =>
			only(alwaysShownProperty(parameter, qemu.parameters[parameter], ''), FIELDS),
		),
	),
	otherParametersOfNew,
	cloudInitFiles(),
	disksToGrow('scsi0'),
	startAfterCloning,
];
