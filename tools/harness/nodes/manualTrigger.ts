import type { INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** Emits one empty item, as n8n's does on "Execute workflow". */
export const manualTrigger: INodeType = {
	description: describeNode({
		name: 'manualTrigger',
		displayName: 'Manual Trigger',
		group: ['trigger'],
		inputs: [],
	}),
	async trigger() {
		return { manualTriggerFunction: async () => this.emit([[{ json: {} }]]) };
	},
};
