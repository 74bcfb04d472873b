import type { INodeProperties } from 'n8n-workflow';

import { parameters } from '../catalogue';
import type { Group, PickerName } from '../catalogue/fields';
import { familyProperty, helpOf, locator, optionCollection, optionProperty } from './describeField';
import { diskProperty } from './disks';
import { DEFAULT_MAX_POLL_SECONDS, DEFAULT_TIMEOUT_SECONDS, HIGHEST_ID, LOWEST_ID } from './readOptions';
import { familyName, groupOptions, groupsOf, type Operation } from './names';

const resource = ['virtualMachine'];
const when = (
	operations: readonly Operation[],
	more: Record<string, Array<string | boolean>> = {},
): INodeProperties['displayOptions'] => ({
	show: { resource, operation: [...operations], ...more },
});
const shownFor = (property: INodeProperties, display: INodeProperties['displayOptions']): INodeProperties => ({
	...property,
	displayOptions: display,
});

const BOTH: readonly Operation[] = ['create', 'restore'];
const FIELDS = { specifyVm: ['fields'] };
const JSON_MODE = { specifyVm: ['json'] };

/** A resource locator at the top level, from its field in the catalogue. */
const picked = (name: 'node' | 'archive', picker: PickerName): INodeProperties => ({
	displayName: parameters[name].label,
	name,
	...locator(picker, parameters[name].placeholder),
	required: true,
	description: helpOf(parameters[name]),
});

const operationProperty: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource } },
	options: [
		{
			name: 'Create',
			value: 'create',
			description: 'Create a virtual machine',
			action: 'Create a virtual machine',
		},
		{
			name: 'Restore',
			value: 'restore',
			description: 'Restore a virtual machine from a backup',
			action: 'Restore a virtual machine',
		},
	],
	default: 'create',
};

const targetProperties: INodeProperties[] = [
	{ ...picked('node', 'searchNodes'), displayOptions: when(BOTH) },
	{
		displayName: 'VM ID',
		name: 'vmIdMode',
		type: 'options',
		options: [
			{ name: 'Next Free ID', value: 'next', description: 'The lowest ID that the cluster has free' },
			{ name: 'Fixed ID', value: 'fixed', description: 'An ID that you choose' },
		],
		default: 'next',
		displayOptions: when(BOTH),
	},
	{
		displayName: 'Fixed VM ID',
		name: 'vmId',
		...locator('searchVirtualMachines', '100'),
		default: { mode: 'name', value: '' },
		required: true,
		description: `${helpOf(parameters.vmid)} (100 to 999999999). A Restore may take the ID of a VM that it overwrites.`,
		displayOptions: when(BOTH, { vmIdMode: ['fixed'] }),
	},
];

const specifyProperties: INodeProperties[] = [
	{
		displayName: 'Specify VM',
		name: 'specifyVm',
		type: 'options',
		options: [
			{ name: 'Using Fields Below', value: 'fields' },
			{ name: 'Using JSON', value: 'json' },
		],
		default: 'fields',
		displayOptions: when(BOTH),
	},
	{
		displayName: 'JSON',
		name: 'vmJson',
		type: 'json',
		typeOptions: { rows: 6 },
		default: '{\n  "name": "web-1",\n  "cores": 2,\n  "memory": 2048,\n  "scsi0": "local-lvm:32",\n  "net0": { "model": "virtio", "bridge": "vmbr0" }\n}',
		description:
			'The VM by the parameter names of the Proxmox API. Devices as objects or in the form that Proxmox writes them. May hold node and vmid too.',
		displayOptions: when(['create'], JSON_MODE),
	},
	{
		displayName: 'JSON',
		name: 'vmJson',
		type: 'json',
		typeOptions: { rows: 6 },
		default: '{\n  "storage": "local-lvm",\n  "unique": true\n}',
		description:
			'Settings of the restore and of the VM by the parameter names of the Proxmox API. May hold archive, node and vmid too.',
		displayOptions: when(['restore'], JSON_MODE),
	},
	{
		displayName: 'Name',
		name: 'name',
		type: 'string',
		default: '',
		placeholder: parameters.name.placeholder ?? 'web-1',
		description: helpOf(parameters.name),
		displayOptions: when(BOTH, FIELDS),
	},
];

const networkList = familyProperty(
	{ name: familyName('net[n]'), parameter: 'net[n]', field: parameters['net[n]'] },
	parameters['net[n]'],
);

/** The groups of all operations in the editor's order; one that differs between them stands once for each. */
const allGroups = (): Group[] => {
	const order = [...groupsOf.restore, ...groupsOf.create].map(({ name }) => name);
	return [...new Set([...groupsOf.restore, ...groupsOf.create])].sort(
		(a, b) => order.indexOf(a.name) - order.indexOf(b.name),
	);
};

