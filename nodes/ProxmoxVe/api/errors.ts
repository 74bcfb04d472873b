import { whyNoResponse } from '../../../credentials/connectionFailure';

/** What happened to a request, as far as the client knows. */
export interface PveFailure {
	/** HTTP status, if there was an answer. 595 and above are Proxmox's own proxy. */
	readonly status?: number;
	/** Error code of the network layer, such as ECONNREFUSED, if there was none. */
	readonly code?: string;
	/** Proxmox's words: the body's message, or the reason phrase. Without a response those of the network layer. */
	readonly message: string;
	/** Parameter -> what is wrong with it, of a 400. */
	readonly errors?: Readonly<Record<string, string>>;
	/** `POST /nodes/pve1/qemu`: what was asked. */
	readonly request: string;
	/** Whether the request certainly never reached Proxmox, so that it may be sent elsewhere. */
	readonly neverSent?: boolean;
	/** Whether the login was refused so often that this run makes no further request. */
	readonly isFinal?: boolean;
	/** Whether nothing in the response is Proxmox's own: a proxy made it up, whatever became of the request. */
	readonly isForeign?: boolean;
}

/** A failure in the words of Proxmox, or in plain ones if there was no response. */
const wordsOf = (failure: PveFailure): string =>
	failure.status === undefined ? whyNoResponse(failure) : failure.message;

/** A request that Proxmox refused or that got no answer. Never holds a secret. */
export class PveError extends Error {
	readonly failure: PveFailure;

	/** @param clean removes secrets from the message: the failure is unchanged, because decisions depend on it */
	constructor(failure: PveFailure, clean = (text: string): string => text) {
		super(clean(wordsOf(failure)));
		this.name = 'PveError';
		this.failure = failure;
	}
}

/** A request whose response did not come in time. @param neverSent whether it still waited to be sent */
export const timedOut = (request: string, neverSent = false): PveError =>
	new PveError({ code: 'ECONNABORTED', message: 'no response in time', request, neverSent });

/** Proxmox's own proxy could not connect to the node: the request never reached it. */
const NOT_CONNECTED = 595;
/** A body in a form that Proxmox does not take. */
const BAD_FORM = 506;

/** Phrases that HTTP itself has for a status, and Proxmox never gives as its reason. */
const STANDARD_PHRASES =
	/^(?:|unauthorized|payment required|forbidden|not found|method not allowed|not acceptable|proxy authentication required|request time-?out|conflict|gone|length required|(?:payload|request entity|content) too large|too many requests|client closed request|internal server error|not implemented)$/i;

/**
 * Whether a response of 400 or more has nothing of Proxmox in it. Proxmox answers with an object that has `data`, or
 * with no more than its own words as reason phrase, which the body may repeat. After a proxy's page, any
 * outcome of the request that it passed on is possible.
 * @param reason the reason phrase
 * @param body parsed where it is JSON
 */
export function isForeignAnswer(reason: string, body: unknown): boolean {
	if (typeof body === 'object' && body !== null) return !('data' in body);
	const text = typeof body === 'string' ? body.trim() : '';
	return STANDARD_PHRASES.test(reason.trim()) || (text !== '' && text !== reason.trim());
}

/** Statuses of a redirect that may come after the request was handled; the others ask to send it elsewhere. */
const HANDLED_REDIRECTS: ReadonlyArray<number | undefined> = [302, 303];

/** Whether the response to a request was lost, so that its outcome is unknown. */
export const isOutcomeUnknown = ({ failure }: PveError): boolean => {
	const { status, neverSent, isForeign, message } = failure;
	if (neverSent || status === NOT_CONNECTED || status === BAD_FORM) return false;
	// A success that is no answer of Proxmox broke off on its way, or is of another host. From 502 on, proxies speak.
	return (
		status === undefined ||
		status < 300 ||
		status >= 502 ||
		isForeign === true ||
		HANDLED_REDIRECTS.includes(status) ||
		isListTimeout(message)
	);
};

/** The task runs, and only the file with the list of tasks could not be written in time. */
const isListTimeout = (message: string): boolean => message.includes("/tasks/.active.lock'");

