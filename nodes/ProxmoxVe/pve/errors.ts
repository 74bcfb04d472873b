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

/** Proxmox's own proxy could not connect to the node: nobody there has seen the request. */
const NOT_CONNECTED = 595;
/** A body in a form that Proxmox does not take. */
const BAD_FORM = 506;

/** Whether the answer to a request was lost, so that nobody knows if it was handled. */
export const isLost = ({ failure }: PveError): boolean => {
	const { status, neverSent } = failure;
	if (neverSent || status === NOT_CONNECTED || status === BAD_FORM) return false;
	// A success that is no answer of Proxmox broke off on its way, or is another's. From 502 on, proxies speak.
	return status === undefined || status < 300 || status >= 502;
};

/** Whether nothing was done because of something that passes: a lock of somebody else's, or a daemon that is down. */
export const isPutOff = (error: PveError): boolean =>
	error.failure.status === NOT_CONNECTED || isLockTimeout(error.failure.message);

/** Whether asking again later may be answered: Proxmox has not refused the question, only nobody could answer it. */
export const isPassing = ({ failure }: PveError): boolean =>
	failure.status !== 400 && failure.status !== 403 && !isMissing(failure.message);

/** Proxmox's words for a VM that is not there (any more). */
const isMissing = (message: string): boolean => /Configuration file '[^']*' does not exist/.test(message);

/** Whether Proxmox says that there is no such VM. */
export const isNoVm = ({ failure }: PveError): boolean => isMissing(failure.message);

/** Whether a VM or container has the ID already; never a disk or volume. */
export const isIdTaken = ({ failure }: PveError, vmid: number): boolean => saysIdTaken(failure.message, vmid);

/** Whether a message says that the ID is another's: on another node Proxmox only finds that its file cannot be made. */
export const saysIdTaken = (message: string, vmid: number): boolean =>
	new RegExp(`\\b(?:VM|CT) ${vmid}(?: already exists on node\\b|: config file already exists)|/qemu-server/${vmid}\\.conf\\b.{0,200}File exists`).test(message);

/** Whether a message says that somebody else held a lock for too long. */
export const isLockTimeout = (message: string): boolean =>
	/can't lock file '[^']*' - got timeout|got lock request timeout/.test(message);

/** Whether somebody else held the lock of this very VM for too long. */
export const isVmLocked = ({ failure }: PveError, vmid: number): boolean =>
	failure.message.includes(`/lock-${vmid}.conf'`) && isLockTimeout(failure.message);

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

	/** Whether the task's process was gone before it told how it ended: it was killed, or its node failed. */
	get isUntold(): boolean {
		return /^(?:unexpected status|unable to (?:open file|read tail|extract last line)\b.*)?$/.test(this.exitStatus);
	}
}

/** Proxmox no longer knows the task: its log is gone, and with it how it ended. */
export class TaskGoneError extends Error {
	constructor(readonly upid: string) {
		super('Proxmox VE no longer knows the task');
		this.name = 'TaskGoneError';
	}
}

/** The wait was given up; the task goes on. */
export class TaskTimeoutError extends Error {
	constructor(
		readonly upid: string,
		readonly seconds: number,
		/** Why nobody could tell of the task at the last look. */
		readonly silence?: PveError,
	) {
		super(silence === undefined ? `the task was still running after ${seconds} s` : `nobody could tell of the task after ${seconds} s`);
		this.name = 'TaskTimeoutError';
	}
}
