import type { INodeProperties } from 'n8n-workflow';

import type { Purpose } from '../../catalogue/catalogue';
import type { Group } from '../../catalogue/fields';
import { lxc } from '../../catalogue/lxc';
import { restore } from '../../catalogue/lxc/source';
import { target } from '../../catalogue/lxc/target';
import { NO_PROFILE } from '../../form/applyProfile';
import {
	alwaysShownProperty,
	exampleOf,
	familyProperty,
	helpOf,
	locator,
	optionalNumber,
	optionCollection,
	optionProperty,
} from '../../form/describeField';
import { withShow } from '../../form/firstDevices';
import { firstVolumeProperties } from '../../form/firstVolume';
import { memoizeByObject } from '../../form/memoizeByObject';
import { groupLists, groupOptions } from '../../form/names';
import { OTHER_PARAMETERS, otherChoices, otherFamilies } from '../../form/otherParameters';
import {
	creationOptions,
	idModeProperty,
	nodeProperty,
	restoreOptions,
	waitProperty,
} from '../../form/sharedProperties';
import { forContainers } from './forContainers';

const { parameters, profiles } = lxc;

/** The profile of a new node. */
const DEFAULT_PROFILE: keyof typeof profiles = 'standard';

const FIELDS = { specifyVm: ['fields'] };
const JSON_MODE = { specifyVm: ['json'] };
const FIXED = { vmIdMode: ['fixed'] };
const NEWEST = { backupSource: ['newest'] };

const only = (property: INodeProperties, show: Record<string, string[]>): INodeProperties => ({
	...property,
	displayOptions: { show },
});

const node = only(nodeProperty, FIELDS);
const nodeBesideJson = only({ ...nodeProperty, required: false }, JSON_MODE);
const placedNode: INodeProperties = {
	...nodeProperty,
	required: false,
	description:
		'The node for the container. If empty, the one with the most free memory among those that have its template, storages and bridges.',
};

const vmIdMode = forContainers(idModeProperty('vmIdMode', 'VM ID'));

const newId: INodeProperties = only(
	{
		displayName: 'Fixed CT ID',
		name: 'vmId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 300',
		description: 'From 100 to 999999999',
	},
	FIXED,
);

/** A restore may take the ID of a container that is there, and overwrite it. */
const restoredId: INodeProperties = only(
	{
		displayName: 'Fixed CT ID',
		name: 'vmId',
		...locator('searchVirtualMachines', '300', 'By ID'),
		default: { mode: 'name', value: '' },
		required: true,
		description: 'A free ID, or the ID of the container to overwrite',
	},
	FIXED,
);

const specifyVm: INodeProperties = {
	displayName: 'Specify Container',
	name: 'specifyVm',
	type: 'options',
	options: [
		{ name: 'Using Fields Below', value: 'fields' },
		{ name: 'Using JSON', value: 'json' },
	],
	default: 'fields',
};

const profileProperty: INodeProperties = {
	displayName: 'Profile',
	name: 'profile',
	type: 'options',
	options: [
		...Object.entries(profiles).map(([value, { label, help }]) => ({
			name: label,
			value,
			description: help,
		})),
		{ name: 'None', value: NO_PROFILE, description: 'Only what you set is sent' },
	],
	default: DEFAULT_PROFILE,
};

/** JSON says all of a container, so a profile adds something to it only if it was chosen. */
const profileProperties: readonly INodeProperties[] = [
	only(profileProperty, FIELDS),
	{ ...profileProperty, default: NO_PROFILE, displayOptions: { hide: FIELDS } },
];

const json = (example: object, description: string): INodeProperties => ({
	displayName: 'JSON',
	name: 'vmJson',
	type: 'json',
	typeOptions: { rows: 6 },
	default: JSON.stringify(example, null, 2),
	description,
	displayOptions: { show: JSON_MODE },
});

const createJson = json(
	{
		ostemplate: 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst',
		hostname: 'web-1',
		memory: 1024,
		rootfs: 'local-lvm:8',
		net0: { name: 'eth0', bridge: 'vmbr0', ip: 'dhcp' },
	},
	'Parameters of the Proxmox API. Devices may be objects. May have node and vmid.',
);
const restoreJson = json(
	{ storage: 'local-lvm', unique: true },
	'Parameters of the Proxmox API. The backup is ostemplate. May have node and vmid.',
);
const updateJson = json(
	{ memory: 2048, net1: { name: 'eth1', bridge: 'vmbr1' } },
	'Parameters of the Proxmox API to change. Devices may be objects.',
);

const template: INodeProperties = only(
	{
		displayName: parameters.ostemplate.label,
		name: 'ostemplate',
		...locator('searchTemplates', parameters.ostemplate.placeholder),
		required: true,
		description: helpOf(parameters.ostemplate),
	},
	FIELDS,
);

/** Host name, cores and memory. @param emptyMeans what Proxmox does where one is left empty */
const basics = (emptyMeans?: string): readonly INodeProperties[] => [
	only(
		{
			displayName: parameters.hostname.label,
			name: 'hostname',
			type: 'string',
			default: '',
			placeholder: emptyMeans ?? exampleOf(parameters.hostname.placeholder),
			description: helpOf(parameters.hostname),
		},
		FIELDS,
	),
	only(optionalNumber('cores', parameters.cores, emptyMeans), FIELDS),
	only(optionalNumber('memory_current', parameters.memory, emptyMeans), FIELDS),
];

const access: readonly INodeProperties[] = [
	only(alwaysShownProperty('password', parameters.password, ''), FIELDS),
	only(alwaysShownProperty('sshkeys', parameters['ssh-public-keys'], ''), FIELDS),
];

