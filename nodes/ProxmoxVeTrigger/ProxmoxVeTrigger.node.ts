import {
	NodeConnectionTypes,
	NodeOperationError,
	type INodeExecutionData,
	type INodePropertyOptions,
	type INodeType,
	type INodeTypeDescription,
	type ILoadOptionsFunctions,
	type IPollFunctions,
} from 'n8n-workflow';

import { toNodeError } from '../ProxmoxVe/operations/report';
import { pickers } from '../ProxmoxVe/pickers';
import { createClient, credentialOf } from '../ProxmoxVe/pve/client';
import { readFilter, readLogLines, readNodes } from './filter';
import { pollTasks, sampleTask } from './pollTasks';
import { properties } from './properties';

/** The door: metadata, and whether a poll is a real one or the editor's "Fetch Test Event". */
export class ProxmoxVeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Proxmox VE Trigger',
		name: 'proxmoxVeTrigger',
		icon: { light: 'file:../../icons/proxmox-ve.svg', dark: 'file:../../icons/proxmox-ve.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["types"].length ? $parameter["types"].join(", ") : "all tasks" }}',
		description: 'Starts the workflow when tasks of Proxmox VE have ended: backups, restores, starts and all others',
		defaults: { name: 'Proxmox VE Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'proxmoxVeApi', required: true, displayOptions: { show: { authentication: ['apiToken'] } } },
			{ name: 'proxmoxVeTicketApi', required: true, displayOptions: { show: { authentication: ['ticket'] } } },
		],
		// n8n puts the poll times into this very list.
		properties: [...properties],
	};

	methods = {
		listSearch: { searchVirtualMachines: pickers.searchVirtualMachines },
		loadOptions: {
			async getNodes(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
				return (await pickers.searchNodes.call(this)).results;
			},
		},
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const client = createClient(this, credentialOf(this.getNodeParameter('authentication')));
		try {
			const watch = { client, nodes: readNodes(this), filter: readFilter(this), logLines: readLogLines(this) };
			if (this.getMode() === 'manual') {
				const sample = await sampleTask(this, watch);
				if (sample) return [[{ json: sample }]];
				throw new NodeOperationError(this.getNode(), 'No finished task matches', {
					description: 'A token without Sys.Audit on the node sees only the tasks that it started itself.',
				});
			}
			const items = (await pollTasks(this, watch)).map((json) => ({ json }));
			return items.length > 0 ? [items] : null;
		} catch (cause) {
			const identity = await client.identity().catch(() => '');
			throw toNodeError(this.getNode(), cause, { itemIndex: 0, trace: {}, identity });
		}
	}
}
