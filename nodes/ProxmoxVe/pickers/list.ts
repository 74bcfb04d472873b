import { NodeApiError, type ILoadOptionsFunctions, type INodeListSearchItems, type INodeListSearchResult } from 'n8n-workflow';

import { createClient, credentialOf, type PveClient } from '../pve/client';
import { PveError } from '../pve/errors';
import { nodeOfVm } from '../pve/nodeOfVm';

/** What a list may ask: the API, and what the user has chosen so far. */
export interface Asking {
	readonly client: PveClient;
	/** @returns the chosen node, or that of the chosen VM @throws where neither is chosen yet */
	chosenNode(): Promise<string>;
	/** @returns the chosen VM @throws where none is chosen yet */
	chosenVm(): number;
}

/** An entry that may be found by more than its name. */
export interface Entry extends INodeListSearchItems {
	readonly value: string | number;
}

type Search = (this: ILoadOptionsFunctions, filter?: string) => Promise<INodeListSearchResult>;

/**
 * A search of n8n's editor from a function that reads the whole list: filtered by what was typed,
 * sorted by name, with errors in words for the user.
 */
export const searchOf = (read: (asking: Asking) => Promise<Entry[]>): Search =>
	async function (this: ILoadOptionsFunctions, filter = '') {
		const wanted = filter.toLowerCase();
		try {
			const client = createClient(this, credentialOf(this.getCurrentNodeParameter('authentication')));
			const chosenVm = (): number => vmOf(this);
			const entries = await read({ client, chosenVm, chosenNode: async () => await nodeOf(this, client) });
			const results = entries
				.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted))
				.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
			return { results };
		} catch (error) {
			const message = error instanceof PveError ? `Proxmox VE: ${error.message}` : undefined;
			throw new NodeApiError(this.getNode(), {}, { message: message ?? (error instanceof Error ? error.message : String(error)) });
		}
	};

/** What stands in a parameter now; an expression cannot be resolved here. */
function chosen(context: ILoadOptionsFunctions, name: string): unknown {
	const value = context.getCurrentNodeParameter(name, { extractValue: true });
	return value === '' || (typeof value === 'string' && value.startsWith('=')) ? undefined : value;
}

function vmOf(context: ILoadOptionsFunctions): number {
	const vmid = Number(chosen(context, 'vm'));
	if (Number.isInteger(vmid)) return vmid;
	throw new Error('Choose the Virtual Machine first: this list is read from it');
}

async function nodeOf(context: ILoadOptionsFunctions, client: PveClient): Promise<string> {
	const node = chosen(context, 'node');
	if (typeof node === 'string') return node;
	if (chosen(context, 'vm') === undefined) throw new Error('Choose the Node first: this list is read from it');
	const found = await nodeOfVm(client, vmOf(context));
	if (found === undefined) throw new Error(`There is no VM ${vmOf(context)}`);
	return found;
}
