import type { INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** Fires once, now, with the time in n8n's key. */
export const scheduleTrigger: INodeType = {
	description: describeNode({
		name: 'scheduleTrigger',
		displayName: 'Schedule Trigger',
		group: ['trigger', 'schedule'],
		inputs: [],
	}),
	async trigger() {
		const timestamp = new Date().toISOString();
		return { manualTriggerFunction: async () => this.emit([[{ json: { timestamp } }]]) };
	},
};
