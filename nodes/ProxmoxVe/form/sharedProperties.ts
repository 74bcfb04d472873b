import type { INodeProperties } from 'n8n-workflow';

import { qemu } from '../catalogue/qemu';
import { alphabetically } from './alphabetically';
import { exampleOf, helpOf, locator } from './describeField';
import {
	DEFAULT_MAX_PARALLEL,
	DEFAULT_MAX_POLL_SECONDS,
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

/** The VM to work on. Its node is looked up: VMs move. */
const byId = locator('searchVirtualMachines', '100', 'By ID');
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
	description:
		'The VM. Its node is found automatically. A name or tag must be that of exactly one VM.',
};

/** How a new guest gets its ID. */
export const idModeProperty = (name: string, displayName: string): INodeProperties => ({
	displayName,
	name,
	type: 'options',
	options: [
		{ name: 'Next Free ID', value: 'next', description: 'The lowest free ID in the cluster' },
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
	description: 'Whether to wait until the task has finished, and fail if it fails',
};

export const maxPollInterval: INodeProperties = {
	displayName: 'Max Poll Interval (Seconds)',
	name: 'maxPollInterval',
	type: 'number',
	default: DEFAULT_MAX_POLL_SECONDS,
	description:
		'Longest time between two status checks. The first checks follow quickly, later ones less often.',
};

const timeout: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	default: DEFAULT_TIMEOUT_SECONDS,
	description:
		'How long to wait for the task, and then as long again for the start. When the time is up the item fails, but the task keeps running in Proxmox.',
};

const stopOnCancel: INodeProperties = {
	displayName: 'Stop Task on Cancel',
	name: 'stopOnCancel',
	type: 'boolean',
	default: true,
	description:
		'Whether to also stop the task in Proxmox when the execution is cancelled. A stopped restore can leave a partial VM.',
};

const preview: INodeProperties = {
	displayName: 'Preview',
	name: 'preview',
	type: 'boolean',
	default: true,
	description:
		'Whether to output the requests and the equivalent pvesh commands instead of sending them. RANDOM_UUID is a placeholder for the system UUID by which the node recognizes its VM.',
};

const waitForIp: INodeProperties = {
	displayName: 'Wait for IP Addresses (Seconds)',
	name: 'waitForIp',
	type: 'number',
	default: 120,
	description:
		'How long to wait until the guest agent reports an IP address for each network card after the VM has started. Needs Start After Creation and the agent in the guest.',
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
	description:
		'The addresses that Wait for IP Addresses waits for. The output has all addresses, with IPv4 first unless IPv6 is chosen.',
};

const idempotencyKey: INodeProperties = {
	displayName: 'Idempotency Key',
	name: 'idempotencyKey',
	type: 'string',
	default: '',
	placeholder: 'e.g. {{ $json.body.order }}',
	description:
		'Text that is the same every time the same VM is requested, such as the delivery ID of a webhook. A hash of it is stored in the notes of the VM and determines the ID that Next Free ID uses. With If VM Exists → Return Existing VM, a second run does not create a second VM.',
};

const ifExists: INodeProperties = {
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
		{ name: 'Use Another Free ID', value: 'useAnotherId' },
	],
	default: 'fail',
	description: 'What to do if the VM ID is already in use',
};

const lowestVmId: INodeProperties = {
	displayName: 'Lowest VM ID',
	name: 'lowestVmId',
	type: 'number',
	default: LOWEST_ID,
	description: 'Lowest ID that Next Free ID may use',
};

const highestVmId: INodeProperties = {
	displayName: 'Highest VM ID',
	name: 'highestVmId',
	type: 'number',
	default: HIGHEST_ID,
	description: 'Highest ID that Next Free ID may use',
};

const maxParallel: INodeProperties = {
	displayName: 'Max Parallel',
	name: 'maxParallel',
	type: 'number',
	default: DEFAULT_MAX_PARALLEL,
	description:
		'How many items may run a task on the same Proxmox node at the same time. The value of the first item is used.',
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
export const pollOptions: readonly INodeProperties[] = [maxPollInterval, timeout, stopOnCancel];

/** How to wait: the options that every operation with a task has. */
export const waitOptions: readonly INodeProperties[] = [maxParallel, ...pollOptions];

/** Wait for Completion and Options, of operations that have no options of their own. */
export const taskProperties: readonly INodeProperties[] = [
	waitProperty,
	optionsProperty(waitOptions),
];

/** Where the next free ID is looked for. */
export const idRangeOptions: readonly INodeProperties[] = [lowestVmId, highestVmId];

const stopFirst: INodeProperties = {
	displayName: 'Stop First',
	name: 'stopFirst',
	type: 'boolean',
	default: true,
	description:
		'Whether to turn off the existing VM right before the restore if it is running. This is a hard stop, not a clean shutdown. If the restore is rejected, the VM is started again.',
};

const cleanUp: INodeProperties = {
	displayName: 'Clean Up After Failed Restore',
	name: 'cleanUp',
	type: 'boolean',
	default: true,
	description:
		'Whether to delete the partial VM that a failed restore leaves. A VM that existed before the restore is never deleted. If a killed task has left a lock, only root@pam with a password can delete it. Needs Sys.Audit on the node, to check that no other task uses the VM ID.',
};

const allowedNodes: INodeProperties = {
	displayName: 'Allowed Nodes',
	name: 'allowedNodes',
	type: 'string',
	default: '',
	placeholder: 'e.g. pve1,pve2',
	description: 'The nodes to choose from if Node is empty, separated by commas. By default all.',
};

const makingOptions: readonly INodeProperties[] = [
	...waitOptions,
	preview,
	waitForIp,
	ipVersion,
	idempotencyKey,
	ifExists,
	...idRangeOptions,
];

/** The options of Create. */
export const creationOptions: INodeProperties = optionsProperty([...makingOptions, allowedNodes]);

/** The options of Restore. */
export const restoreOptions: INodeProperties = optionsProperty([
	...makingOptions,
	stopFirst,
	cleanUp,
]);

const returnAll: INodeProperties = {
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
