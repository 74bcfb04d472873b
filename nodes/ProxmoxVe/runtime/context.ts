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

/** What an item's errors and log entries say of its VM and tasks. It is written with `note`, and never read for control. */
export interface Trace {
	node?: string;
	vmid?: number;
	/** Proxmox refused to create a VM with the ID `vmid`: there is none, or it is another one. */
	isRefused?: boolean;
	upid?: string;
	/** The task that stopped the VM for this request; null if it was stopped, but its task is unknown. */
	stopUpid?: string | null;
	/** The task that started it again because the request was refused; null if it was started, but its task is unknown. */
	restartUpid?: string | null;
	/** Why it does not run again. */
	notRestarted?: string;
	/** The images that were stored for it, and are kept. */
	images?: readonly string[];
	/** The task that starts it. */
	startUpid?: string;
	/** What is there of the VM, if that was read after a failure. */
	guestState?: GuestState;
	/** Why what is there was not removed. */
	notRemoved?: string;
	/** Sentences about the empty VMs that are left under other IDs. */
	leftBehind?: string[];
}

/** What an error claims: the ID of a VM only if there may be something of that VM. */
export function claimsOf({ isRefused, ...trace }: Trace): Omit<Trace, 'isRefused'> {
	const isGone = trace.guestState === 'nothing' || trace.guestState === 'removed';
	if (isRefused === true || isGone) delete trace.vmid;
	return trace;
}

/** Adds what has become known to an item's trace. */
export function note(trace: Trace, known: Trace): void {
	Object.assign(trace, known);
}
