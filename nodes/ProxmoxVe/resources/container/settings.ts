import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Group } from '../../catalogue/fields';
import { lxc } from '../../catalogue/lxc';
import { isolation } from '../../catalogue/lxc/isolation';
import { restore, source } from '../../catalogue/lxc/source';
import { system } from '../../catalogue/lxc/system';
import { volumes } from '../../catalogue/lxc/volumes';
import {
	alwaysShownProperty,
	familyProperty,
	helpOf,
	locator,
	optionCollection,
	optionProperty,
} from '../../form/describeField';
import { firstVolumeProperties } from '../../form/firstVolume';
import { propertyInWordsOf } from '../../form/inWordsOf';
import { memoizeByObject } from '../../form/memoizeByObject';
import { groupLists, groupOptions } from '../../form/names';
import { TEMPLATE_STORAGE, templateLocator, templateStorageField } from '../../form/readTemplate';
import { creationOptions, restoreOptions } from '../../form/sharedProperties';
import { guestKinds } from '../../guests/kinds';
import {
	backupSourceProperties,
	basicsOf,
	clonedNetwork,
	disksToGrow,
	FIELDS,
	FIELDS_OF_CREATE,
	groupProperties,
	JSON_OF_CREATE,
	json,
	node,
	nodeBesideJson,
	only,
	otherParameters,
	profileProperties,
	restoredId,
	shownBy,
	specifyVm,
	start,
	startAfterCloning,
	vmIdMode,
} from '../virtualMachine/settings';

const { parameters, profiles } = lxc;

/** What is waited for with a guest agent, which containers do not have. */
const BY_AGENT = ['agent', 'cloudInit'];
/** A failed restore of a container leaves nothing behind. */
const ONLY_FOR_VMS = ['cleanUp'];

const isOption = (one: unknown): one is INodeProperties =>
	typeof one === 'object' && one !== null && 'type' in one;

/** A property of operations on VMs for those on containers: in their words, without what they do not have. */
export function forContainers(property: INodeProperties): INodeProperties {
	const options = property.options
		?.filter((one) => !(isOption(one) && ONLY_FOR_VMS.includes(one.name)))
		.map((one) => {
			if (!isOption(one)) return one;
			if (one.name !== 'waitUntil') return one;
			return {
				...one,
				options: one.options?.filter(
					(choice) => !BY_AGENT.includes(String((choice as INodePropertyOptions).value)),
				),
				description: 'By default Task Finished',
			};
		});
	return propertyInWordsOf(guestKinds.lxc, {
		...property,
		...(options === undefined ? {} : { options: options as INodeProperties['options'] }),
	});
}

/** The profile of a new node. */
const DEFAULT_PROFILE: keyof typeof profiles = 'standard';

const { profile: profileProperty, jsonProfile } = profileProperties(profiles, DEFAULT_PROFILE);

const createJson = json(
	{
		ostemplate: 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst',
		hostname: 'web-1',
		memory: 1024,
		rootfs: 'local-lvm:8',
		net0: { name: 'eth0', bridge: 'vmbr0', ip: 'dhcp' },
	},
	'Parameters of the Proxmox API. Devices may be objects. May include node and vmid.',
	JSON_OF_CREATE,
);
const restoreJson = json(
	{ storage: 'local-lvm', unique: true },
	'Parameters of the Proxmox API. The backup is ostemplate. May include node and vmid.',
);
const updateJson = json(
	{ memory: 2048, net1: { name: 'eth1', bridge: 'vmbr1' } },
	'Parameters of the Proxmox API to change. Devices may be objects.',
);

const template: INodeProperties = {
	displayName: parameters.ostemplate.label,
	name: 'ostemplate',
	...templateLocator(parameters.ostemplate.placeholder),
	required: true,
	description: helpOf(parameters.ostemplate),
	displayOptions: FIELDS_OF_CREATE,
};

const templateStorage = only(
	alwaysShownProperty(TEMPLATE_STORAGE, templateStorageField, { mode: 'list', value: '' }),
	shownBy(source),
);

const basics = basicsOf(lxc, parameters.cores, parameters.memory);

const access: readonly INodeProperties[] = [
	alwaysShownProperty('password', parameters.password, ''),
	alwaysShownProperty('sshkeys', parameters['ssh-public-keys'], ''),
].map((property) => ({ ...property, displayOptions: FIELDS_OF_CREATE }));

const specifyContainer = forContainers(specifyVm);

/** Proxmox manages them itself; JSON may have them. */
const UNUSED = 'unusedList';
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
	const show = shownBy(group);
	return [
		...(options.length === 0 ? [] : [only(described, show)]),
		...groupLists(lxc, group)
			.filter(({ name }) => name !== UNUSED)
			.map((list) => only(familyProperty(list), show)),
	];
});

/** What a restore seldom changes is set by JSON only: a type definition stays small enough for models. */
const ONLY_IN_JSON: readonly Group[] = [volumes, isolation, system];

const BACKUP = 'local:backup/vzdump-lxc-300-2026_01_02-03_04_05.tar.zst';

/** Those of VMs, with an example of a container. */
const backupProperties = backupSourceProperties.map((property) =>
	forContainers(
		property.name === 'archive' ? { ...property, ...locator('searchBackups', BACKUP) } : property,
	),
);

/** What Create asks for. */
export const createProperties: readonly INodeProperties[] = [
	// Before what depends on it: n8n finds the defaults of variants in this order.
	profileProperty,
	createJson,
	jsonProfile,
	template,
	...basics(FIELDS_OF_CREATE),
	...firstVolumeProperties,
	...access,
	start(FIELDS_OF_CREATE, helpOf(parameters.start)),
	...groupProperties(lxc, 'create', (group) =>
		group === source ? [templateStorage, ...propertiesOf(group)] : propertiesOf(group),
	),
	forContainers(creationOptions),
];

/** What Restore asks for. */
export const restoreProperties: readonly INodeProperties[] = [
	node,
	nodeBesideJson,
	forContainers(vmIdMode),
	forContainers(restoredId),
	...backupProperties,
	specifyContainer,
	restoreJson,
	...propertiesOf(restore),
	...basics({ show: FIELDS }, 'as in the backup'),
	start({ show: FIELDS }, helpOf(parameters.start)),
	...groupProperties(lxc, 'restore', (group) =>
		ONLY_IN_JSON.includes(group) ? [] : propertiesOf(group),
	),
	forContainers(restoreOptions),
];

const FIRST_OTHER = { parameter: 'features', example: 'nesting=1' };

/** The settings that Update can change. */
export const changedSettings: readonly INodeProperties[] = [
	specifyContainer,
	updateJson,
	...basics({ show: FIELDS }, 'unchanged'),
	...groupProperties(lxc, 'update', propertiesOf),
	otherParameters(lxc, 'Features, devices, environment and other rare settings', FIRST_OTHER),
];

/** The settings that Clone can change of the clone. */
export const clonedSettings: readonly INodeProperties[] = [
	specifyContainer,
	updateJson,
	...basics({ show: FIELDS }, 'unchanged').filter(({ name }) => name !== 'hostname'),
	...clonedNetwork('For the first network card, or dhcp'),
	otherParameters(lxc, 'All other settings of the clone', FIRST_OTHER, true),
	forContainers(disksToGrow('rootfs')),
	startAfterCloning,
];
