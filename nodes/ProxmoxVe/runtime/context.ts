/**
 * What is there of a VM whose creation failed. `locked`: being created, or left behind so; `unchanged`: it
 * existed before, and only keeps the lock of a restore; `overwritten`: it existed before, and should have been
 * replaced; `removed`: it was left behind, and deleted.
 */
export type GuestState =
	| 'nothing'
	| 'whole'
	| 'locked'
	| 'unreadable'
	| 'unchanged'
	| 'overwritten'
	| 'removed';

/** What an error must not lose: where the VM is, and the task that made it. Filled in as it becomes known. */
export interface Trace {
	node?: string;
	vmid?: number;
	upid?: string;
	/** The task that turned off what was to be overwritten. */
	stopUpid?: string;
	/** The task that started it again, after what it was turned off for was refused. */
	restartUpid?: string;
	/** Why it does not run again. */
	notRestarted?: string;
	/** The task that was to start it. */
	startUpid?: string;
	/** What is there of the VM, where that was read after a failure. */
	guestState?: GuestState;
	/** Why what is there was not removed. */
	notRemoved?: string;
	/** Sentences about the empty VMs that are left under other IDs. */
	leftBehind?: string[];
}
