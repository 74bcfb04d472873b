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
