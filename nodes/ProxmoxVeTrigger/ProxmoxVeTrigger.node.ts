import {
	NodeConnectionTypes,
	type INodeExecutionData,
	type INodePropertyOptions,
	type INodeType,
	type INodeTypeDescription,
	type ILoadOptionsFunctions,
	type IPollFunctions,
} from 'n8n-workflow';

import { pickers } from '../ProxmoxVe/pickers';
import { properties, subtitleExpression } from './properties';

/** The trigger's metadata. The first poll loads the rest, because n8n loads every node at start. */
export class ProxmoxVeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Proxmox VE Trigger',
		name: 'proxmoxVeTrigger',
		icon: {
			light: 'file:../../icons/proxmox-ve.svg',
			dark: 'file:../../icons/proxmox-ve.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: subtitleExpression,
		// n8n shows it for both nodes, as one entry.
		description:
			'Create, restore and manage virtual machines and containers on Proxmox VE, or start a workflow when a task finishes',
		eventTriggerDescription: 'Waiting for Proxmox VE',
		defaults: { name: 'Proxmox VE Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'proxmoxVeApi',
				required: true,
				displayOptions: { show: { authentication: ['apiToken'] } },
			},
			{
				name: 'proxmoxVePasswordApi',
				required: true,
				displayOptions: { show: { authentication: ['password'] } },
			},
		],
		// A copy, because n8n adds the poll times to this array.
		properties: [...properties],
	};

	methods = {
		listSearch: {
			searchPools: pickers.searchPools,
			searchVirtualMachines: pickers.searchVirtualMachines,
		},
		loadOptions: {
			async getNodes(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
				const { results } = await pickers.searchNodes.call(this);
				return results.map(({ name, value }) => ({ name, value }));
			},
		},
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const { poll } = await import('./poll');
		return await poll(this);
	}
}