const start: INodeProperties = only(
	{
		displayName: parameters.start.label,
		name: 'start',
		type: 'boolean',
		default: false,
		description: helpOf(parameters.start),
	},
	FIELDS,
);

/** Groups with a place of their own, which is not under More Settings. */
const HAND_PLACED: readonly Group[] = [target, restore];

/** What More Settings shows under `additional`, beside the groups of the catalogue. */
const ADDITIONAL = 'additional';

const moreSettings = (groups: readonly Group[]): INodeProperties =>
	only(
		{
			displayName: 'More Settings',
			name: 'moreSettings',
			type: 'multiOptions',
			options: [
				...groups.map(({ label, name: value, help }) => ({
					name: label,
					value,
					...(help === undefined ? {} : { description: help }),
				})),
				{
					name: 'Additional Parameters',
					value: ADDITIONAL,
					description: 'Parameters of the API that this node does not know',
				},
			],
			default: [],
			description: 'Groups of settings to show. Hidden settings are not sent.',
		},
		FIELDS,
	);

const additionalParameters: readonly INodeProperties[] = [
	{ moreSettings: [ADDITIONAL] },
	JSON_MODE,
].map((show) =>
	only(
		{
			displayName: 'Additional Parameters',
			name: 'additionalParameters',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Parameter',
			default: {},
			description: 'Parameters that this node does not know yet. They are sent unchanged.',
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
		},
		show,
	),
);

/** Update has no fields for rare groups, but one list for all of their parameters. */
const otherParameters: INodeProperties = only(
	{
		displayName: 'Other Parameters',
		name: OTHER_PARAMETERS,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Parameter',
		default: {},
		description: 'Features, devices, environment and other rare settings',
		options: [
			{
				displayName: 'Parameter',
				name: 'values',
				values: [
					{
						displayName: 'Parameter',
						name: 'parameter',
						type: 'options',
						options: otherChoices(lxc),
						default: 'features',
					},
					{
						displayName: 'Slot',
						name: 'slot',
						type: 'number',
						default: 0,
						displayOptions: { show: { parameter: otherFamilies(lxc) } },
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. nesting=1',
						description: 'A number, 1 or 0, text, or a property string of a device',
					},
				],
			},
		],
	},
	FIELDS,
);

/** The field Storage says this already. */
const BY_FIELD = 'rootfs_volume';

/** A group's collection and lists, made once so that operations which show the same group share them. */
const propertiesOf = memoizeByObject((group: Group): readonly INodeProperties[] => {
	const options = groupOptions(lxc, group)
		.filter(({ name }) => name !== BY_FIELD)
		.map(optionProperty);
	const collection = optionCollection(group.name, group.label, options);
	const described =
		group.help === undefined ? collection : { ...collection, description: group.help };
	const show: Record<string, string[]> = HAND_PLACED.includes(group)
		? FIELDS
		: { moreSettings: [group.name] };
	return [
		...(options.length === 0 ? [] : [only(described, show)]),
		...groupLists(lxc, group).map((list) => only(familyProperty(list), show)),
	];
});

/** More Settings and its groups. */
const groupProperties = (purpose: Purpose): INodeProperties[] => {
	const groups = lxc.groups[purpose].filter(
		(group) =>
			!HAND_PLACED.includes(group) &&
			propertiesOf(group).length > 0 &&
			!(purpose === 'update' && lxc.untypedOnUpdate.includes(group.name)),
	);
	return [moreSettings(groups), ...groups.flatMap(propertiesOf), ...additionalParameters];
};

/** Which backup to restore. */
const backupSourceProperties: readonly INodeProperties[] = [
	{
		displayName: 'Restore From',
		name: 'backupSource',
		type: 'options',
		options: [
			{ name: 'Backup Archive', value: 'archive', description: 'A backup that you choose' },
			{
				name: 'Newest Backup of a Container',
				value: 'newest',
				description: 'The newest backup, found when the workflow runs',
			},
		],
		default: 'archive',
	},
	{
		displayName: 'Backup Storage',
		name: 'backupStorage',
		...locator('searchBackupStorages', 'local'),
		description: 'The storage with the backups. If empty, all storages of the node are searched.',
		displayOptions: { show: FIELDS },
	},
	{
		displayName: 'Backup Archive',
		name: 'archive',
		...locator('searchBackups', 'local:backup/vzdump-lxc-300-2026_01_02-03_04_05.tar.zst'),
		required: true,
		displayOptions: { show: { ...FIELDS, backupSource: ['archive'] } },
	},
	{
		displayName: 'Backup Of',
		name: 'backupVm',
		...locator('searchBackedUpVms', '300', 'By ID'),
		required: true,
		description: 'The container whose newest backup to restore. It may have been deleted since.',
		displayOptions: { show: NEWEST },
	},
	{
		displayName: 'Not Older Than (Days)',
		name: 'maxAgeDays',
		type: 'number',
		default: 0,
		description: 'Fail without changes if the newest backup is older than this. 0 means no limit.',
		displayOptions: { show: NEWEST },
	},
];

/** What Create asks for. */
export const createProperties: readonly INodeProperties[] = [
	placedNode,
	vmIdMode,
	newId,
	// Before what depends on it: n8n finds the defaults of variants in this order.
	specifyVm,
	...profileProperties,
	createJson,
	template,
	...basics(),
	...firstVolumeProperties.map((property) => withShow(property, FIELDS)),
	...access,
	start,
	...groupProperties('create'),
	waitProperty,
	forContainers(creationOptions),
];

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
	...basics('as in the backup'),
	start,
	...groupProperties('restore'),
	waitProperty,
	forContainers(restoreOptions),
];

/** The settings that Update can change. */
export const changedSettings: readonly INodeProperties[] = [
	specifyVm,
	updateJson,
	...basics('unchanged'),
	...groupProperties('update'),
	otherParameters,
];
