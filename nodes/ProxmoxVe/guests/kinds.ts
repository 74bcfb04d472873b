import type { Catalogue } from '../catalogue/catalogue';
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
	/** In the paths of the API, in the cluster's list of guests, and in the names of backups. */
	readonly type: string;
	/** In messages, before an ID. */
	readonly label: string;
	/** In messages, after an article. */
	readonly noun: string;
	/** A guest of the other kind, with its article: the two share their IDs. */
	readonly other: string;
	/** What a Proxmox Backup Server calls its backups. */
	readonly backupGroup: string;
	/** The type in the UPID of each task. */
	readonly taskTypes: Readonly<Record<TaskOf, string>>;
	/** Names that no snapshot may have. */
	readonly reservedSnapshots: readonly string[];
	readonly catalogue: Catalogue;
}

/** Every kind of guest: the only place that has their names in Proxmox. Data only, because n8n loads it at its start. */
export const guestKinds = {
	qemu: {
		type: 'qemu',
		label: 'VM',
		noun: 'virtual machine',
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
		reservedSnapshots: ['current', 'pending'],
		catalogue: qemu,
	},
} as const satisfies Readonly<Record<string, GuestKind>>;
