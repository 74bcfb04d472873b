import type { PveError } from '../api/errors';

/** A failure, and what to do about it in this very case. */
export class AdvisedError extends Error {
	constructor(
		readonly reason: Error,
		readonly advice: string,
	) {
		super(reason.message);
		this.name = 'AdvisedError';
	}
}

/** The VM was created but is not running, or its status could not be read. */
export class StartError extends Error {
	constructor(
		readonly reason: unknown,
		/** The task that should have started it, if there was one. */
		readonly upid: string | undefined,
		/** Whether it runs could not be read. */
		readonly isUnknown: boolean,
	) {
		super(reason instanceof Error ? reason.message : String(reason));
		this.name = 'StartError';
	}
}

/** The VM was created, but a later step failed, or its outcome is unknown. */
export class UnfinishedError extends Error {
	constructor(
		readonly reason: unknown,
		/** What the VM is not yet: `is not a template`. */
		readonly lacks: string,
		/** The operation that does it, as an instruction: `use Convert to Template`. */
		readonly advice: string,
	) {
		super(reason instanceof Error ? reason.message : String(reason));
		this.name = 'UnfinishedError';
	}
}

/** The response to the POST of a VM was lost, and whether it was executed could not be found out. */
export class LostAnswerError extends Error {
	constructor(
		readonly reason: PveError,
		/** What was tried, and what is known. */
		readonly advice: string,
		/** Tasks that may be its own, newest first. */
		readonly upids: readonly string[] = [],
	) {
		super(reason.message);
		this.name = 'LostAnswerError';
	}
}

/** The response to a request that changes something was lost, and whether it was executed cannot be found out. */
export class UnknownOutcomeError extends Error {
	constructor(
		readonly reason: PveError,
		/** What was requested: `resize of scsi0 of VM 100 on pve1`. */
		readonly what: string,
		/** Tasks that may be the one of the request, or of another one like it. */
		readonly upids: readonly string[],
	) {
		super(`The response to the ${what} was lost. Whether it was executed is unknown`);
		this.name = 'UnknownOutcomeError';
	}
}

/** No node of the cluster fits a new guest. */
export class PlacementError extends Error {
	constructor(
		/** For each node, its name and what is missing there. */
		readonly nodes: readonly string[],
	) {
		super('No node of the cluster fits this guest');
		this.name = 'PlacementError';
	}
}
