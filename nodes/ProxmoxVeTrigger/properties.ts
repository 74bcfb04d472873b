import type { INodeProperties } from 'n8n-workflow';

import { alphabetically } from '../ProxmoxVe/form/alphabetically';
import { authenticationProperty } from '../ProxmoxVe/form/authenticationProperty';
import { locator } from '../ProxmoxVe/form/describeField';

/** Default of Log Lines. */
export const DEFAULT_LOG_LINES = 10;

/** Task types of VMs and backups by their names in Proxmox; users can add others as text. */
const taskTypes: Readonly<Record<string, string>> = {
	vzdump: 'Backup',
	qmclone: 'Clone VM',
	qmconfig: 'Configure VM',
	qmtemplate: 'Convert to Template',
	qmcreate: 'Create VM',
	qmdelsnapshot: 'Delete Snapshot',
	qmdestroy: 'Delete VM',
	hastart: 'HA Start',
	hastop: 'HA Stop',
	qmsuspend: 'Hibernate VM',
	qmigrate: 'Migrate VM',
	qmmove: 'Move Disk',
	qmpause: 'Pause VM',
	qmreboot: 'Reboot VM',
	imgdel: 'Remove Volume or Backup',
	qmreset: 'Reset VM',
	resize: 'Resize Disk',
	qmrestore: 'Restore VM',
	qmresume: 'Resume VM',
	qmrollback: 'Roll Back to Snapshot',
	qmshutdown: 'Shut Down VM',
	qmstart: 'Start VM',
	qmstop: 'Stop VM',
	qmsnapshot: 'Take Snapshot',
};

/** What n8n evaluates for the text under the node: the labels of its task types. */
export const subtitleExpression = `={{ $parameter["event"] === "guestChanged" ? "Guest " + ($parameter["changes"].length ? $parameter["changes"].join(", ") : "changed") : $parameter["types"].length ? $parameter["types"].map((type) => (${JSON.stringify(taskTypes)})[type] ?? type).join(", ") : "All finished tasks" }}`;

const forTasks = { show: { event: ['taskFinished'] } };
const forGuests = { show: { event: ['guestChanged'] } };
const inTasks = { show: { '/event': ['taskFinished'] } };
const inGuests = { show: { '/event': ['guestChanged'] } };

export const properties: readonly INodeProperties[] = [
	authenticationProperty,
	{
		// With this label n8n lists its options among the node's triggers.
		displayName: 'Trigger On',
		name: 'event',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Finished Task',
				value: 'taskFinished',
				action: 'On finished task',
				description: 'A backup, restore, start or any other task of Proxmox VE has finished',
			},
			{
				name: 'VM or Container Changed',
				value: 'guestChanged',
				action: 'On VM or container change',
				description: 'A VM or container was created, started, stopped, migrated or removed',
			},
		],
		default: 'taskFinished',
	},
	{
		displayName: 'Changes',
		name: 'changes',
		type: 'multiOptions',
		displayOptions: forGuests,
		options: [
			{ name: 'Created', value: 'created' },
			{ name: 'Migrated', value: 'migrated' },
			{ name: 'Removed', value: 'removed' },
			{ name: 'Started', value: 'started' },
			{ name: 'Stopped', value: 'stopped' },
		],
		default: [],
		description: 'The changes to emit; all changes if empty',
	},
	{
		displayName: 'Node Names or IDs',
		name: 'nodes',
		type: 'multiOptions',
		displayOptions: forTasks,
		typeOptions: { loadOptionsMethod: 'getNodes' },
		default: [],
		description:
			'The nodes to watch; all nodes of the cluster if empty. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
	{
		displayName: 'Task Types',
		name: 'types',
		type: 'multiOptions',
		displayOptions: forTasks,
		options: alphabetically(
			Object.entries(taskTypes).map(([value, name]) => ({ name, value })),
			({ name }) => name,
		),
		default: [],
		description:
			'The types of tasks to emit; all types if empty. Add types that are not in this list under Filters → Other Types.',
	},
	{
		displayName: 'Status',
		name: 'statuses',
		type: 'multiOptions',
		displayOptions: forTasks,
		options: [
			{ name: 'OK', value: 'ok' },
			{ name: 'Warnings', value: 'warnings' },
			{ name: 'Error', value: 'error', description: 'The task has failed' },
		],
		default: [],
		description: 'The results of tasks to emit; all results if empty',
	},
	{
		displayName: 'Ignore Own Tasks',
		name: 'ignoreOwnTasks',
		type: 'boolean',
		displayOptions: forTasks,
		default: true,
		description:
			'Whether to ignore tasks that were started with this credential. Without this, a workflow that contains Proxmox VE nodes can trigger itself again and again. With User and Password, all tasks of the user are ignored, which for root@pam includes scheduled backups.',
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: [
			{
				displayName: 'Kind',
				name: 'kind',
				type: 'options',
				displayOptions: inGuests,
				options: [
					{ name: 'Container', value: 'lxc' },
					{ name: 'Virtual Machine', value: 'qemu' },
				],
				default: 'qemu',
			},
			{
				displayName: 'Other Types',
				name: 'otherTypes',
				type: 'string',
				displayOptions: inTasks,
				default: '',
				placeholder: 'e.g. vzcreate, aptupdate',
				description: 'More task types by their names in Proxmox, separated by commas',
			},
			{
				displayName: 'Resource Pool',
				name: 'pool',
				...locator('searchPools', 'production'),
				displayOptions: inGuests,
			},
			{
				displayName: 'Tags',
				name: 'tags',
				type: 'string',
				displayOptions: inGuests,
				default: '',
				placeholder: 'e.g. web, production',
				description: 'Only VMs and containers with all of these tags, separated by commas',
			},
			{
				displayName: 'User',
				name: 'user',
				type: 'string',
				displayOptions: inTasks,
				default: '',
				placeholder: 'e.g. root@pam',
				description:
					'Only tasks started by this user and all its tokens, or by one token, such as root@pam!n8n',
			},
			{
				displayName: 'Virtual Machine',
				name: 'vm',
				...locator('searchVirtualMachines', '100', 'By ID'),
				description: 'Only this VM, from the list or by its ID; a container by its ID',
			},
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		displayOptions: forTasks,
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Log Lines',
				name: 'logLines',
				type: 'number',
				default: DEFAULT_LOG_LINES,
				description: 'How many lines from the end of the task log to emit. 0 reads no log.',
			},
		],
	},
	{
		displayName:
			'A token without the privilege Sys.Audit sees only tasks that it started itself, and Ignore Own Tasks filters these out.',
		name: 'notice',
		type: 'notice',
		displayOptions: forTasks,
		default: '',
	},
];
