import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { findOperation } from './operations';
import { outputsExpression, properties } from './operations/describe';
import { createRun } from './operations/run';
import { errorJson, toNodeError, type Trace } from './operations/report';
import { pickers } from './pickers';

/** The door: metadata, the loop over the items, and what becomes of an item that fails. */
export class ProxmoxVe implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Proxmox VE',
		name: 'proxmoxVe',
		icon: { light: 'file:../../icons/proxmox-ve.svg', dark: 'file:../../icons/proxmox-ve.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Create and restore virtual machines on Proxmox VE',
		defaults: { name: 'Proxmox VE' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		credentials: [
			{ name: 'proxmoxVeApi', required: true, displayOptions: { show: { authentication: ['apiToken'] } } },
			{ name: 'proxmoxVeTicketApi', required: true, displayOptions: { show: { authentication: ['ticket'] } } },
		],
		properties,
	};

	methods = { listSearch: pickers };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		// Both are the same for all items: they take no expressions.
		const operation = findOperation(this.getNodeParameter('resource', 0), this.getNodeParameter('operation', 0));
		const outputs: INodeExecutionData[][] = (operation.outputs ?? ['']).map(() => []);
		const run = createRun(this);
		for (let index = 0; index < this.getInputData().length; index++) {
			const trace: Trace = {};
			try {
				const get = (name: string, fallback: unknown): unknown => this.getNodeParameter(name, index, fallback);
				for (const { json, output = 0 } of await operation.execute({ run, index, get, trace })) {
					outputs[output]?.push({ json, pairedItem: { item: index } });
				}
			} catch (cause) {
				const identity = await run.client.identity().catch(() => '');
				const done = outputs.flat().map(({ json }) => json);
				const error = toNodeError(this.getNode(), cause, { itemIndex: index, trace, identity, done });
				if (!this.continueOnFail()) throw error;
				outputs[0]?.push({ json: errorJson(error, trace), pairedItem: { item: index } });
			}
		}
		return outputs;
	}
}
