import {
	jsonParse,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestMethods,
	type INodeExecutionData,
	type INodeType,
} from 'n8n-workflow';
import { describeNode } from './describeNode';

interface Pair {
	name: string;
	value: string;
}

/** HTTP Request without authentication: method, URL, query, headers and a JSON body. */
export const httpRequest: INodeType = {
	description: describeNode({
		name: 'httpRequest',
		displayName: 'HTTP Request',
		properties: [
			{ displayName: 'Method', name: 'method', type: 'string', default: 'GET' },
			{ displayName: 'URL', name: 'url', type: 'string', default: '', required: true },
			{ displayName: 'Send Query', name: 'sendQuery', type: 'boolean', default: false },
			{ displayName: 'Query', name: 'queryParameters', type: 'json', default: {} },
			{ displayName: 'Send Headers', name: 'sendHeaders', type: 'boolean', default: false },
			{ displayName: 'Headers', name: 'headerParameters', type: 'json', default: {} },
			{ displayName: 'Send Body', name: 'sendBody', type: 'boolean', default: false },
			{ displayName: 'Specify Body', name: 'specifyBody', type: 'string', default: 'keypair' },
			{ displayName: 'Body', name: 'bodyParameters', type: 'json', default: {} },
			{ displayName: 'JSON', name: 'jsonBody', type: 'json', default: '' },
		],
	}),
	async execute() {
		const items: INodeExecutionData[] = [];
		for (const item of this.getInputData().keys()) {
			const sends = (part: string) => this.getNodeParameter(part, item) === true;
			const answer: IDataObject | IDataObject[] | string = await this.helpers.httpRequest({
				method: this.getNodeParameter('method', item) as IHttpRequestMethods,
				url: this.getNodeParameter('url', item) as string,
				qs: sends('sendQuery') ? pairs(this, 'queryParameters', item) : undefined,
				headers: sends('sendHeaders') ? pairs(this, 'headerParameters', item) : undefined,
				body: sends('sendBody') ? readBody(this, item) : undefined,
				json: true,
			});
			for (const part of Array.isArray(answer) ? answer : [answer]) {
				items.push({
					json: typeof part === 'object' ? part : { data: part },
					pairedItem: { item },
				});
			}
		}
		return [items];
	},
};

function pairs(context: IExecuteFunctions, name: string, item: number): Record<string, string> {
	const list = context.getNodeParameter(`${name}.parameters`, item, []) as Pair[];
	return Object.fromEntries(list.map(({ name: key, value }) => [key, value]));
}

function readBody(context: IExecuteFunctions, item: number): IDataObject {
	if (context.getNodeParameter('specifyBody', item) !== 'json')
		return pairs(context, 'bodyParameters', item);
	const body = context.getNodeParameter('jsonBody', item) as string | IDataObject;
	return typeof body === 'string' ? jsonParse<IDataObject>(body) : body;
}
