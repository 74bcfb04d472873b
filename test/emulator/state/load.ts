import stateFacts from '../../facts/state.json';
import type { AclEntry, ClusterState, Mapping, NodeState, StorageState, Vm, VmConfig, Volume } from './types';
import { archivedVm } from './archives';

/** The form of test/facts/state.json: what a server held before the first recording. */
export type StateFile = typeof stateFacts;

const PEERS: Array<Pick<NodeState, 'name' | 'reach' | 'address'>> = [
	{ name: 'pve2', reach: 'no route', address: '192.0.2.11' },
	{ name: 'pve3', reach: 'hangs', address: '192.0.2.12' },
	{ name: 'pve4', reach: 'refused', address: '192.0.2.13' },
];

const splitList = (text: string): string[] => text.split(',').filter((part) => part !== '');

/**
 * The state to start from. `file` is what test/facts/state.json holds unless given; `now` is in
 * seconds since 1970 and dates what the file does not.
 */
export function loadState(now: number, file: StateFile = stateFacts): ClusterState {
	const local = file.nodes[0]?.node ?? 'pve1';
	const state: ClusterState = {
		version: file.version,
		quorate: true,
		localNode: local,
		nodes: new Map(),
		storages: new Map(loadStorages(file).map((storage) => [storage.storage, storage])),
		volumes: new Map(),
		vms: new Map(),
		pools: new Map(),
		mappings: loadMappings(file),
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
			comment: 'comment' in pool ? pool.comment : undefined,
			vms: new Set(),
			storages: new Set(),
		});
	}
	loadGuests(state, file);
	loadVolumes(state, file);
	return state;
}

function loadNodes(state: ClusterState, file: StateFile, now: number): void {
	const hardware = { cpus: 2, memory: 25_276_518_400, disk: 270_553_174_016, bootedAt: now - 9_000 };
	for (const node of file.nodes) {
		state.nodes.set(node.node, {
			...hardware,
			name: node.node,
			reach: 'here',
			member: true,
			address: '192.0.2.10',
			cpus: node.maxcpu,
			memory: node.maxmem,
			disk: node.maxdisk,
			network: file.pve1.network,
		});
	}
	for (const peer of PEERS) state.nodes.set(peer.name, { ...hardware, ...peer, member: false, network: [] });
}

function loadStorages(file: StateFile): StorageState[] {
	return file.storage.map((entry) => {
		const reported = file.pve1.storage.find((other) => other.storage === entry.storage);
		const preallocation = 'preallocation' in entry ? entry.preallocation : undefined;
		const total = reported?.total ?? 0;
		return {
			storage: entry.storage,
			type: entry.type,
			path: entry.path,
			content: splitList(entry.content),
			total,
			// A file system shared with the system itself; the small one stands alone.
			used: total > 1e9 ? 41_352_757_248 : 0,
			shared: reported?.shared === 1,
			disabled: 'disable' in entry && entry.disable === 1,
			unmounted: 'is_mountpoint' in entry && entry.is_mountpoint === 'yes',
			nodes: 'nodes' in entry && entry.nodes !== undefined ? splitList(entry.nodes) : undefined,
			preallocation: preallocation === 'full' ? 'full' : undefined,
		};
	});
}

function loadMappings(file: StateFile): Mapping[] {
	const types = ['pci', 'usb', 'dir'] as const;
	return types.flatMap((type) => file.mapping[type].map((entry) => ({ id: entry.id, type, map: entry.map })));
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
			comment: 'comment' in user ? user.comment : undefined,
			email: 'email' in user ? user.email : undefined,
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
	const configs = new Map(Object.entries(file.pve1.vms).map(([vmid, vm]) => [Number(vmid), vm.config]));
	for (const guest of file.guests) {
		const vm = newVm(guest.vmid, guest.node, toConfig(configs.get(guest.vmid) ?? {}));
		if (guest.type === 'lxc') vm.type = 'lxc';
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

function loadVolumes(state: ClusterState, file: StateFile): void {
	for (const [storage, entries] of Object.entries(file.pve1.content)) {
		for (const entry of entries) {
			const volume: Volume = {
				storage,
				volid: entry.volid,
				content: entry.content,
				format: entry.format,
				size: entry.size,
				used: entry.content === 'images' ? 0 : entry.size,
				ctime: entry.ctime,
				vmid: 'vmid' in entry ? entry.vmid : undefined,
				notes: 'notes' in entry ? entry.notes : undefined,
			};
			if (volume.content === 'backup') Object.assign(volume, archivedVm(volume));
			if (volume.content === 'import') volume.damage = volume.size < 512 ? 'garbage' : undefined;
			// The virtual size of the cloud image in the import folder; a qcow2 file is smaller than that.
			if (volume.content === 'import' && volume.format === 'qcow2' && !volume.damage) {
				volume.size = 16 * 1024 * 1024;
				volume.used = entry.size;
			}
			state.volumes.set(volume.volid, volume);
		}
	}
}
