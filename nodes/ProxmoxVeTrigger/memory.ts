import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../ProxmoxVe/wire/values';
import type { NodeState } from './advance';
import { packGuests, unpackGuests, type KnownGuest } from './compareGuests';
import type { Filter } from './filter';

/** The trigger's state in the workflow's static data, which n8n saves with each execution. */
export interface Memory {
	/** By the name of the node. */
	readonly nodes: Readonly<Record<string, NodeState>>;
	/** The Cluster URLs of the credential at the last poll; undefined before the first poll. */
	readonly hosts?: readonly string[];
	/** The filter of the last poll; undefined before the first. */
	readonly filter?: Filter;
}

const isTexts = (value: unknown): value is string[] =>
	Array.isArray(value) && value.every((one) => typeof one === 'string');

const isNodeState = (value: unknown): value is NodeState =>
	isRecord(value) && typeof value.since === 'number' && isTexts(value.seen) && isTexts(value.open);

const isFilter = (value: unknown): value is Filter =>
	isRecord(value) && isTexts(value.types) && isTexts(value.statuses);

/** Whether the state was read through one of these Cluster URLs, or has none. */
export const sharesHost = ({ hosts }: Pick<Memory, 'hosts'>, others: readonly string[]): boolean =>
	hosts === undefined || hosts.some((host) => others.includes(host));

/** A copy of the stored state; a node that is not in it is new. */
export function readMemory({ nodes, hosts, filter }: IDataObject): Memory {
	const known = Object.entries(isRecord(nodes) ? nodes : {}).flatMap(
		([name, state]): Array<[string, NodeState]> =>
			isNodeState(state)
				? [[name, { since: state.since, seen: [...state.seen], open: [...state.open] }]]
				: [],
	);
	return {
		nodes: Object.fromEntries(known),
		...(isTexts(hosts) ? { hosts: [...hosts] } : {}),
		...(isFilter(filter) ? { filter: { ...filter } } : {}),
	};
}

/** n8n notices only assignments to the top level, so each part is assigned as a whole. */
export function writeMemory(data: IDataObject, { nodes, hosts, filter }: Memory): void {
	data.nodes = { ...nodes };
	if (hosts) data.hosts = [...hosts];
	if (filter) data.filter = { ...filter };
}

/** What is stored of the guests. */
export interface GuestMemory {
	/** Counts the polls that stored something, so that a poll sees whether another one was faster. */
	readonly version: number;
	readonly hosts?: readonly string[];
	/** Undefined before the first poll. */
	readonly guests?: readonly KnownGuest[];
}

/** What is stored of the guests. */
export function readGuestMemory({ guests }: IDataObject): GuestMemory {
	if (!isRecord(guests) || typeof guests.version !== 'number') return { version: 0 };
	return {
		version: guests.version,
		...(isTexts(guests.hosts) ? { hosts: [...guests.hosts] } : {}),
		...(isRecord(guests.nodes) ? { guests: unpackGuests(guests.nodes) } : {}),
	};
}

/** n8n notices only assignments to the top level. */
export function writeGuestMemory(data: IDataObject, memory: Required<GuestMemory>): void {
	const { version, hosts, guests } = memory;
	data.guests = { version, hosts: [...hosts], nodes: packGuests(guests) };
}
