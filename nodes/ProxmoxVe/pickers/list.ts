import {
	NodeApiError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';

import { splitAuthId } from '../api/account';
import { createClient, credentialOf, type PveClient } from '../api/client';
import { PveError } from '../api/errors';
import { isoTime } from '../api/isoTime';
import { findGuest } from '../api/findGuest';
import { connectionAdvice, messageOf } from '../api/messageOf';
import { guestPath } from '../api/paths';
import { anyKind, guestKinds, RESOURCES_OF_ANY_KIND, type GuestKind } from '../guests/kinds';

/** What a list may ask: the API, and what the user has chosen so far. */
export interface Asking {
	readonly client: PveClient;
	/** The kind of guest that the lists are for. */
	readonly kind: GuestKind;
	/** @returns the chosen node, or that of the chosen VM; with automatic placement, each node @throws where neither is chosen yet */
	chosenNode(): Promise<string>;
	/** @returns the path of the chosen VM or container @throws where none is chosen yet */
	chosenGuest(): Promise<string>;
	/** @returns the value of another parameter; undefined if it is empty or an expression */
	chosen(parameter: string): unknown;
}

/** Seconds since 1970 as a list shows them, to the minute: `2026-01-02 03:04` (UTC). */
export const minuteOf = (seconds: number): string =>
	isoTime(seconds).slice(0, 16).replace('T', ' ');

interface ListOptions {
	/** How it is sorted: by name, or as it was read. */
	readonly order?: 'byName' | 'asRead';
	/** The privileges without which entries are hidden, as a clause: `Pool.Audit on /pool/NAME`. */
	readonly needs?: string;
}

/** An entry that can also be found by its value. */
export interface Entry extends INodeListSearchItems {
	readonly value: string | number;
}

/** What n8n calls: gives what fits a typed text, or all; a page at a time. */
export type Search = (
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
) => Promise<INodeListSearchResult>;

/** Entries of a page: the editor draws each, and asks for the next page when the user scrolls down. */
const PAGE = 200;

/** Sorts thousands of names many times faster than `localeCompare`. */
const collator = new Intl.Collator('en', { numeric: true });

/**
 * A search of n8n's editor from a function that reads the whole list: filtered by what was typed,
 * sorted by name by default, with errors for the user. n8n removes hyphens from the message of an error, and nothing
 * from its description.
 */
export const searchOf = (
	read: (asking: Asking) => Promise<Entry[]>,
	{ order = 'byName', needs }: ListOptions = {},
): Search =>
	async function (this: ILoadOptionsFunctions, filter = '', paginationToken = '0') {
		const wanted = filter.toLowerCase();
		const client = createClient(this, credentialOf(this.getCurrentNodeParameter('authentication')));
		try {
			const asking = {
				client,
				kind: kindOf(this),
				chosenGuest: async () => guestPath(await guestOf(this, client)),
				chosenNode: async () => await nodeOf(this, client),
				chosen: (name: string) => chosen(this, name),
			};
			const results = (await readPlaced(read, asking)).filter(({ name, value }) =>
				`${name} ${value}`.toLowerCase().includes(wanted),
			);
			if (results.length === 0 && filter === '') {
				throw new HiddenError(
					'No entries, or no permission to see them',
					needs && `An entry needs ${needs}.`,
				);
			}
			if (order === 'byName') results.sort(({ name: a }, { name: b }) => collator.compare(a, b));
			const start = Number(paginationToken);
			const end = start + PAGE;
			return {
				results: results.slice(start, end),
				...(end < results.length ? { paginationToken: String(end) } : {}),
			};
		} catch (error) {
			const { message, description, status } = await explain(error, client);
			throw new NodeApiError(
				this.getNode(),
				{},
				{
					message: client.redact(message),
					...(description === undefined ? {} : { description: client.redact(description) }),
					// n8n offers to open the credential.
					...(status === 401 || status === 403 ? { httpCode: String(status) } : {}),
				},
			);
		}
	};

/** The kind of guest that the chosen resource is about. */
const kindOf = (context: ILoadOptionsFunctions): GuestKind =>
	Object.values<GuestKind>(guestKinds).find(
		({ resource }) => resource === chosen(context, 'resource'),
	) ?? (RESOURCES_OF_ANY_KIND.includes(chosen(context, 'resource')) ? anyKind : guestKinds.qemu);

/** The operation chooses the node when it runs, so a list is about all nodes. */
class AutomaticNode extends Error {}

/**
 * Reads a list. With automatic placement, it has the entries of all nodes that are online.
 * Source: `GET /nodes`.
 */
async function readPlaced(
	read: (asking: Asking) => Promise<Entry[]>,
	asking: Asking,
): Promise<Entry[]> {
	const [list] = await Promise.allSettled([read(asking)]);
	if (list.status === 'fulfilled') return list.value;
	if (!(list.reason instanceof AutomaticNode)) throw list.reason;
	const { data } = await asking.client.get<Array<{ node: string; status: string }>>('/nodes');
	const online = data.filter(({ status }) => status === 'online');
	const lists = await allAnswers(
		online.map(async ({ node }) => await read({ ...asking, chosenNode: async () => node })),
	);
	const merged = new Map<string | number, Entry>();
	for (const entry of lists.flat()) {
		const { name, value } = entry;
		const same = merged.get(value);
		// The details of one node, such as its free space, would be wrong for the others.
		merged.set(
			value,
			same && same.name !== name ? { name: String(value), value } : (same ?? entry),
		);
	}
	return [...merged.values()];
}

/**
 * The answers of several requests. One that fails is left out, so that it does not hide the others.
 * @throws the first error if all fail
 */
export async function allAnswers<T>(requests: ReadonlyArray<Promise<T>>): Promise<T[]> {
	const results = await Promise.allSettled(requests);
	const failed = results.find((result) => result.status === 'rejected');
	if (failed && results.every((result) => result.status === 'rejected')) throw failed.reason;
	return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** Something is not there, or the credential may not see it. */
class HiddenError extends Error {
	constructor(
		message: string,
		/** The privilege without which it is hidden, in a sentence. */
		readonly needs?: string,
	) {
		super(message);
	}
}

interface Explanation {
	readonly message: string;
	/** What to do next. */
	readonly description?: string;
	readonly status?: number;
}

async function explain(error: unknown, client: PveClient): Promise<Explanation> {
	if (error instanceof HiddenError) {
		const { message, needs } = error;
		return {
			message,
			...(needs === undefined ? {} : { description: `${needs}${await ofToken(client)}` }),
		};
	}
	if (!(error instanceof PveError))
		return { message: error instanceof Error ? error.message : String(error) };
	const { failure } = error;
	const [, path, privileges = ''] =
		/Permission check failed \((\/[^,]*), ([\w.|]+)\)/.exec(failure.message) ?? [];
	const description =
		path === undefined
			? connectionAdvice(failure)
			: `Grant ${privileges.split('|').join(' or ')} on ${path} under Datacenter → Permissions.${await ofToken(client)}`;
	return {
		message: messageOf(failure),
		...(description === undefined ? {} : { description }),
		...(failure.status === undefined ? {} : { status: failure.status }),
	};
}

/** A trap that only tokens have. */
const ofToken = async (client: PveClient): Promise<string> =>
	splitAuthId(await client.identity()).token === null
		? ''
		: ' A token with Privilege Separation needs its own: the privileges of its user are not enough.';

/** The raw value of a parameter: n8n extracts it only if the parameter is shown. */
function rawOf(context: ILoadOptionsFunctions, name: string): unknown {
	const given = context.getCurrentNodeParameter(name);
	return typeof given === 'object' && given !== null && '__rl' in given ? given.value : given;
}

/** Whether a field holds an expression without a value: the editor sends what it is now, or null if it fails. */
function isOpenExpression(context: ILoadOptionsFunctions, name: string): boolean {
	const given = context.getCurrentNodeParameter(name);
	const value = rawOf(context, name);
	if (typeof value === 'string') return value.startsWith('=');
	return given !== undefined && (value === null || value === undefined);
}

/** The current value of a parameter; undefined if it is empty or an expression without a value. */
function chosen(context: ILoadOptionsFunctions, name: string): unknown {
	const value = rawOf(context, name);
	return value === '' || isOpenExpression(context, name) ? undefined : value;
}

/** @throws Error because a list depends on a field that has no value yet */
function demandValue(
	context: ILoadOptionsFunctions,
	names: Readonly<Record<string, string>>,
): never {
	const open = Object.entries(names).find(([name]) => isOpenExpression(context, name));
	throw new Error(
		open === undefined
			? `Select the ${Object.values(names).join(' or ')} first: this list depends on it`
			: `${open[1]} is an expression that has no value in the editor yet, and this list depends on it. Execute the previous nodes, or type the value here instead of selecting it`,
	);
}

function vmOf(context: ILoadOptionsFunctions): number {
	const value = chosen(context, 'vm');
	const vmid = Number(value);
	if (value !== undefined && Number.isInteger(vmid)) return vmid;
	const { title } = kindOf(context);
	if (value !== undefined)
		throw new Error(`Select the ${title} from the list or by its ID: this list depends on it`);
	return demandValue(context, { vm: title });
}

/** Create and Import have the node among their options; without it, it is chosen automatically. Backups of many are made on any. */
const isCreate = (context: ILoadOptionsFunctions): boolean =>
	chosen(context, 'operation') === 'createMany' ||
	(Object.values(guestKinds).some(({ resource }) => resource === chosen(context, 'resource')) &&
		['create', 'import'].includes(String(chosen(context, 'operation'))));

async function nodeOf(context: ILoadOptionsFunctions, client: PveClient): Promise<string> {
	const name = isCreate(context) ? 'options.node' : 'node';
	const node = chosen(context, name);
	if (typeof node === 'string') return node;
	if (isCreate(context)) {
		if (isOpenExpression(context, name)) demandValue(context, { [name]: 'Options → Node' });
		throw new AutomaticNode();
	}
	if (chosen(context, 'vm') === undefined)
		demandValue(context, { node: 'Node', vm: kindOf(context).title });
	return (await guestOf(context, client)).node;
}

/** The chosen guest. */
async function guestOf(
	context: ILoadOptionsFunctions,
	client: PveClient,
): Promise<Parameters<typeof guestPath>[0]> {
	const [kind, vmid] = [kindOf(context), vmOf(context)];
	const found = await findGuest(client, kind, vmid);
	if (found !== undefined) return { kind: found, node: found.node, vmid };
	throw new HiddenError(
		`There is no ${kind.label} ${vmid}, or no permission to see it`,
		`To see it, the privilege VM.Audit on /vms/${vmid} is needed.`,
	);
}
