import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { qemu } from '../catalogue/qemu';
import { alphabetically } from './alphabetically';
import { exampleOf, helpOf, locator } from './describeField';
import {
	DEFAULT_MAX_PARALLEL,
	DEFAULT_MAX_POLL_SECONDS,
	DEFAULT_READY_SECONDS,
	DEFAULT_TIMEOUT_SECONDS,
	HIGHEST_ID,
	LOWEST_ID,
} from './limits';

/** The node of the cluster to work on. */
export const nodeProperty: INodeProperties = {
	displayName: qemu.parameters.node.label,
	name: 'node',
	...locator('searchNodes', qemu.parameters.node.placeholder),
	required: true,
	description: helpOf(qemu.parameters.node),
};

const byId = locator('searchVirtualMachines', '100', 'By ID');

/** The VM to work on. Its node is looked up: VMs move. */
export const vmProperty: INodeProperties = {
	displayName: 'Virtual Machine',
	name: 'vm',
	...byId,
	modes: [
		...(byId.modes ?? []),
		{ displayName: 'By Name', name: 'name', type: 'string', placeholder: exampleOf('web-01') },
		{ displayName: 'By Tag', name: 'tag', type: 'string', placeholder: exampleOf('golden-image') },
	],
	required: true,
};

/** The same where it may be a container. */
export const guestProperty: INodeProperties = {
	...vmProperty,
	displayName: 'Guest',
	description: 'A VM or container',
};

/** How a new guest gets its ID. */
export const idModeProperty = (name: string, displayName: string): INodeProperties => ({
	displayName,
	name,
	type: 'options',
	options: [
		{
			name: 'Next Free ID',
			value: 'next',
			description: 'The lowest free ID. With 10 items or more, IDs start at a random higher one.',
		},
		{ name: 'Fixed ID', value: 'fixed', description: 'An ID that you choose' },
	],
	default: 'next',
});

/** Whether to wait for the task that an operation starts. */
export const waitProperty: INodeProperties = {
	displayName: 'Wait for Completion',
	name: 'waitForCompletion',
	type: 'boolean',
	default: true,
};

export const maxPollInterval: INodeProperties = {
	displayName: 'Max Poll Interval (Seconds)',
	name: 'maxPollInterval',
	type: 'number',
	default: DEFAULT_MAX_POLL_SECONDS,
};

const timeout: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	default: DEFAULT_TIMEOUT_SECONDS,
	description: 'The task continues',
};

/** Of long tasks. */
export const stopOnCancelOption: INodeProperties = {
	displayName: 'Stop Task on Cancel',
	name: 'stopOnCancel',
	type: 'boolean',
	default: true,
};

/** Show the request of an operation in place of sending it. */
export const previewOption: INodeProperties = {
	displayName: 'Preview',
	name: 'preview',
	type: 'boolean',
	default: true,
	description: 'Whether to only return the request',
};

const waitUntil: INodeProperties = {
	displayName: 'Wait Until',
	name: 'waitUntil',
	type: 'options',
	options: [
		{
			name: 'Cloud-Init Finished',
			value: 'cloudInit',
			description: 'The first boot is set up; returns the IP addresses too',
		},
		{
			name: 'Guest Agent Answers',
			value: 'agent',
			description: 'Commands can be executed in the guest',
		},
		{
			name: 'IP Address',
			value: 'ip',
			description: 'Each network card has an address; returns them',
		},
		{ name: 'Nothing', value: 'nothing', description: 'The task is only started' },
		{ name: 'Running', value: 'running', description: 'The VM is turned on' },
		{
			name: 'Task Finished',
			value: 'task',
			description: 'And the VM is running, if it is started',
		},
	],
	default: 'ip',
	description: 'By default Task Finished. Some need the guest agent.',
};

const readyTimeout: INodeProperties = {
	displayName: 'Ready Timeout (Seconds)',
	name: 'readyTimeout',
	type: 'number',
	default: DEFAULT_READY_SECONDS,
	description: 'After the start. 0 checks once.',
};

const ipVersion: INodeProperties = {
	displayName: 'IP Version',
	name: 'ipVersion',
	type: 'options',
	options: [
		{ name: 'Either', value: 'either' },
		{ name: 'IPv4', value: 'ipv4' },
		{ name: 'IPv6', value: 'ipv6' },
	],
	default: 'ipv4',
};

const ifNotReady: INodeProperties = {
	displayName: 'If Not Ready',
	name: 'ifNotReady',
	type: 'options',
	options: [
		{
			name: 'Fail',
			value: 'fail',
			description: 'Also if cloud-init failed or did not run',
		},
		{
			name: 'Fail, Also if Degraded',
			value: 'failDegraded',
			description: 'Also if cloud-init finished with warnings',
		},
		{ name: 'Warn', value: 'warn', description: 'The item succeeds with warnings' },
	],
	default: 'fail',
	description: 'By default Warn',
};

/** How to wait for the guest of a VM that is started. */
export const readinessOptions: readonly INodeProperties[] = [
	waitUntil,
	readyTimeout,
	ipVersion,
	ifNotReady,
];

