import type { ClusterState } from './types';

/** Makes the lone node and its peers members of one cluster. */
export function joinCluster(state: ClusterState, clusterName: string, peers: string[]): void {
	state.clusterName = clusterName;
	for (const peer of peers) {
		const node = state.nodes.get(peer);
		if (node) node.member = true;
	}
}

/** Sets the range that /cluster/nextid draws from; `upper` is no longer in it. */
export function setNextIdRange(state: ClusterState, lower: number, upper: number): void {
	state.options.nextId = { lower, upper };
}

/** From now on only these tags are free for users, and the registered ones need Sys.Modify on /. */
export function restrictTags(state: ClusterState, allowed: string[], registered: string[]): void {
	state.options.tagAccess = { userAllow: 'list', list: allowed };
	state.options.registeredTags = registered;
}

/** Leaves no room on a storage. */
export function fillStorage(state: ClusterState, storage: string, isFull = true): void {
	const found = state.storages.get(storage);
	if (found) found.full = isFull;
}
