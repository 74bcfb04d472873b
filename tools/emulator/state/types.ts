import type { Boot, GuestSystem } from '../guest/guestSystem';
import type { Appliance } from './appliances';
import type { ForeignGuest } from './foreignGuest';
import type { NodeVolumes } from './volumes';

/**
 * How a node can be reached from the others: `here` is up; `no route` is switched off or cut off, so that the cluster
 * has it as offline; `refused` and `hangs` are up as far as the cluster knows, and only their API server does not answer.
 */
export type Reachability = 'here' | 'no route' | 'refused' | 'hangs';

export interface NodeState {
	name: string;
	reach: Reachability;
	/** Listed by /nodes: a peer may be known to the proxy without being a cluster member. */
	member: boolean;
	address: string;
	cpus: number;
	memory: number;
	disk: number;
	network: NetworkInterface[];
	/** When it was booted, seconds since 1970. */
	bootedAt: number;
	/**
	 * What is wrong with its cluster file system. `down`: it can read no rights, and so refuses everything. `alone`: it has
	 * no contact with the others', and so no quorum. Either way the others have the node as offline.
	 */
	clusterFiles?: 'down' | 'alone';
	/** Its statistics daemon sends nothing; after five minutes what it sent last is no longer believed. */
	statsStoppedAt?: number;
	/** High availability moves its guests away, and says so in the node's row. */
	maintenance?: boolean;
	/** It has been down for as long as the others have been up: they know nothing of it but its name. */
	neverSeen?: boolean;
}

export interface NetworkInterface {
	iface: string;
	type: string;
	[key: string]: unknown;
}

/** A virtual network of SDN. */
export interface Vnet {
	vnet: string;
	zone: string;
	/** The nodes of its zone; all unless given. */
	nodes?: string[];
	alias?: string;
}

export interface StorageState {
	storage: string;
	type: string;
	path: string;
	content: string[];
	/** Bytes; `used` is what is taken beside the emulator's own volumes. */
	total: number;
	used: number;
	shared: boolean;
	disabled: boolean;
	/** The directory ought to be a mount point and is not mounted, on any node. */
	unmounted: boolean;
	/** Mounted on these nodes only; on all unless given. */
	mountedOn?: string[];
	/** Only on these nodes, when given. */
	nodes?: string[];
	preallocation?: 'off' | 'full' | 'metadata';
	/** How many backups are kept, as in the storage's definition: `keep-last=3`. */
	pruneBackups?: string;
	/** Nothing more fits, whatever the sizes say. */
	full?: boolean;
}

export interface Volume {
	volid: string;
	storage: string;
	content: string;
	format: string;
	/** Bytes. */
	size: number;
	/** What it really takes on the storage. */
	used: number;
	ctime: number;
	vmid?: number;
	notes?: string;
	protected?: boolean;
	/** What a Proxmox Backup Server found when it last looked at a backup. */
	verification?: { state: 'ok' | 'failed'; upid: string };
	/** Of an encrypted backup on a Proxmox Backup Server: the fingerprint of its key. */
	encrypted?: string;
	/** The base volume of a linked clone. */
	parent?: string;
	/** Checksums of a file that was downloaded or uploaded. */
	sums?: Record<string, string>;
	/** What a small file holds that was uploaded. */
	bytes?: Uint8Array;
	/** What a backup holds. */
	backup?: BackupContent;
	/** What is in a template that is an OCI image. */
	oci?: OciImage;
	/** The VM that is in an OVA, or that the file describes. */
	guest?: ForeignGuest;
	/** An installed system with a guest agent and cloud-init is on it: a VM boots from it, and its agent answers. */
	boots?: boolean;
	/** The bytes are no such image or archive. */
	damage?: 'truncated' | 'garbage' | 'no config';
}

/** The configuration of an OCI image, as far as it becomes a container's. */
export interface OciImage {
	ostype: string;
	entrypoint?: string[];
	cmd?: string[];
	env?: string[];
	volumes?: string[];
	user?: string;
	workingDir?: string;
	stopSignal?: string;
}

/** A file on a web server, as a node that downloads it finds it. */
export interface WebFile {
	/** Bytes. */
	size: number;
	/** Checksums in hexadecimal by algorithm: `sha256`, `md5` … */
	sums: Record<string, string>;
	/** What the server answers in place of the file: `404 Not Found`. */
	status?: string;
	/** The name that the server gives it. */
	name?: string;
	mimetype?: string;
	/** How long its download takes besides. */
	seconds?: number;
	/** Its server's certificate is not trusted. */
	isSelfSigned?: boolean;
	/** What it is packed with, and what is in it. */
	compression?: string;
	unpacked?: WebFile;
	/** Where it is an image: its format and the size of the disk in it. */
	disk?: { format: string; size: number };
	hasBackingFile?: boolean;
	/** An installed system with a guest agent and cloud-init is on it. */
	boots?: boolean;
	/** The VM in it, where it is an OVA. */
	guest?: ForeignGuest;
	/** Its server closes the connection half-way, each time. */
	breaksOff?: boolean;
}

export interface BackupContent {
	config: VmConfig;
	/** Which drives have their data in it, with the virtual size in bytes. */
	drives: Record<string, { size: number; format: string; storage: string; boots?: boolean }>;
	/** When the archive was written, seconds since 1970. */
	ctime: number;
}

/** A VM's configuration as the API reports it, without the digest. */
export type VmConfig = Record<string, string | number>;

export interface Snapshot {
	name: string;
	description?: string;
	snaptime: number;
	vmstate: boolean;
	parent?: string;
	/** It is being taken or deleted, or its task was killed while it was. */
	snapstate?: 'prepare' | 'delete';
	config: VmConfig;
}

