import { may } from '../auth/permissions';
import { bridgePath, isBridge, vnetsOn } from '../state/bridges';
import type { ClusterState, NetworkInterface, NodeState } from '../state/types';
import { isInTouch, memberNodes } from '../state/view';
import { usedOn } from '../storage/storages';
import { hasNewsOf } from '../vm/report';
import { seconds } from '../world';
import type { World } from '../world';
import { ownFacts } from './ownFacts';
import { textOf } from './types';
import type { Call, Endpoint } from './types';

const FINGERPRINT =
	'C1:66:67:B1:3A:34:6E:36:3E:F0:CD:9E:A2:8C:B6:12:7F:22:18:C3:50:43:E2:C9:39:59:A5:87:6E:BF:AD:7A';

/** What a node uses of its memory, bytes: the emulator's VMs use none. */
const MEMORY_USED = 1_792_131_072;

/** Whether a node answers, as the local node sees it: from one that is in touch there may be no news. */
export function nodeStatus(world: World, node: NodeState): 'online' | 'offline' | 'unknown' {
	if (!isInTouch(world.state, node)) return 'offline';
	return hasNewsOf(world, node) ? 'online' : 'unknown';
}

function diskUsed(state: ClusterState): number {
	const root = state.storages.get('local');
	return root ? usedOn(state, root) : 0;
}

/** What a node says of its load, for those who may see it; of one that is offline only what does not change. */
export function nodeLoad(world: World, node: NodeState): Record<string, unknown> {
	const hardware = { maxcpu: node.cpus, maxmem: node.memory, maxdisk: node.disk };
	if (nodeStatus(world, node) !== 'online') return hardware;
	const disk = diskUsed(world.on(node.name).state);
	return { ...hardware, cpu: 0, mem: MEMORY_USED, disk, uptime: seconds(world) - node.bootedAt };
}

/** What the lists have of a node besides its name and status. */
export function nodeDetails(
	world: World,
	authId: string,
	node: NodeState,
): Record<string, unknown> {
	if (!hasNewsOf(world, node)) return {};
	return {
		level: '',
		...(may(world.state, authId, `/nodes/${node.name}`, ['Sys.Audit'])
			? nodeLoad(world, node)
			: {}),
	};
}

function listNodes({ world, authId }: Call): unknown {
	return memberNodes(world.state).map((node) => ({
		node: node.name,
		id: `node/${node.name}`,
		type: 'node',
		status: nodeStatus(world, node),
		ssl_fingerprint: FINGERPRINT,
		...nodeDetails(world, authId, node),
	}));
}

function time({ world }: Call): unknown {
	const now = seconds(world) + (world.tasks.clocksAhead.get(world.state.localNode) ?? 0);
	return { time: now, localtime: now, timezone: 'Etc/UTC' };
}

function describeNode({ world }: Call): unknown {
	const { state } = world;
	const node = state.nodes.get(state.localNode);
	if (!node) return null;
	const used = diskUsed(state);
	const memory = {
		total: node.memory,
		used: MEMORY_USED,
		free: node.memory - MEMORY_USED,
		available: node.memory - MEMORY_USED,
	};
	return {
		uptime: seconds(world) - node.bootedAt,
		cpu: 0,
		wait: 0,
		idle: 0,
		loadavg: ['0.00', '0.00', '0.00'],
		memory,
		swap: { total: 0, used: 0, free: 0 },
		ksm: { shared: 0 },
		rootfs: { total: node.disk, used, free: node.disk - used, avail: node.disk - used },
		cpuinfo: {
			cpus: node.cpus,
			cores: node.cpus,
			sockets: 1,
			model: 'AMD EPYC',
			vendor: 'AuthenticAMD',
			family: '26',
			mhz: '2596.122',
			hvm: '',
			user_hz: 100,
			flags: 'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat aes avx avx2',
		},
		kversion: 'Linux 6.18.44-1-pve #1 SMP PREEMPT_DYNAMIC',
		'current-kernel': {
			sysname: 'Linux',
			release: '6.18.44-1-pve',
			version: '#1 SMP PREEMPT_DYNAMIC',
			machine: 'x86_64',
		},
		'boot-info': { mode: 'efi', secureboot: 0 },
		pveversion: `pve-manager/${state.version.version}/${state.version.repoid}`,
	};
}

/** Which interfaces a value of `type` means. */
function isOfType(type: string, asked: string | undefined): boolean {
	if (type === 'vnet') return /^(?:any_bridge|include_sdn|vnet)$/.test(asked ?? '');
	if (asked === 'any_bridge' || asked === 'any_local_bridge') return isBridge({ type });
	return asked === undefined || asked === 'include_sdn' || type === asked;
}

/** A bridge or a virtual network is seen by those who may use it, or one of its VLANs. */
function maySeeBridge(state: ClusterState, authId: string, bridge: string): boolean {
	const path = bridgePath(state, bridge);
	const paths = [
		path,
		...state.acl.map((entry) => entry.path).filter((other) => other.startsWith(`${path}/`)),
	];
	if (may(state, authId, path, ['SDN.Audit', 'SDN.Use'], { any: true })) return true;
	state.aclPathsLookedAt.add(path);
	return paths.some((each) => may(state, authId, each, ['SDN.Audit', 'SDN.Use'], { any: true }));
}

function network({ world: { state }, authId, parameters }: Call): unknown {
	const asked = textOf(parameters, 'type');
	const interfaces = state.nodes.get(state.localNode)?.network ?? [];
	const vnets = vnetsOn(state, state.localNode).map(({ vnet, alias }): NetworkInterface => {
		const comments = alias === undefined ? {} : { comments: alias };
		return { iface: vnet, type: 'vnet', active: '1', ipam: 0, vlanaware: 0, ...comments };
	});
	return [...interfaces, ...vnets]
		.filter(({ type }) => isOfType(type, asked))
		.filter(({ type, iface }) => {
			const isGuarded = isBridge({ type }) || type === 'vnet';
			return !isGuarded || maySeeBridge(state, authId, iface);
		});
}

export const nodeEndpoints: Endpoint[] = [
	{ method: 'GET', path: '/version', handle: ({ world }) => world.state.version },
	{ method: 'GET', path: '/nodes', handle: listNodes },
	{ method: 'GET', path: '/nodes/{node}/version', handle: ({ world }) => world.state.version },
	{ method: 'GET', path: '/nodes/{node}/status', handle: describeNode },
	{ method: 'GET', path: '/nodes/{node}/network', handle: network },
	{
		method: 'GET',
		path: '/nodes/{node}/time',
		facts: ownFacts('GET', '/nodes/{node}/time', {}, ['perm', '/nodes/{node}', ['Sys.Audit']]),
		handle: time,
	},
];
