import type { ClusterState, NodeState, Reachability, Volume } from './types';
import type { NodeVolumes } from './volumes';

/** The volumes that a node sees; throws where the cluster has no such node. */
export function volumesOn(state: ClusterState, node: string): NodeVolumes<Volume> {
	const volumes = state.volumesByNode.get(node);
	if (!volumes) throw new Error(`the emulator has no node '${node}'`);
	return volumes;
}

const isAlone = (state: ClusterState, node: string): boolean =>
	state.nodes.get(node)?.clusterFiles === 'alone';

/**
 * The same cluster, seen from another of its nodes: that one is the local node, and the volumes are those that it sees.
 * All else is shared, and what is changed in the view is changed in the cluster.
 */
export function viewFrom(state: ClusterState, node: string): ClusterState {
	return new Proxy(state, {
		get: (target, key) => {
			switch (key) {
				case 'localNode':
					return node;
				case 'volumes':
					return volumesOn(target, node);
				case 'quorate':
					return target.quorate && !isAlone(target, node);
				case 'clusterName':
					return isAlone(target, node) ? undefined : target.clusterName;
				default:
					return Reflect.get(target, key) as unknown;
			}
		},
	});
}

/** How one node can be reached from the local one: a node that is cut off reaches nobody either. */
export function reachOf(state: ClusterState, node: NodeState): Reachability {
	if (node.name === state.localNode) return 'here';
	if (node.reach !== 'here') return node.reach;
	return state.nodes.get(state.localNode)?.reach === 'no route' ? 'no route' : 'here';
}

/** Whether the local node hears of another by the cluster's own messages. */
export function isInTouch(state: ClusterState, node: NodeState): boolean {
	if (node.name === state.localNode) return true;
	return (
		reachOf(state, node) !== 'no route' &&
		node.clusterFiles === undefined &&
		!isAlone(state, state.localNode)
	);
}

/** The nodes that the local one knows: one that stands alone knows itself only. */
export function memberNodes(state: ClusterState): NodeState[] {
	return [...state.nodes.values()].filter(
		({ member, name }) => member && (!isAlone(state, state.localNode) || name === state.localNode),
	);
}