export interface Vm {
	vmid: number;
	node: string;
	type: 'qemu' | 'lxc';
	config: VmConfig;
	/** Changes that wait for the VM to stop. */
	pending: VmConfig;
	pendingDelete: Set<string>;
	/** Drives among these whose volumes go, too. */
	pendingForce?: Set<string>;
	/** What was changed while the VM ran and is not in its cloud-init image: values as the image has them, and settings that it has not. */
	imageDrift?: { values: VmConfig; added: Set<string> };
	snapshots: Snapshot[];
	status: 'stopped' | 'running';
	paused: boolean;
	/** It was reset while it was paused. */
	wasReset?: boolean;
	/** Set while running. */
	pid?: number;
	startedAt?: number;
	/** A guest agent answers within this VM. */
	agentRuns: boolean;
	/** The IPv4 addresses of its network cards, in order, where they are not the usual ones. */
	addresses?: string[];
	/** The interfaces that it reports; one for each network card if left out. Asked each time, so that they may change. */
	guestInterfaces?: () => unknown;
	/** The system within the VM, once its agent was asked for something of it. */
	guest?: GuestSystem;
	/** The guest ignores an ACPI shutdown, as an empty VM does. */
	ignoresShutdown: boolean;
	haManaged?: 'started' | 'stopped';
	/** What was asked of high availability, where it was asked by its own API. */
	haOptions?: Record<string, string | number>;
	/**
	 * What the node's statistics daemon last sent of it, where that is not what it is now: null where it has sent nothing
	 * yet. Undefined: what it is now.
	 */
	lastReport?: Record<string, unknown> | null;
}

export interface Token {
	privsep: boolean;
	/** Seconds since 1970; 0 is never. */
	expire: number;
	secret: string;
	comment?: string;
}

export interface User {
	userid: string;
	enabled: boolean;
	expire: number;
	password?: string;
	groups: string[];
	comment?: string;
	email?: string;
	tokens: Map<string, Token>;
}

export interface AclEntry {
	path: string;
	type: 'user' | 'token' | 'group';
	ugid: string;
	roleid: string;
	propagate: boolean;
}

export interface Pool {
	poolid: string;
	comment?: string;
	vms: Set<number>;
	storages: Set<string>;
}

export interface Mapping {
	id: string;
	type: 'pci' | 'usb' | 'dir';
	map: string[];
	description?: string;
}

export interface DatacenterOptions {
	description: string;
	mac_prefix: string;
	/** The range that /cluster/nextid draws from. */
	nextId: { lower: number; upper: number };
	/** Tags that only users with Sys.Modify on / may set. */
	registeredTags: string[];
	tagAccess: { userAllow: 'free' | 'list' | 'existing' | 'none'; list: string[] };
	/** Whatever else /cluster/options reports. */
	extra: Record<string, unknown>;
}

/** A task that finished before the emulator started. */
export interface FinishedTask {
	type: string;
	id: string;
	authId: string;
	/** Seconds since 1970. */
	starttime: number;
	endtime: number;
	exitstatus: string;
	log: string[];
}

/** A notification target of the type webhook, as it was created: header and body are templates. */
export interface WebhookTarget {
	name: string;
	url: string;
	method: string;
	header: string[];
	/** Base64. */
	body?: string;
	secret: string[];
	comment?: string;
	disable?: number;
}

/** Which notifications go to which targets. */
export interface Matcher {
	name: string;
	target: string[];
	'match-field': string[];
	'match-severity': string[];
	mode?: string;
	'invert-match'?: number;
	comment?: string;
	disable?: number;
}

export interface ClusterState {
	version: { release: string; repoid: string; version: string };
	/** Undefined for a node that stands alone. */
	clusterName?: string;
	quorate: boolean;
	/** The node that is asked. */
	localNode: string;
	nodes: Map<string, NodeState>;
	storages: Map<string, StorageState>;
	/** What lies on the storages as the node that is asked sees them: its own, and the shared ones. */
	volumes: Map<string, Volume>;
	/** The same for each node, by name. */
	volumesByNode: Map<string, NodeVolumes<Volume>>;
	vms: Map<number, Vm>;
	pools: Map<string, Pool>;
	mappings: Mapping[];
	/** Virtual networks by name. */
	vnets: Map<string, Vnet>;
	/** Rules of high availability by their names. */
	haRules: Map<string, Record<string, string | number>>;
	/** Webhook targets of notifications and the matchers, by their names. */
	notifications: { targets: Map<string, WebhookTarget>; matchers: Map<string, Matcher> };
	/** What happens in the guest of a VM that is started; nothing unless given. */
	boot?: (vm: Vm) => Boot | undefined;
	/** What can be downloaded, by its address without a query. */
	web: Map<string, WebFile>;
	/** The templates that a node offers to download. */
	appliances: readonly Appliance[];
	/** Images of registries, by `HOST/REPOSITORY:TAG`. */
	registry: Map<string, OciImage & { size?: number }>;
	/** Files that are meant where others are uploaded, by the SHA-256 of those: a recording has no bytes. */
	standIns?: Map<string, WebFile>;
	users: Map<string, User>;
	/** Groups that were made, beside those that have members. */
	groups?: Set<string>;
	realms: Array<{ realm: string; type: string; comment?: string }>;
	roles: Map<string, Set<string>>;
	acl: AclEntry[];
	/** Looking for rights on a bridge's VLANs leaves the bridge's path in the list of known ones. */
	aclPathsLookedAt: Set<string>;
	options: DatacenterOptions;
	/** Tasks of the node that is asked, the oldest first. */
	history?: FinishedTask[];
}
