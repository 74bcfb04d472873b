import type { Catalogue } from '../catalogue/catalogue';
import { lxc } from '../catalogue/lxc';
import { qemu } from '../catalogue/qemu';

/** What a task does to a guest. */
export type TaskOf =
	| 'clone'
	| 'configure'
	| 'create'
	| 'deleteSnapshot'
	| 'destroy'
	| 'hibernate'
	| 'migrate'
	| 'moveDisk'
	| 'reboot'
	| 'reset'
	| 'restore'
	| 'resume'
	| 'rollback'
	| 'shutdown'
	| 'snapshot'
	| 'start'
	| 'stop'
	| 'suspend'
	| 'template';

/** What Proxmox calls a kind of guest, and what it takes for one. */
export interface GuestKind {
	/** The n8n resource that is about this kind. */
	readonly resource: string;
	/** In the paths of the API, in the cluster's list of guests, and in the names of backups. */
	readonly type: string;
	/** In messages, before an ID. */
	readonly label: string;
	/** In messages, after an article. */
	readonly noun: string;
	/** In the label of a field. */
	readonly title: string;
	/** What it keeps its data on, in messages. */
	readonly disk: 'disk' | 'volume';
	/** Whether a file that has its data has a format that can be chosen. */
	readonly hasFormats: boolean;
	/** A guest of the other kind, with its article: the two share their IDs. */
	readonly other: string;
	/** What a Proxmox Backup Server calls its backups. */
	readonly backupGroup: string;
	/** The type in the UPID of each task. */
	readonly taskTypes: Readonly<Record<TaskOf, string>>;
	/** The tool for it on a node, in messages. */
	readonly tool: string;
	/** How its configuration is changed: by a task, or at once. */
	readonly changes: 'byTask' | 'atOnce';
	/** Who knows what goes on in it: an agent in the guest, or its host. */
	readonly reporter: 'agent' | 'host';
	/** What a storage for its volumes must accept. */
	readonly volumeContent: string;
	/** By what a new one is recognised after a lost response, because Proxmox would make it up itself. */
	readonly mark: 'uuid' | 'mac';
	/** The option of a network card that has its MAC address. */
	readonly macOption: string;
	/** Whether a snapshot may have its memory. */
	readonly savesMemory: boolean;
	/** Names that no snapshot may have. */
	readonly reservedSnapshots: readonly string[];
	readonly catalogue: Catalogue;
	/** Of a guest that may be of several kinds: those. */
	readonly kinds?: readonly GuestKind[];
}

/** Every kind of guest: the only place that has their names in Proxmox. Data only, because n8n loads it at its start. */
export const guestKinds = {
	qemu: {
		resource: 'virtualMachine',
		type: 'qemu',
		label: 'VM',
		noun: 'virtual machine',
		title: 'Virtual Machine',
		disk: 'disk',
		hasFormats: true,
		other: 'a container',
		backupGroup: 'vm',
		taskTypes: {
			clone: 'qmclone',
			configure: 'qmconfig',
			create: 'qmcreate',
			deleteSnapshot: 'qmdelsnapshot',
			destroy: 'qmdestroy',
			hibernate: 'qmsuspend',
			migrate: 'qmigrate',
			moveDisk: 'qmmove',
			reboot: 'qmreboot',
			reset: 'qmreset',
			restore: 'qmrestore',
			resume: 'qmresume',
			rollback: 'qmrollback',
			shutdown: 'qmshutdown',
			snapshot: 'qmsnapshot',
			start: 'qmstart',
			stop: 'qmstop',
			suspend: 'qmpause',
			template: 'qmtemplate',
		},
		tool: 'qm',
		changes: 'byTask',
		reporter: 'agent',
		volumeContent: 'images',
		mark: 'uuid',
		macOption: 'macaddr',
		savesMemory: true,
		reservedSnapshots: ['current', 'pending'],
		catalogue: qemu,
	},
	lxc: {
		resource: 'container',
		type: 'lxc',
		label: 'CT',
		noun: 'container',
		title: 'Container',
		disk: 'volume',
		hasFormats: false,
		other: 'a VM',
		backupGroup: 'ct',
		taskTypes: {
			clone: 'vzclone',
			configure: 'vzconfig',
			create: 'vzcreate',
			deleteSnapshot: 'vzdelsnapshot',
			destroy: 'vzdestroy',
			hibernate: 'vzsuspend',
			migrate: 'vzmigrate',
			moveDisk: 'move_volume',
			reboot: 'vzreboot',
			reset: 'vzreboot',
			restore: 'vzrestore',
			resume: 'vzresume',
			rollback: 'vzrollback',
			shutdown: 'vzshutdown',
			snapshot: 'vzsnapshot',
			start: 'vzstart',
			stop: 'vzstop',
			suspend: 'vzsuspend',
			template: 'vztemplate',
		},
		tool: 'pct',
		changes: 'atOnce',
		reporter: 'host',
		volumeContent: 'rootdir',
		mark: 'mac',
		macOption: 'hwaddr',
		savesMemory: false,
		reservedSnapshots: ['current', 'vzdump'],
		catalogue: lxc,
	},
} as const satisfies Readonly<Record<string, GuestKind>>;

const { qemu: ofVm, lxc: ofContainer } = guestKinds;

/** Of operations that take any guest, until it is found: then it is of one of these kinds. It has no type, and so no path. */
export const anyKind: GuestKind = {
	...ofVm,
	resource: '',
	type: '',
	label: 'guest',
	noun: 'guest',
	title: 'Guest',
	reservedSnapshots: ofVm.reservedSnapshots.filter((name) =>
		(ofContainer.reservedSnapshots as readonly string[]).includes(name),
	),
	kinds: [ofVm, ofContainer],
};

/** The resources whose operations take any guest. */
export const RESOURCES_OF_ANY_KIND: readonly unknown[] = ['snapshot', 'backup'];
