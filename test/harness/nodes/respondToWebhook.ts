import type { INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** Hands its items on: nobody waits for a response here. */
export const respondToWebhook: INodeType = {
	description: describeNode({ name: 'respondToWebhook', displayName: 'Respond to Webhook' }),
	async execute() {
		return [this.getInputData()];
	},
};
