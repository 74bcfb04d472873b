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
import { properties } from './properties';

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
		subtitle: '={{ $parameter["types"].length ? $parameter["types"].join(", ") : "all tasks" }}',
		description:
			'Starts the workflow when Proxmox VE tasks finish, such as backups, restores and VM starts',
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
		listSearch: { searchVirtualMachines: pickers.searchVirtualMachines },
		loadOptions: {
			async getNodes(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
				return (await pickers.searchNodes.call(this)).results;
			},
		},
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const { poll } = await import('./poll');
		return await poll(this);
	}
}
