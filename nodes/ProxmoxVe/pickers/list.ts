import {
	NodeApiError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';

import { createClient, credentialOf, type PveClient } from '../api/client';
import { PveError } from '../api/errors';
import { isoTime } from '../api/isoTime';
import { messageOf } from '../api/messageOf';
import { findGuest } from '../api/findGuest';
import type { GuestType } from '../api/paths';
import { guestKinds } from '../guests/kinds';

/** What a list may ask: the API, and what the user has chosen so far. */
export interface Asking {
	readonly client: PveClient;
	/** The kind of guest that the lists are for. */
	readonly kind: GuestType;
	/** @returns the chosen node, or that of the chosen VM @throws where neither is chosen yet */
	chosenNode(): Promise<string>;
	/** @returns the chosen VM @throws where none is chosen yet */
	chosenVm(): number;
	/** @returns the value of another parameter; undefined if it is empty or an expression */
	chosen(parameter: string): unknown;
}

const NOTHING = 'No entries, or no permission to see them';

/** Seconds since 1970 as a list shows them, to the minute: `2026-01-02 03:04` (UTC). */
export const minuteOf = (seconds: number): string =>
	isoTime(seconds).slice(0, 16).replace('T', ' ');

/** How a list is sorted: by name, or as it was read. */
type Order = 'byName' | 'asRead';

/** An entry that can also be found by its value. */
export interface Entry extends INodeListSearchItems {
	readonly value: string | number;
}

/** What n8n calls: gives what fits a typed text, or all. */
export type Search = (
	this: ILoadOptionsFunctions,
	filter?: string,
) => Promise<INodeListSearchResult>;

/**
 * A search of n8n's editor from a function that reads the whole list: filtered by what was typed,
 * sorted by name by default, with error messages for the user.
 */
export const searchOf = (
	read: (asking: Asking) => Promise<Entry[]>,
	order: Order = 'byName',
): Search =>
	async function (this: ILoadOptionsFunctions, filter = '') {
		const wanted = filter.toLowerCase();
		const client = createClient(this, credentialOf(this.getCurrentNodeParameter('authentication')));
		try {
			const chosenVm = (): number => vmOf(this);
			const asking = {
				client,
				kind: guestKinds.qemu,
				chosenVm,
				chosenNode: async () => await nodeOf(this, client),
				chosen: (name: string) => chosen(this, name),
			};
			const results = (await read(asking)).filter(({ name, value }) =>
				`${name} ${value}`.toLowerCase().includes(wanted),
			);
			if (results.length === 0 && filter === '') throw new Error(NOTHING);
			if (order === 'byName')
				results.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
			return { results };
		} catch (error) {
			const message =
				error instanceof PveError
					? messageOf(error.failure)
					: error instanceof Error
						? error.message
						: String(error);
			throw new NodeApiError(this.getNode(), {}, { message: client.redact(message) });
		}
	};

/** The current value of a parameter; an expression cannot be resolved here. */
function chosen(context: ILoadOptionsFunctions, name: string): unknown {
	// The raw value: n8n extracts it only if the parameter is shown.
	const given = context.getCurrentNodeParameter(name);
	const value =
		typeof given === 'object' && given !== null && 'value' in given ? given.value : given;
	return value === '' || (typeof value === 'string' && value.startsWith('=')) ? undefined : value;
}

function vmOf(context: ILoadOptionsFunctions): number {
	const vmid = Number(chosen(context, 'vm'));
	if (Number.isInteger(vmid)) return vmid;
	throw new Error('Select the Virtual Machine first: this list depends on it');
}

async function nodeOf(context: ILoadOptionsFunctions, client: PveClient): Promise<string> {
	const node = chosen(context, 'node');
	if (typeof node === 'string') return node;
	if (chosen(context, 'vm') === undefined)
		throw new Error('Select the Node or Virtual Machine first: this list depends on it');
	const found = await findGuest(client, guestKinds.qemu, vmOf(context));
	if (found === undefined) throw new Error(`There is no VM ${vmOf(context)}`);
	return found.node;
}
