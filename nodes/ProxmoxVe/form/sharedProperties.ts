import type { INodeProperties } from 'n8n-workflow';

import { qemu } from '../catalogue/qemu';
import { alphabetically } from './alphabetically';
import { helpOf, locator } from './describeField';
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
export const vmProperty: INodeProperties = {
	displayName: 'Virtual Machine',
	name: 'vm',
	...locator('searchVirtualMachines', '100', 'By ID'),
	required: true,
	description: 'The VM, from the list or by its ID. On which node it is, is looked up.',
};

/** Whether to wait for the task that an operation starts. */
export const waitProperty: INodeProperties = {
	displayName: 'Wait for Completion',
	name: 'waitForCompletion',
	type: 'boolean',
	default: true,
	description:
		'Whether to go on only when Proxmox has finished the task, and to fail where the task fails',
};

const maxPollInterval: INodeProperties = {
	displayName: 'Max Poll Interval (Seconds)',
	name: 'maxPollInterval',
	type: 'number',
	default: DEFAULT_MAX_POLL_SECONDS,
	description: 'The task is looked at often at first and ever more rarely, up to this pause',
};

const timeout: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	default: DEFAULT_TIMEOUT_SECONDS,
	description:
		'How long to wait for the task, and as long again for the start. They go on in Proxmox when the time is over.',
};

const stopOnCancel: INodeProperties = {
	displayName: 'Stop Task on Cancel',
	name: 'stopOnCancel',
	type: 'boolean',
	default: true,
	description:
		'Whether to stop the task in Proxmox too when the execution is cancelled. What a stopped restore leaves behind stays.',
};

const preview: INodeProperties = {
	displayName: 'Preview',
	name: 'preview',
	type: 'boolean',
	default: true,
	description:
		'Whether to show the request and the equal pvesh command, and send nothing. RANDOM_UUID stands for the system UUID by which the node recognizes its VM.',
};

const waitForIp: INodeProperties = {
	displayName: 'Wait for IP Addresses (Seconds)',
	name: 'waitForIp',
	type: 'number',
	default: 120,
	description:
		'How long to wait until the guest agent reports an IP address for each network card of the VM, once it runs. Needs Start After Creation, and the agent in the guest.',
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
		'Which addresses Wait for IP Addresses waits for. The output has all of them, IPv4 first unless IPv6 is chosen.',
};

const idempotencyKey: INodeProperties = {
	displayName: 'Idempotency Key',
	name: 'idempotencyKey',
	type: 'string',
	default: '',
	placeholder: '{{ $json.body.order }}',
	description:
		'Text that is the same whenever the same VM is meant, such as the delivery ID of a webhook. The VM keeps a mark of it in its notes, and Next Free ID draws its ID from it. With If VM Exists → Return It a second call makes no second VM.',
};

const ifExists: INodeProperties = {
	displayName: 'If VM Exists',
	name: 'ifExists',
	type: 'options',
	options: [
		{ name: 'Fail', value: 'fail' },
		{
			name: 'Return It',
			value: 'return',
			description: 'If it carries the Idempotency Key, else fail',
		},
		{ name: 'Take Another ID', value: 'takeAnother' },
	],
	default: 'fail',
	description: 'What to do where a VM has the ID already',
};

const lowestVmId: INodeProperties = {
	displayName: 'Lowest VM ID',
	name: 'lowestVmId',
	type: 'number',
	default: LOWEST_ID,
	description: 'The next free ID is not below this one',
};

const highestVmId: INodeProperties = {
	displayName: 'Highest VM ID',
	name: 'highestVmId',
	type: 'number',
	default: HIGHEST_ID,
	description: 'The next free ID is not above this one',
};

const maxParallel: INodeProperties = {
	displayName: 'Max Parallel',
	name: 'maxParallel',
	type: 'number',
	default: DEFAULT_MAX_PARALLEL,
	description:
		'How many items may have a task on the same Proxmox node at a time. The first item decides for all.',
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
		'Whether to turn off the VM that is overwritten, if it runs, right before the restore. The guest is not asked. If the restore is refused, the VM is started again.',
};

const removeLeftovers: INodeProperties = {
	displayName: 'Remove What Is Left',
	name: 'removeLeftovers',
	type: 'boolean',
	default: true,
	description:
		'Whether to delete what a failed restore leaves of a VM that was not there before. One that it was to overwrite is never deleted, and where the lock of a killed task is left only root@pam with a password may. Needs Sys.Audit on the node, to see that no other task works on the VM ID.',
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
export const creationOptions: INodeProperties = optionsProperty(makingOptions);

/** The options of Restore. */
export const restoreOptions: INodeProperties = optionsProperty([
	...makingOptions,
	stopFirst,
	removeLeftovers,
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
