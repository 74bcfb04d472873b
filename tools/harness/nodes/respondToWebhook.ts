import { jsonParse, NodeOperationError, type IDataObject, type INodeType } from 'n8n-workflow';
import { describeNode } from './describeNode';

/** Answers the webhook with the first item, JSON or text, as `response` of the result; hands its items on. */
export const respondToWebhook: INodeType = {
	description: describeNode({
		name: 'respondToWebhook',
		displayName: 'Respond to Webhook',
		properties: [
			{
				displayName: 'Respond With',
				name: 'respondWith',
				type: 'string',
				default: 'firstIncomingItem',
			},
			{ displayName: 'Response Body', name: 'responseBody', type: 'json', default: '' },
			{ displayName: 'Options', name: 'options', type: 'json', default: {} },
		],
	}),
	async execute() {
		const items = this.getInputData();
		const statusCode = Number(this.getNodeParameter('options.responseCode', 0, 200));
		const respondWith = this.getNodeParameter('respondWith', 0);
		if (respondWith === 'json') {
			const body = this.getNodeParameter('responseBody', 0) as string | IDataObject;
			this.sendResponse({
				body: typeof body === 'string' ? jsonParse<IDataObject>(body) : body,
				headers: {},
				statusCode,
			});
		} else if (respondWith === 'text') {
			const body = this.getNodeParameter('responseBody', 0) as string;
			this.sendResponse({ body, headers: {}, statusCode });
		} else if (respondWith === 'firstIncomingItem') {
			this.sendResponse({ body: items[0]?.json ?? {}, headers: {}, statusCode });
		} else {
			throw new NodeOperationError(
				this.getNode(),
				`The runner's Respond to Webhook knows no "respondWith: ${String(respondWith)}"`,
			);
		}
		return [items];
	},
};
