import type { INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** Hands its items on. */
export const noOp: INodeType = {
	description: describeNode({ name: 'noOp', displayName: 'No Operation, do nothing' }),
	async execute() {
		return [this.getInputData()];
	},
};
