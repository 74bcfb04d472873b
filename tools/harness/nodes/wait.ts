import { NodeOperationError, WAIT_INDEFINITELY, type INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

const unitMs = new Map([
	['seconds', 1_000],
	['minutes', 60_000],
	['hours', 3_600_000],
	['days', 86_400_000],
]);

/** Suspends the execution for a time, or until its resume URL is called. Who runs the workflow decides when to go on. */
export const wait: INodeType = {
	description: describeNode({
		name: 'wait',
		displayName: 'Wait',
		properties: [
			{ displayName: 'Resume', name: 'resume', type: 'string', default: 'timeInterval' },
			{ displayName: 'HTTP Method', name: 'httpMethod', type: 'string', default: 'GET' },
			{
				displayName: 'Limit Wait Time',
				name: 'limitWaitTime',
				type: 'boolean',
				default: false,
			},
			{ displayName: 'Amount', name: 'resumeAmount', type: 'number', default: 1 },
			{ displayName: 'Unit', name: 'resumeUnit', type: 'string', default: 'hours' },
			{ displayName: 'Wait Amount', name: 'amount', type: 'number', default: 5 },
			{ displayName: 'Wait Unit', name: 'unit', type: 'string', default: 'seconds' },
		],
	}),
	async execute() {
		const resume = this.getNodeParameter('resume', 0);
		const names =
			resume === 'webhook'
				? { amount: 'resumeAmount', unit: 'resumeUnit' }
				: { amount: 'amount', unit: 'unit' };
		const unit = unitMs.get(String(this.getNodeParameter(names.unit, 0)));
		if ((resume !== 'timeInterval' && resume !== 'webhook') || unit === undefined) {
			throw new NodeOperationError(
				this.getNode(),
				"The runner's Wait knows only After Time Interval and On Webhook Call",
			);
		}
		const isEndless = resume === 'webhook' && this.getNodeParameter('limitWaitTime', 0) !== true;
		await this.putExecutionToWait(
			isEndless
				? WAIT_INDEFINITELY
				: new Date(Date.now() + Number(this.getNodeParameter(names.amount, 0)) * unit),
		);
		return [this.getInputData()];
	},
};