const idempotencyKey: INodeProperties = {
	displayName: 'Idempotency Key',
	name: 'idempotencyKey',
	type: 'string',
	default: '',
	placeholder: 'e.g. {{ $json.body.order }}',
	description: 'The same text for the same VM. Use with If VM Exists.',
};

const ifExists = (...more: INodePropertyOptions[]): INodeProperties => ({
	displayName: 'If VM Exists',
	name: 'ifExists',
	type: 'options',
	options: [
		{ name: 'Fail', value: 'fail' },
		{
			name: 'Return Existing VM',
			value: 'return',
			description:
				'Only if it was created with the same Idempotency Key. Otherwise the item fails.',
		},
		...more,
		{ name: 'Use Another Free ID', value: 'useAnotherId' },
	],
	default: 'fail',
	description: 'If the VM ID is in use',
});

/** Create or update. */
const updateIt: INodePropertyOptions = {
	name: 'Update It',
	value: 'update',
	description:
		'Change what differs. The VM is found by Idempotency Key, else by VM ID, else by Name.',
};

const lowestVmId: INodeProperties = {
	displayName: 'Lowest VM ID',
	name: 'lowestVmId',
	type: 'number',
	default: LOWEST_ID,
};

const highestVmId: INodeProperties = {
	displayName: 'Highest VM ID',
	name: 'highestVmId',
	type: 'number',
	default: HIGHEST_ID,
};

const maxParallel: INodeProperties = {
	displayName: 'Max Parallel',
	name: 'maxParallel',
	type: 'number',
	default: DEFAULT_MAX_PARALLEL,
	description: 'Per Proxmox node',
};

/** The collection "Options" of an operation. */
export const optionsProperty = (options: readonly INodeProperties[]): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: alphabetically(options, ({ displayName }) => displayName),
});

/** How to watch a task: for a task that another step has started. */
export const pollOptions: readonly INodeProperties[] = [
	maxPollInterval,
	timeout,
	stopOnCancelOption,
];

/** The options that every operation with a task has. */
export const waitOptions: readonly INodeProperties[] = [maxParallel, ...pollOptions, previewOption];

/** The options of a short task. */
export const changeOptions: readonly INodeProperties[] = [maxParallel, timeout, previewOption];

/** Wait for Completion and Options, of operations that have no options of their own. */
export const taskProperties: readonly INodeProperties[] = [
	waitProperty,
	optionsProperty(waitOptions),
];

/** Where the next free ID is looked for. */
const idRangeOptions: readonly INodeProperties[] = [lowestVmId, highestVmId];

const stopFirst: INodeProperties = {
	displayName: 'Stop First',
	name: 'stopFirst',
	type: 'boolean',
	default: true,
	description: 'Whether to turn off (not shut down) a running VM before it is overwritten',
};

const cleanUp: INodeProperties = {
	displayName: 'Clean Up After Failed Restore',
	name: 'cleanUp',
	type: 'boolean',
	default: true,
	description: 'Whether to delete the partial VM of a failed restore. Needs Sys.Audit on the node.',
};

const verifiedOnly: INodeProperties = {
	displayName: 'Only Verified Backup',
	name: 'verifiedOnly',
	type: 'boolean',
	default: true,
	description: 'Whether a Proxmox Backup Server must have verified it',
};

const allowedNodes: INodeProperties = {
	displayName: 'Allowed Nodes',
	name: 'allowedNodes',
	type: 'string',
	default: '',
	placeholder: 'e.g. pve1,pve2',
	description: 'To choose from, separated by commas. A chosen Node must be one of them.',
};

const chosenNode: INodeProperties = {
	displayName: qemu.parameters.node.label,
	name: 'node',
	...locator('searchNodes', qemu.parameters.node.placeholder),
	description:
		'By default the one with the most free memory that has all storages, images and bridges',
};

const chosenVmId: INodeProperties = {
	displayName: qemu.parameters.vmid.label,
	name: 'vmId',
	type: 'string',
	default: '',
	placeholder: exampleOf('100'),
	description: 'By default the lowest free ID in the cluster',
};

/** The options of operations that make a guest. */
export const makingOptions: readonly INodeProperties[] = [
	...waitOptions,
	...readinessOptions,
	idempotencyKey,
	ifExists(),
	...idRangeOptions,
];

/** The options of Create. */
export const creationOptions: INodeProperties = optionsProperty([
	...makingOptions.filter(({ name }) => name !== 'ifExists'),
	ifExists(updateIt),
	chosenNode,
	allowedNodes,
	chosenVmId,
]);

/** The options of Restore. */
export const restoreOptions: INodeProperties = optionsProperty([
	...makingOptions,
	stopFirst,
	cleanUp,
	verifiedOnly,
]);

export const returnAll: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

const limit: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
	displayOptions: { show: { returnAll: [false] } },
};

/** How much of a list to give. */
export const listProperties: readonly INodeProperties[] = [returnAll, limit];
