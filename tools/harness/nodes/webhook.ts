import type { INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/**
 * Emits the items it is given (`inputItems`, or the workflow's pinned data), shaped as n8n's Webhook
 * shapes a request: `{ headers, params, query, body }`. Without any it emits an empty request.
 */
export const webhook: INodeType = {
	description: describeNode({
		name: 'webhook',
		displayName: 'Webhook',
		group: ['trigger'],
		inputs: [],
	}),
	async trigger() {
		const request = { headers: {}, params: {}, query: {}, body: {} };
		return { manualTriggerFunction: async () => this.emit([[{ json: request }]]) };
	},
};
