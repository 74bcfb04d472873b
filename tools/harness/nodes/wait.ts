import { NodeOperationError, type INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

const unitMs = new Map([
	['seconds', 1_000],
	['minutes', 60_000],
	['hours', 3_600_000],
	['days', 86_400_000],
]);

/** Suspends the execution for a time. Whoever runs the workflow decides when to go on with it. */
export const wait: INodeType = {
	description: describeNode({
		name: 'wait',
		displayName: 'Wait',
		properties: [
			{ displayName: 'Resume', name: 'resume', type: 'string', default: 'timeInterval' },
			{ displayName: 'Wait Amount', name: 'amount', type: 'number', default: 5 },
			{ displayName: 'Wait Unit', name: 'unit', type: 'string', default: 'seconds' },
		],
	}),
	async execute() {
		const unit = unitMs.get(String(this.getNodeParameter('unit', 0)));
		if (this.getNodeParameter('resume', 0) !== 'timeInterval' || unit === undefined) {
			throw new NodeOperationError(
				this.getNode(),
				"The runner's Wait knows only After Time Interval",
			);
		}
		await this.putExecutionToWait(
			new Date(Date.now() + Number(this.getNodeParameter('amount', 0)) * unit),
		);
		return [this.getInputData()];
	},
};
