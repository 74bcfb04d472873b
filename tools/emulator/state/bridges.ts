import type { ClusterState, NetworkInterface, Vnet } from './types';

/** The zone of the bridges that nodes have outside of SDN. */
const LOCAL_ZONE = 'localnetwork';

/** Whether an interface is a bridge, by its type. */
export const isBridge = ({ type }: Pick<NetworkInterface, 'type'>): boolean =>
	/^(?:bridge|OVSBridge)$/.test(type);

/** The virtual networks of the zones that a node has. */
export function vnetsOn(state: ClusterState, node: string): Vnet[] {
	return [...state.vnets.values()].filter(({ nodes }) => nodes?.includes(node) !== false);
}

/** What a card can be plugged into on the node that does the work: its bridges, and its virtual networks. */
export function bridgesHere(state: ClusterState): Set<string> {
	const bridges = (state.nodes.get(state.localNode)?.network ?? []).filter(isBridge);
	const vnets = vnetsOn(state, state.localNode);
	return new Set([...bridges.map(({ iface }) => iface), ...vnets.map(({ vnet }) => vnet)]);
}

/** The path of the rights on a bridge or a virtual network. */
export function bridgePath(state: ClusterState, bridge: string): string {
	return `/sdn/zones/${state.vnets.get(bridge)?.zone ?? LOCAL_ZONE}/${bridge}`;
}

/** The zones that a node has. */
export function zonesOn(state: ClusterState, node: string): string[] {
	return [...new Set([LOCAL_ZONE, ...vnetsOn(state, node).map(({ zone }) => zone)])];
}
