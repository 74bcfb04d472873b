import { NodeApiError, type ILoadOptionsFunctions, type INodeListSearchItems, type INodeListSearchResult } from 'n8n-workflow';

import { createClient, credentialOf, type PveClient } from '../pve/client';
import { PveError } from '../pve/errors';

/** What a list may ask: the API, and the node that the user has chosen so far. */
export interface Asking {
	readonly client: PveClient;
	/** @returns the chosen node @throws where none is chosen yet */
	chosenNode(): string;
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
			const entries = await read({ client: createClient(this, credentialOf(this.getCurrentNodeParameter('authentication'))), chosenNode: () => chosenNode(this) });
			const results = entries
				.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted))
				.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
			return { results };
		} catch (error) {
			const message = error instanceof PveError ? `Proxmox VE: ${error.message}` : undefined;
			throw new NodeApiError(this.getNode(), {}, { message: message ?? (error instanceof Error ? error.message : String(error)) });
		}
	};

function chosenNode(context: ILoadOptionsFunctions): string {
	const node = context.getCurrentNodeParameter('node', { extractValue: true });
	if (typeof node !== 'string' || node === '' || node.startsWith('=')) {
		throw new Error('Choose the Node first: this list is read from it');
	}
	return node;
}
