import { addVolumes, loadState, newVm } from './load';
import type {
	ClusterState,
	NetworkInterface,
	NodeState,
	StorageState,
	VmConfig,
	Vnet,
} from './types';

const GIB = 1024 ** 3;

/** A node that is up, unless `reach` says otherwise. */
export interface NodeSpec
	extends Partial<
		Pick<NodeState, 'reach' | 'cpus' | 'memory' | 'disk' | 'maintenance' | 'neverSeen'>
	> {
	name: string;
	/** Its bridges: those of tools/facts/state.json unless given. */
	bridges?: string[];
}

/** A directory of 100 GiB for images, ISO images, backups and snippets on every node, unless told otherwise. */
export interface StorageSpec extends Partial<Omit<StorageState, 'storage'>> {
	storage: string;
}

export interface GuestSpec {
	vmid: number;
	node: string;
	/** A VM unless it is a container. */
	type?: 'qemu' | 'lxc';
	config?: VmConfig;
	running?: boolean;
	pool?: string;
}

export interface ClusterSpec {
	/** `lab` unless given; a single node stands alone. */
	name?: string;
	/** In the order of their IDs. The first is the one that is asked. */
	nodes: NodeSpec[];
	/** One that every node has for itself, `local`, unless given. */
	storages?: StorageSpec[];
	vnets?: Vnet[];
	guests?: GuestSpec[];
}

/** Processes of guests that run from the start. */
const FIRST_PID = 40_000;

/**
 * A cluster with these nodes, storages and guests, and nothing on the storages. Users, roles and whatever else is not of
 * a node are those of tools/facts/state.json. `now` is in seconds since 1970.
 */
export function clusterState(spec: ClusterSpec, now = Math.floor(Date.now() / 1000)): ClusterState {
	const [first] = spec.nodes;
	if (!first) throw new Error('a cluster has at least one node');
	const state = loadState(now);
	const example = state.nodes.get(state.localNode);
	state.clusterName = spec.nodes.length > 1 ? (spec.name ?? 'lab') : undefined;
	state.localNode = first.name;
	state.nodes.clear();
	state.volumesByNode.clear();
	state.vms.clear();
	state.pools.clear();
	state.mappings = [];
	for (const vnet of spec.vnets ?? []) state.vnets.set(vnet.vnet, vnet);
	for (const [index, { bridges, ...node }] of spec.nodes.entries()) {
		state.nodes.set(node.name, {
			reach: 'here',
			member: true,
			address: `192.0.2.${10 + index}`,
			cpus: 8,
			memory: 32 * GIB,
			disk: 100 * GIB,
			network: networkOf(example?.network ?? [], bridges),
			bootedAt: now - 9_000,
			...node,
		});
	}
	state.storages = new Map(
		(spec.storages ?? [{ storage: 'local' }]).map((storage) => [
			storage.storage,
			storageOf(storage),
		]),
	);
	addVolumes(state);
	for (const guest of spec.guests ?? []) addGuest(state, guest, now);
	return state;
}

/** The interfaces of a node: the bridges are like the first one of the example. */
function networkOf(example: NetworkInterface[], bridges?: string[]): NetworkInterface[] {
	const [likeness] = example.filter(({ type }) => type === 'bridge');
	if (bridges === undefined || likeness === undefined) return structuredClone(example);
	const others = example.filter(({ type }) => type !== 'bridge');
	return structuredClone([...others, ...bridges.map((iface) => ({ ...likeness, iface }))]);
}

function storageOf(spec: StorageSpec): StorageState {
	return {
		type: 'dir',
		path: `/mnt/pve/${spec.storage}`,
		content: ['images', 'iso', 'backup', 'snippets', 'import', 'vztmpl', 'rootdir'],
		total: 100 * GIB,
		used: 0,
		shared: false,
		disabled: false,
		unmounted: false,
		...spec,
	};
}

function addGuest(
	state: ClusterState,
	{ vmid, node, type = 'qemu', config = {}, running, pool }: GuestSpec,
	now: number,
): void {
	if (!state.nodes.has(node))
		throw new Error(`guest ${vmid} is on '${node}', which the cluster does not have`);
	const vm = { ...newVm(vmid, node, config), type };
	if (type === 'lxc') vm.ignoresShutdown = false;
	if (running)
		Object.assign(vm, { status: 'running', pid: FIRST_PID + state.vms.size, startedAt: now - 600 });
	state.vms.set(vmid, vm);
	if (pool === undefined) return;
	const found = state.pools.get(pool) ?? {
		poolid: pool,
		vms: new Set<number>(),
		storages: new Set<string>(),
	};
	state.pools.set(pool, found);
	found.vms.add(vmid);
}
