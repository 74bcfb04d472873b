import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { outputsExpression, properties, subtitleExpression } from './resources/describe';
import { pickers } from './pickers';

/** The door: metadata. What only an execution needs is loaded by the first one, since n8n loads every node when it starts. */
export class ProxmoxVe implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Proxmox VE',
		name: 'proxmoxVe',
		icon: {
			light: 'file:../../icons/proxmox-ve.svg',
			dark: 'file:../../icons/proxmox-ve.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: subtitleExpression,
		description: 'Create, restore and manage virtual machines and containers on Proxmox VE',
		defaults: { name: 'Proxmox VE' },
		usableAsTool: true,
		builderHint: {
			searchHint:
				'Proxmox VE: creates virtual machines and containers (also from cloud images, templates and backups), changes, starts, stops and deletes them, and backs up virtual machines. Most operations wait for their task.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-proxmox-ve.proxmoxVeTrigger',
					relationHint: 'Starts a workflow when a task finishes, such as a backup',
				},
				{
					nodeType: 'n8n-nodes-base.httpRequest',
					relationHint: 'Calls any other part of the Proxmox VE API with the same credential',
				},
			],
		},
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		credentials: [
			{
				name: 'proxmoxVeApi',
				required: true,
				displayOptions: { show: { authentication: ['apiToken'] } },
			},
			{
				name: 'proxmoxVePasswordApi',
				required: true,
				displayOptions: { show: { authentication: ['password'] } },
			},
		],
		properties,
	};

	methods = { listSearch: pickers };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { executeItems } = await import('./resources/executeItems');
		return await executeItems(this);
	}
}
