import {
	NodeConnectionTypes,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { properties, subtitleExpression } from './properties';

/**
 * The metadata of the trigger that Proxmox calls. It is a node of its own because n8n waits for a test call for every
 * node with webhooks, and polls every node that polls: one node cannot do either as its user chooses.
 */
export class ProxmoxVeNotificationTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Proxmox VE Notification Trigger',
		name: 'proxmoxVeNotificationTrigger',
		icon: {
			light: 'file:../../icons/proxmox-ve.svg',
			dark: 'file:../../icons/proxmox-ve.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: subtitleExpression,
		description: 'Starts a workflow when Proxmox VE sends a notification, such as a failed backup',
		eventTriggerDescription: 'Waiting for a notification of Proxmox VE',
		defaults: { name: 'Proxmox VE Notification Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
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
		webhooks: [
			{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
		],
		properties: [...properties],
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				const { registration } = await import('./registration');
				return await registration(this).isComplete();
			},
			async create(this: IHookFunctions): Promise<boolean> {
				const { registration } = await import('./registration');
				return await registration(this).create();
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				const { registration } = await import('./registration');
				return await registration(this).remove();
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const { receive } = await import('./receive');
		return receive(this);
	}
}
