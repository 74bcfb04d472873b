import stateFacts from '../../facts/state.json';
import { isDisk } from '../storage/volumeId';
import { archivedCt, archivedVm } from './archives';
import { appliances } from './appliances';
import { loadRegistry } from './loadRegistry';
import type { RegistryFile } from './loadRegistry';
import { loadWeb } from './loadWeb';
import type { FileServer } from './loadWeb';
import { NodeVolumes } from './volumes';
import { volumesOn } from './view';
import type {
	AclEntry,
	ClusterState,
	Mapping,
	NetworkInterface,
	NodeState,
	StorageState,
	Vm,
	VmConfig,
	Volume,
} from './types';

interface GuestFile {
	config: object;
	status?: string;
}

interface ContentFile {
	volid: string;
	content: string;
	format: string;
	size: number;
	ctime: number;
	vmid?: number;
	notes?: string;
}

/** What the file holds of a node that answers. */
interface NodeFile {
	network: NetworkInterface[];
	storage: Array<{ storage: string; total: number; active: number; shared: number }>;
	content: Record<string, ContentFile[]>;
	vms: Record<string, GuestFile>;
	cts?: Record<string, GuestFile>;
}

interface StorageFile {
	storage: string;
	type: string;
	path: string;
	content: string;
	shared?: number;
	disable?: number;
	nodes?: string;
	is_mountpoint?: string;
	preallocation?: string;
	'prune-backups'?: string;
}

/** The form of tools/facts/state.json: what a server held before the first recording. Under a node's name: a `NodeFile`. */
export interface StateFile {
	version: ClusterState['version'];
	nodes: Array<{
		node: string;
		status?: string;
		maxcpu?: number;
		maxmem?: number;
		maxdisk?: number;
	}>;
	storage: StorageFile[];
	pools: Array<{ poolid: string; comment?: string }>;
	roles: Array<{ roleid: string; privs: string }>;
	users: Array<{
		userid: string;
		enable: number;
		expire: number;
		groups: string;
		comment?: string;
		email?: string;
		tokens: Array<{ tokenid: string; privsep: number; expire: number }>;
	}>;
	acl: Array<{ path: string; type: string; ugid: string; roleid: string; propagate: number }>;
	domains: ClusterState['realms'];
	options: { description: string; mac_prefix: string };
	/** What a web server beside it serves, by path. */
	fileServer?: FileServer;
	/** A registry of OCI images. */
	ociRegistry?: RegistryFile;
	mapping: Record<Mapping['type'], Array<{ id: string; map: string[] }>>;
	guests: Array<{
		vmid: number;
		type: string;
		node: string;
		name?: string | null;
		pool?: string | null;
	}>;
	tokenSecrets: Record<string, string>;
	passwords: Record<string, string>;
	clusterStatus?: Array<{
		type: string;
		name: string;
		local?: number;
		nodeid?: number;
		ip?: string;
	}>;
	/** Guests of nodes that do not answer. */
	remoteGuests?: Record<
		string,
		{ vms?: Record<string, GuestFile>; cts?: Record<string, GuestFile> }
	>;
}

/** Names that the first host could look up, though none of them answers. */
const PEERS: Array<Pick<NodeState, 'name' | 'reach' | 'address' | 'neverSeen'>> = [
	{ name: 'pve2', reach: 'no route', address: '192.0.2.11', neverSeen: true },
	{ name: 'pve3', reach: 'hangs', address: '192.0.2.12', neverSeen: true },
	{ name: 'pve4', reach: 'refused', address: '192.0.2.13', neverSeen: true },
];

/** A file system shared with the system itself is partly taken; a small one stands alone. */
const SYSTEM_USES = 41_352_757_248;
const SMALL = 4 * 1024 ** 3;

const splitList = (text: string): string[] => text.split(',').filter((part) => part !== '');

/** What the file holds of a node; undefined where it did not answer. */
function nodeFileOf(file: StateFile, node: string): NodeFile | undefined {
	return (file as unknown as Record<string, NodeFile | undefined>)[node];
}

/**
 * The state to start from. `source` is what tools/facts/state.json holds unless given; `now` is in
 * seconds since 1970 and dates what the file does not.
 */
