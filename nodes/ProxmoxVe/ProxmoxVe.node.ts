import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { properties } from './form/describe';
import type { Operation } from './form/names';
import { createVm } from './operations/createVm';
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
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'proxmoxVeApi', required: true, displayOptions: { show: { authentication: ['apiToken'] } } },
			{ name: 'proxmoxVeTicketApi', required: true, displayOptions: { show: { authentication: ['ticket'] } } },
		],
		properties,
	};

	methods = { listSearch: pickers };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const output: INodeExecutionData[] = [];
		const run = createRun(this);
		for (let item = 0; item < this.getInputData().length; item++) {
			const trace: Trace = {};
			try {
				const operation = this.getNodeParameter('operation', item) as Operation;
				output.push({ json: await createVm(run, operation, item, trace), pairedItem: { item } });
			} catch (cause) {
				const identity = await run.client.identity().catch(() => '');
				const error = toNodeError(this.getNode(), cause, { itemIndex: item, trace, identity });
				if (!this.continueOnFail()) throw error;
				output.push({ json: errorJson(error, trace), pairedItem: { item } });
			}
		}
		return [output];
	}
}