/** Whether nothing was done because of something that passes: a lock held by another task, or a daemon that is down. */
export const wasNotExecuted = (error: PveError): boolean =>
	error.failure.status === NOT_CONNECTED || isLockTimeout(error.failure.message);

/** Whether a retry can succeed: Proxmox did not reject the request, it only could not be answered. */
export const isTransient = ({ failure }: PveError): boolean =>
	!failure.isFinal &&
	(failure.isForeign === true ||
		(failure.status !== 400 && failure.status !== 403 && !isMissing(failure.message)));

/** For a catch: undefined if a retry can succeed. @throws every other error */
export function undefinedIfTransient(error: unknown): undefined {
	if (error instanceof PveError && isTransient(error)) return undefined;
	throw error;
}

/** Proxmox's words for a VM that is not there (any more). */
const isMissing = (message: string): boolean =>
	/Configuration file '[^']*' does not exist/.test(message);

/** Whether Proxmox says that there is no such VM. */
export const isNoVm = ({ failure }: PveError): boolean => isMissing(failure.message);

/** Whether a VM or container has the ID already; never a disk or volume. */
export const isIdTaken = ({ failure }: PveError, vmid: number): boolean =>
	saysIdTaken(failure.message, vmid);

/** Whether a message says that the ID is in use: on another node Proxmox only notices that its file cannot be created. */
export const saysIdTaken = (message: string, vmid: number): boolean =>
	new RegExp(
		`\\b(?:VM|CT) ${vmid}(?: already exists on node\\b|: config file already exists)|/${vmid}\\.conf\\b.{0,200}File exists`,
	).test(message);

/** Whether a message says that another task held a lock for too long. */
export const isLockTimeout = (message: string): boolean =>
	!isListTimeout(message) &&
	/can't lock file '[^']*' - got timeout|got lock request timeout/.test(message);

/** Whether another task held the lock of this very VM for too long. */
export const isVmLocked = ({ failure }: PveError, vmid: number): boolean =>
	saysVmLocked(failure.message, vmid);

/** Whether a message says that the lock of this VM or container could not be had. A task takes it before it changes anything. */
export const saysVmLocked = (message: string, vmid: number): boolean =>
	[`/lock-${vmid}.conf'`, `/pve-config-${vmid}.lock'`].some((file) => message.includes(file)) &&
	isLockTimeout(message);

/**
 * Whether Proxmox could not start the task's process: no task runs, and sending the same request again is safe,
 * unless it is a create or restore, which has taken or locked the VM's ID by then.
 * Source: pve-common `RESTEnvironment.pm`, `fork_worker`.
 */
export const isNotStarted = (error: unknown): boolean =>
	error instanceof PveError &&
	error.failure.status === 500 &&
	NO_WORKER.test(error.failure.message);

/** Proxmox's words for it; other tasks that end at the same moment cause the first of them. */
const NO_WORKER =
	/\b(?:got no worker upid|got strange worker upid \(.*\)) - start worker failed\b|\bstarting worker failed\b|\bunable to fork worker\b/;

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

	/** Whether the task's process ended without a status: it was killed, or its node failed. */
	get isUnknown(): boolean {
		return /^(?:unexpected status|unable to (?:open file|read tail|extract last line)\b.*)?$/.test(
			this.exitStatus,
		);
	}
}

/** Proxmox no longer knows the task: its log is gone, and with it how it ended. */
export class TaskGoneError extends Error {
	constructor(readonly upid: string) {
		super('Proxmox VE no longer knows the task');
		this.name = 'TaskGoneError';
	}
}

/** The wait was given up; the task continues. */
export class TaskTimeoutError extends Error {
	constructor(
		readonly upid: string,
		readonly seconds: number,
		/** Why the last poll could not read the task's status. */
		readonly lastError?: PveError,
	) {
		super(
			lastError === undefined
				? `the task was still running after ${seconds} s`
				: lastError.failure.isFinal
					? 'the login was refused, so the status of the task can no longer be read'
					: `timed out after ${seconds} s, and the status of the task could not be read`,
		);
		this.name = 'TaskTimeoutError';
	}
}
