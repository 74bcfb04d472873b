import type { ClusterState, NodeState, Reachability } from './types';
import type { NodeVolumes } from './volumes';

/** The volumes that a node sees; throws where the cluster has no such node. */
export function volumesOn(state: ClusterState, node: string): NodeVolumes {
	const volumes = state.volumesByNode.get(node);
	if (!volumes) throw new Error(`the emulator has no node '${node}'`);
	return volumes;
}

/**
 * The same cluster, seen from another of its nodes: that one is the local node, and the volumes are those that it sees.
 * All else is shared, and what is changed in the view is changed in the cluster.
 */
export function viewFrom(state: ClusterState, node: string): ClusterState {
	return new Proxy(state, {
		get: (target, key) => {
			if (key === 'localNode') return node;
			return key === 'volumes' ? volumesOn(target, node) : (Reflect.get(target, key) as unknown);
		},
	});
}

/** How one node can be reached from the local one: a node that is cut off reaches nobody either. */
export function reachOf(state: ClusterState, node: NodeState): Reachability {
	if (node.name === state.localNode) return 'here';
	if (node.reach !== 'here') return node.reach;
	return state.nodes.get(state.localNode)?.reach === 'no route' ? 'no route' : 'here';
}

/** Whether the local node and the other are in touch, as the cluster's own messages are concerned. */
export function isInTouch(state: ClusterState, node: NodeState): boolean {
	return reachOf(state, node) !== 'no route';
}
