import { PveError } from './errors';
import { sleep, stopwatch } from './sleep';

/**
 * Pauses before each further try after a refused login, in milliseconds. With the first one that makes four
 * failed logins: directories commonly lock an account after five. They are far enough apart for an
 * authentication server that restarts.
 */
const PAUSES_MS = [5_000, 30_000, 180_000];

/** So long others wait for the first request of a run, in milliseconds: Proxmox answers a refused login after 3 s, and a ticket's twice that. */
const FIRST_MS = 10_000;

/** A request that the gate has let through. */
export interface Pass {
	/** Reports what came of it: `refused` is a 401, `accepted` any other answer. Only the first report counts. */
	ended(how: 'accepted' | 'no answer'): void;
	ended(how: 'refused', error: PveError): void;
}

/** Lets the requests of one run through, and holds them back while the login is refused. */
export interface LoginGate {
	/**
	 * Waits until a request may be sent. Where the signal aborts later, the request counts as one without an answer.
	 * @throws PveError of the last refusal where no further try is allowed; the signal's reason where that aborts
	 */
	enter(signal: AbortSignal): Promise<Pass>;
	/** The refusal because of which requests wait, if there is one. */
	refusal(): PveError | undefined;
}

/**
 * A gate for refused logins (401). Any number of items wait with one login, so they share the tries:
 * after a refusal a single request goes out after each pause, and its answer decides for all of them.
 * The first request of a run goes alone, too: if it is refused, the credential is wrong, and no other is sent.
 */
export function createLoginGate(): LoginGate {
	const elapsed = stopwatch();
	let isOpen = false;
	/** The login was accepted in this run: a refusal may pass. */
	let isProven = false;
	/** In a row. */
	let refusals = 0;
	let last: PveError | undefined;
	let nextAt = 0;
	/** Changes with each refusal and when the gate opens again: answers to requests of before say nothing new. */
	let round = 0;
	/** Resolves when the single request that is under way has ended. */
	let trial: Promise<void> | undefined;

	const isClosed = (): boolean => refusals > 0 && (!isProven || refusals > PAUSES_MS.length);

	function judge(how: 'accepted' | 'refused' | 'no answer', error?: PveError): void {
		if (how === 'refused') {
			isOpen = false;
			last = error;
			nextAt = elapsed() + (PAUSES_MS[refusals] ?? 0);
			refusals++;
			round++;
		} else if (how === 'accepted') {
			if (!isOpen) round++;
			isOpen = true;
			isProven = true;
			refusals = 0;
			last = undefined;
		} else if (refusals === 0) {
			isOpen = true;
		}
	}

	function pass(signal: AbortSignal, release: () => void): Pass {
		const sentIn = round;
		let isEnded = false;
		const ended = (how: 'accepted' | 'refused' | 'no answer', error?: PveError): void => {
			if (isEnded) return;
			isEnded = true;
			if (sentIn === round) judge(how, error);
			release();
		};
		signal.addEventListener('abort', () => ended('no answer'), { once: true });
		return { ended };
	}

	return {
		refusal: () => last,
		async enter(signal) {
			for (;;) {
				signal.throwIfAborted();
				if (last !== undefined && isClosed())
					throw new PveError({ ...last.failure, isFinal: true });
				if (isOpen) return pass(signal, () => {});
				const left = nextAt - elapsed();
				if (trial !== undefined && refusals > 0) await trial;
				else if (trial !== undefined) {
					await Promise.race([trial, sleep(FIRST_MS, signal)]);
					// A host that does not answer must not make the items wait for one another.
					if (trial !== undefined && refusals === 0) isOpen = true;
				} else if (left > 0) await sleep(left, signal);
				else {
					let release = (): void => {};
					trial = new Promise((resolve) => {
						release = () => {
							trial = undefined;
							resolve();
						};
					});
					return pass(signal, release);
				}
			}
		},
	};
}