export function loadState(now: number, source: StateFile = stateFacts): ClusterState {
	// Each emulator may change all of its state.
	const file = structuredClone(source);
	const local = localNodeOf(file);
	const storages = new Map(loadStorages(file).map((storage) => [storage.storage, storage]));
	const state: ClusterState = {
		version: file.version,
		clusterName: file.clusterStatus?.find(({ type }) => type === 'cluster')?.name,
		quorate: true,
		localNode: local,
		nodes: new Map(),
		storages,
		volumes: new Map(),
		volumesByNode: new Map(),
		vms: new Map(),
		pools: new Map(),
		mappings: loadMappings(file),
		vnets: new Map(),
		haRules: new Map(),
		notifications: { targets: new Map(), matchers: new Map() },
		web: loadWeb(file.fileServer ?? {}),
		appliances,
		registry: loadRegistry(file.ociRegistry),
		users: new Map(),
		realms: file.domains,
		roles: new Map(file.roles.map((role) => [role.roleid, new Set(splitList(role.privs))])),
		acl: file.acl.map(loadAclEntry),
		aclPathsLookedAt: new Set(),
		options: {
			description: file.options.description,
			mac_prefix: file.options.mac_prefix,
			nextId: { lower: 100, upper: 1_000_000 },
			registeredTags: [],
			tagAccess: { userAllow: 'free', list: [] },
			extra: {},
		},
	};
	loadNodes(state, file, now);
	loadUsers(state, file);
	for (const pool of file.pools) {
		state.pools.set(pool.poolid, {
			poolid: pool.poolid,
			comment: pool.comment,
			vms: new Set(),
			storages: new Set(),
		});
	}
	loadGuests(state, file);
	for (const { node } of file.nodes) loadVolumes(state, file, node);
	return state;
}

/** The node that was asked. */
function localNodeOf(file: StateFile): string {
	const local = file.clusterStatus?.find(
		(entry) => entry.type === 'node' && entry.local === 1,
	)?.name;
	return local ?? file.nodes[0]?.node ?? 'pve1';
}

/** Gives every node of the state its volumes: to be called once the nodes are known, and for each that is added. */
export function addVolumes(state: ClusterState): void {
	const shared = [...state.volumesByNode.values()].at(0)?.shared ?? new Map<string, Volume>();
	const isShared = (storage: string) => state.storages.get(storage)?.shared === true;
	for (const node of state.nodes.keys()) {
		if (!state.volumesByNode.has(node))
			state.volumesByNode.set(node, new NodeVolumes(shared, isShared));
	}
	state.volumes = volumesOn(state, state.localNode);
}

function loadNodes(state: ClusterState, file: StateFile, now: number): void {
	const hardware = {
		cpus: 2,
		memory: 25_276_518_400,
		disk: 270_553_174_016,
		bootedAt: now - 9_000,
	};
	const members = file.clusterStatus?.filter(({ type }) => type === 'node') ?? [];
	const nodeIdOf = (name: string) => members.find((member) => member.name === name)?.nodeid ?? 0;
	for (const node of [...file.nodes].sort((a, b) => nodeIdOf(a.node) - nodeIdOf(b.node))) {
		const peer = PEERS.find(({ name }) => name === node.node);
		state.nodes.set(node.node, {
			...hardware,
			name: node.node,
			reach: node.status === 'offline' ? 'no route' : 'here',
			member: true,
			address: members.find(({ name }) => name === node.node)?.ip ?? peer?.address ?? '192.0.2.10',
			cpus: node.maxcpu ?? hardware.cpus,
			memory: node.maxmem ?? hardware.memory,
			disk: node.maxdisk ?? hardware.disk,
			network: nodeFileOf(file, node.node)?.network ?? [],
			...(node.status === 'offline' ? { neverSeen: true } : {}),
		});
	}
	for (const peer of PEERS) {
		if (!state.nodes.has(peer.name))
			state.nodes.set(peer.name, { ...hardware, ...peer, member: false, network: [] });
	}
	addVolumes(state);
}

function loadStorages(file: StateFile): StorageState[] {
	const nodes = file.nodes.flatMap(({ node }) => {
		const ofNode = nodeFileOf(file, node);
		return ofNode ? [{ node, reported: ofNode.storage }] : [];
	});
	return file.storage.map((entry) => {
		const reported = nodes.flatMap(({ node, reported: rows }) =>
			rows.filter(({ storage }) => storage === entry.storage).map((row) => ({ ...row, node })),
		);
		const total = Math.max(0, ...reported.map((row) => row.total));
		const mountedOn = reported.filter(({ active }) => active === 1).map(({ node }) => node);
		const isMountPoint = entry.is_mountpoint === 'yes';
		return {
			storage: entry.storage,
			type: entry.type,
			path: entry.path,
			content: splitList(entry.content),
			total,
			used: total > SMALL ? SYSTEM_USES : 0,
			shared: entry.shared === 1,
			disabled: entry.disable === 1,
			unmounted: isMountPoint && mountedOn.length === 0,
			mountedOn: isMountPoint && mountedOn.length > 0 ? mountedOn : undefined,
			nodes: entry.nodes === undefined ? undefined : splitList(entry.nodes),
			preallocation: entry.preallocation === 'full' ? 'full' : undefined,
			pruneBackups: entry['prune-backups'],
		};
	});
}

