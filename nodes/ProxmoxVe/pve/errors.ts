/** What happened to a request, as far as the client can tell. */
export interface PveFailure {
	/** HTTP status, where there was an answer. 595 and above are Proxmox's own proxy. */
	readonly status?: number;
	/** Error code of the network layer, such as ECONNREFUSED, where there was none. */
	readonly code?: string;
	/** Proxmox's words: the body's message, or the reason phrase. */
	readonly message: string;
	/** Parameter -> what is wrong with it, of a 400. */
	readonly errors?: Readonly<Record<string, string>>;
	/** `POST /nodes/pve1/qemu`: what was asked. */
	readonly request: string;
	/** Whether the request certainly never reached Proxmox, so that it may be sent elsewhere. */
	readonly neverSent?: boolean;
}

/** A request that Proxmox refused or that got no answer. Never holds a secret. */
export class PveError extends Error {
	readonly failure: PveFailure;

	constructor(failure: PveFailure) {
		super(failure.message);
		this.name = 'PveError';
		this.failure = failure;
	}
}

/** Whether a network error's code says that the host's certificate was refused, before anything was sent. */
export const isCertificateCode = (code: string): boolean => /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/.test(code);

/** Statuses of proxies: the request may have been handled all the same. */
const LOST_STATUSES = [502, 503, 504, 595, 596, 597, 598, 599];

/** Whether the answer to a request was lost, so that nobody knows if it was handled. */
export const isLost = ({ failure }: PveError): boolean => {
	if (failure.neverSent) return false;
	// A success that is no answer of Proxmox broke off on its way, or is another's.
	return failure.status === undefined || failure.status < 300 || LOST_STATUSES.includes(failure.status);
};

/** Whether a VM or container has the ID already; never a disk or volume. */
export const isIdTaken = ({ failure }: PveError, vmid: number): boolean =>
	new RegExp(`\\b(?:VM|CT) ${vmid} already exists on node\\b`).test(failure.message);

/** Whether somebody else held a lock for too long. */
export const isLockTimeout = ({ failure }: PveError): boolean =>
	/can't lock file '[^']*' - got timeout|got lock request timeout/.test(failure.message);

/** A task that ended in an error. The VM may be there in part. */
export class TaskError extends Error {
	constructor(
		readonly upid: string,
		/** Proxmox's own reason. */
		readonly exitStatus: string,
		/** The last lines of the task's log. */
		readonly log: readonly string[],
	) {
		super(exitStatus);
		this.name = 'TaskError';
	}
}

/** The wait was given up; the task goes on. */
export class TaskTimeoutError extends Error {
	constructor(
		readonly upid: string,
		readonly seconds: number,
	) {
		super(`the task was still running after ${seconds} s`);
		this.name = 'TaskTimeoutError';
	}
}