/** The groups as collections; none where all fields stand by themselves. */
const groupProperties = (): INodeProperties[] =>
	allGroups().flatMap((group) => {
		const options = groupOptions(group).map(optionProperty);
		if (options.length === 0) return [];
		const operations = BOTH.filter((operation) => groupsOf[operation].includes(group));
		const collection = optionCollection(group.name, group.label, options, when(operations, FIELDS));
		return [group.help === undefined ? collection : { ...collection, description: group.help }];
	});

const additionalParameters: INodeProperties = {
	displayName: 'Additional Parameters',
	name: 'additionalParameters',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Parameter',
	default: {},
	description: 'Parameters of the Proxmox API that are newer than this node. They are sent as they are.',
	options: [
		{
			displayName: 'Parameter',
			name: 'values',
			values: [
				{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'cores' },
				{ displayName: 'Value', name: 'value', type: 'string', default: '' },
			],
		},
	],
	displayOptions: when(BOTH),
};

const waitProperties: INodeProperties[] = [
	{
		displayName: 'Wait for Completion',
		name: 'waitForCompletion',
		type: 'boolean',
		default: true,
		description: 'Whether to go on only when Proxmox has finished the task, and to fail where the task fails',
		displayOptions: when(BOTH),
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Highest VM ID',
				name: 'highestVmId',
				type: 'number',
				typeOptions: { minValue: LOWEST_ID, maxValue: HIGHEST_ID, numberPrecision: 0 },
				default: HIGHEST_ID,
				description: 'The next free ID is not above this one',
			},
			{
				displayName: 'Idempotency Key',
				name: 'idempotencyKey',
				type: 'string',
				default: '',
				placeholder: '{{ $json.body.order }}',
				description:
					'Text that is the same whenever the same VM is meant, such as the delivery ID of a webhook. The VM keeps a mark of it in its notes, and Next Free ID draws its ID from it. With If VM Exists → Return It a second call makes no second VM.',
			},
			{
				displayName: 'If VM Exists',
				name: 'ifExists',
				type: 'options',
				options: [
					{ name: 'Fail', value: 'fail' },
					{ name: 'Return It', value: 'return', description: 'If it carries the Idempotency Key, else fail' },
					{ name: 'Take Another ID', value: 'takeAnother' },
				],
				default: 'fail',
				description: 'What to do where a VM has the ID already',
			},
			{
				displayName: 'Longest Pause Between Checks (Seconds)',
				name: 'maxPollInterval',
				type: 'number',
				typeOptions: { minValue: 0.1, numberPrecision: 1 },
				default: DEFAULT_MAX_POLL_SECONDS,
				description: 'The task is looked at often at first and ever more rarely, up to this pause',
			},
			{
				displayName: 'Lowest VM ID',
				name: 'lowestVmId',
				type: 'number',
				typeOptions: { minValue: LOWEST_ID, maxValue: HIGHEST_ID, numberPrecision: 0 },
				default: LOWEST_ID,
				description: 'The next free ID is not below this one',
			},
			{
				displayName: 'Preview',
				name: 'preview',
				type: 'boolean',
				default: true,
				description: 'Whether to show the request and the equal pvesh command, and send nothing',
			},
			{
				displayName: 'Stop Task on Cancel',
				name: 'stopOnCancel',
				type: 'boolean',
				default: true,
				description: 'Whether to stop the task in Proxmox too when the execution is cancelled. What a stopped restore leaves behind stays.',
			},
			{
				displayName: 'Timeout (Seconds)',
				name: 'timeout',
				type: 'number',
				typeOptions: { minValue: 1, numberPrecision: 0 },
				default: DEFAULT_TIMEOUT_SECONDS,
				description: 'How long to wait for the task, and as long again for the start. They go on in Proxmox when the time is over.',
			},
			{
				displayName: 'Wait for IP Addresses (Seconds)',
				name: 'waitForIp',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 0 },
				default: 120,
				description:
					'How long to wait until the guest agent tells the IP addresses of the VM, once it runs. Needs Start After Creation, and the agent in the guest.',
			},
		],
		displayOptions: when(BOTH),
	},
];

const resourceProperty: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [{ name: 'Virtual Machine', value: 'virtualMachine' }],
	default: 'virtualMachine',
};

const authenticationProperty: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'options',
	options: [
		{ name: 'API Token', value: 'apiToken' },
		{ name: 'User and Password', value: 'ticket', description: 'For what Proxmox lets only root@pam do' },
	],
	default: 'apiToken',
};

/** All properties of the node, in the order in which the editor shows them. */
export const properties: INodeProperties[] = [
	authenticationProperty,
	resourceProperty,
	operationProperty,
	...targetProperties,
	{ ...picked('archive', 'searchBackups'), displayOptions: when(['restore'], FIELDS) },
	...specifyProperties,
	shownFor(diskProperty(), when(['create'], FIELDS)),
	shownFor(networkList, when(BOTH, FIELDS)),
	...groupProperties(),
	additionalParameters,
	...waitProperties,
];
