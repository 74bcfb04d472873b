import type { INodeProperties } from 'n8n-workflow';

import { authenticationProperty } from '../ProxmoxVe/form/authenticationProperty';

/** The kinds of notifications that Proxmox VE sends, by their names there. */
const types: Readonly<Record<string, string>> = {
	vzdump: 'Backup',
	fencing: 'Fencing',
	'package-updates': 'Package Updates',
	replication: 'Replication',
	'system-mail': 'System Mail',
};

/** In Proxmox's order. */
const severities: Readonly<Record<string, string>> = {
	info: 'Info',
	notice: 'Notice',
	warning: 'Warning',
	error: 'Error',
	unknown: 'Unknown',
};

export const TYPES = Object.keys(types);
export const SEVERITIES = Object.keys(severities);

const choicesOf = (labels: Readonly<Record<string, string>>) =>
	Object.entries(labels).map(([value, name]) => ({ name, value }));

/** What n8n evaluates for the text under the node. */
export const subtitleExpression = `={{ $parameter["types"].length ? $parameter["types"].map((type) => (${JSON.stringify(types)})[type] ?? type).join(", ") : "All notifications" }}`;

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
				name: 'Notification',
				value: 'notification',
				action: 'On notification',
				description: 'Proxmox VE 8.3 or newer has sent a notification',
			},
		],
		default: 'notification',
	},
	{
		displayName: 'Types',
		name: 'types',
		type: 'multiOptions',
		options: choicesOf(types),
		default: [],
		description: 'The notifications to receive; all if empty',
	},
	{
		displayName: 'Severities',
		name: 'severities',
		type: 'multiOptions',
		options: choicesOf(severities),
		default: [],
		description: 'A failed backup is an error, a successful one is info; all if empty',
	},
	{
		displayName:
			'Proxmox VE sends notifications for backups, replication, fencing, updates and mail, and not for other tasks. It must reach the webhook URL of n8n. While the workflow is active, Datacenter → Notifications has a target and a matcher for it.',
		name: 'notice',
		type: 'notice',
		default: '',
	},
];
