import { PveError } from './errors';
import { sleep, stopwatch } from './sleep';

/**
 * Pauses before each retry after a rejected login, in milliseconds. With the first attempt, this makes four
 * failed logins: directories commonly lock an account after five. The pauses are long enough for an
 * authentication server to restart.
 */
const PAUSES_MS = [5_000, 30_000, 180_000];

/** How long others wait for the first request of a run, in milliseconds: Proxmox rejects a login after 3 s, and a ticket login takes twice that. */
const FIRST_MS = 10_000;

/** A request that the gate allowed. */
export interface Pass {
	/** Reports the result: `refused` is a 401, `accepted` any other response. Only the first report counts. */
	ended(how: 'accepted' | 'no answer'): void;
	ended(how: 'refused', error: PveError): void;
}

/** Allows the requests of one run, and holds them back while the login is rejected. */
export interface LoginGate {
	/**
	 * Waits until a request may be sent. If the signal aborts later, the request counts as one without a response.
	 * @throws PveError of the last rejection if no further retry is allowed; the signal's reason if it aborts
	 */
	enter(signal: AbortSignal): Promise<Pass>;
	/** The rejection that requests are waiting for, if any. */
	refusal(): PveError | undefined;
}

/**
 * A gate for rejected logins (401). All items use one login, so they share the retries:
 * after a rejection, one single request is sent after each pause, and its response decides for all of them.
 * The first request of a run is sent alone too: if it is rejected, the credential is wrong, and no other is sent.
 */
export function createLoginGate(): LoginGate {
	const elapsed = stopwatch();
	let isOpen = false;
	/** The login was accepted in this run, so a rejection may be temporary. */
	let isProven = false;
	/** Consecutive rejections. */
	let refusals = 0;
	let last: PveError | undefined;
	let nextAt = 0;
	/** Changes with each rejection and when the gate opens again: responses to earlier requests are ignored. */
	let round = 0;
	/** Resolves when the single running request has finished. */
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
					// If a host does not respond, the items must not wait for each other.
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
