import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type NodeApiError,
	type NodeOperationError,
} from 'n8n-workflow';

import { findOperation } from './operations';
import { inParallel } from './operations/inParallel';
import { emit } from './operations/operation';
import { outputsExpression, properties } from './operations/describe';
import { createRun } from './operations/run';
import { errorJson, toNodeError, withOthers, type Trace } from './operations/report';
import { pickers } from './pickers';

/** Items under way at once; how many of them Proxmox sees at a time, Options → Max Parallel says. */
const MOST_AT_ONCE = 200;

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
		const run = createRun(this);
		const results = await inParallel(this.getInputData().length, MOST_AT_ONCE, async (index) => {
			const trace: Trace = {};
			try {
				const get = (name: string, fallback: unknown): unknown => this.getNodeParameter(name, index, fallback);
				return await operation.execute({ run, index, get, trace });
			} catch (cause) {
				const identity = await run.client.identity().catch(() => '');
				const error = toNodeError(this.getNode(), cause, { itemIndex: index, trace, identity });
				if (!this.continueOnFail()) throw error;
				return emit(errorJson(error, trace));
			}
		});

		const outputs: INodeExecutionData[][] = (operation.outputs ?? ['']).map(() => []);
		for (const [index, result] of results.entries()) {
			if (result.status === 'rejected') continue;
			for (const { json, output = 0 } of result.value) outputs[output]?.push({ json, pairedItem: { item: index } });
		}
		const [failed, ...others] = results
			.filter((result) => result.status === 'rejected')
			.map(({ reason }) => reason as NodeApiError | NodeOperationError);
		if (failed) throw withOthers(failed, outputs.flat(), others);
		return outputs;
	}
}