function loadMappings(file: StateFile): Mapping[] {
	const types = ['pci', 'usb', 'dir'] as const;
	return types.flatMap((type) =>
		file.mapping[type].map((entry) => ({ id: entry.id, type, map: entry.map })),
	);
}

function loadAclEntry(entry: StateFile['acl'][number]): AclEntry {
	const type = entry.type === 'token' || entry.type === 'group' ? entry.type : 'user';
	return { ...entry, type, propagate: entry.propagate === 1 };
}

function loadUsers(state: ClusterState, file: StateFile): void {
	const secrets = new Map(Object.entries(file.tokenSecrets));
	const passwords = new Map(Object.entries(file.passwords));
	for (const user of file.users) {
		const realm = user.userid.split('@').pop() ?? '';
		state.users.set(user.userid, {
			userid: user.userid,
			enabled: user.enable === 1,
			expire: user.expire,
			password: passwords.get(user.userid) ?? passwords.get(`*@${realm}`),
			groups: splitList(user.groups),
			comment: user.comment,
			email: user.email,
			tokens: new Map(
				user.tokens.map((token) => [
					token.tokenid,
					{
						privsep: token.privsep === 1,
						expire: token.expire,
						secret: secrets.get(`${user.userid}!${token.tokenid}`) ?? '',
					},
				]),
			),
		});
	}
}

/** A VM as it is before anything has happened to it. */
export function newVm(vmid: number, node: string, config: VmConfig): Vm {
	return {
		vmid,
		node,
		type: 'qemu',
		config,
		pending: {},
		pendingDelete: new Set(),
		snapshots: [],
		status: 'stopped',
		paused: false,
		agentRuns: false,
		ignoresShutdown: true,
	};
}

function loadGuests(state: ClusterState, file: StateFile): void {
	for (const guest of file.guests) {
		const ofNode = nodeFileOf(file, guest.node) ?? file.remoteGuests?.[guest.node];
		const found = (guest.type === 'lxc' ? ofNode?.cts : ofNode?.vms)?.[String(guest.vmid)];
		const vm = newVm(guest.vmid, guest.node, toConfig(found?.config ?? {}));
		if (guest.type === 'lxc') Object.assign(vm, { type: 'lxc', ignoresShutdown: false });
		state.vms.set(guest.vmid, vm);
		if (guest.pool) state.pools.get(guest.pool)?.vms.add(guest.vmid);
	}
}

function toConfig(values: object): VmConfig {
	const config: VmConfig = {};
	for (const [key, value] of Object.entries(values)) {
		if (typeof value === 'string' || typeof value === 'number') config[key] = value;
	}
	return config;
}

/** What is in a backup, by the kind of guest that its name says. */
function archived(
	volume: Volume,
	file: StateFile,
	node: string,
): Pick<Volume, 'backup' | 'damage'> {
	if (!volume.volid.includes('/vzdump-lxc-')) return archivedVm(volume);
	const found = nodeFileOf(file, node)?.cts?.[String(volume.vmid)];
	return archivedCt(volume, found && toConfig(found.config));
}

function loadVolumes(state: ClusterState, file: StateFile, node: string): void {
	const volumes = volumesOn(state, node);
	for (const [storage, entries] of Object.entries(nodeFileOf(file, node)?.content ?? {})) {
		for (const entry of entries) {
			const volume: Volume = {
				storage,
				volid: entry.volid,
				content: entry.content,
				format: entry.format,
				size: entry.size,
				used: isDisk(entry) ? 0 : entry.size,
				ctime: entry.ctime,
				vmid: entry.vmid,
				notes: entry.notes,
			};
			if (volume.content === 'backup') Object.assign(volume, archived(volume, file, node));
			if (volume.content === 'vztmpl') volume.damage = volume.size < 512 ? 'garbage' : undefined;
			if (volume.content === 'import') volume.damage = volume.size < 512 ? 'garbage' : undefined;
			// The virtual size of the cloud image in the import folder; a qcow2 file is smaller than that.
			if (volume.content === 'import' && volume.format === 'qcow2' && !volume.damage) {
				volume.size = 16 * 1024 * 1024;
				volume.used = entry.size;
			}
			volumes.set(volume.volid, volume);
		}
	}
}
