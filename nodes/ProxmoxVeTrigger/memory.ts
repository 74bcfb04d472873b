import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../ProxmoxVe/wire/values';
import type { NodeState } from './advance';
import type { Filter } from './filter';

/** What the trigger keeps in the workflow's static data, which n8n saves with each emission. */
export interface Memory {
	/** By the name of the node. */
	readonly nodes: Readonly<Record<string, NodeState>>;
	/** The Cluster URLs of the credential that it was read with; undefined before the first poll. */
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

/** Whether a memory was read through one of these Cluster URLs, or was kept without any. */
export const sharesHost = ({ hosts }: Memory, others: readonly string[]): boolean =>
	hosts === undefined || hosts.some((host) => others.includes(host));

/** A copy of what was kept; a node that is not in it is new. */
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

/** Only assignments to the first level are noticed by n8n, so each part is assigned whole. */
export function writeMemory(data: IDataObject, { nodes, hosts, filter }: Memory): void {
	data.nodes = { ...nodes };
	if (hosts) data.hosts = [...hosts];
	if (filter) data.filter = { ...filter };
}
