/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { ClientRequest } from 'node:http';

/** At most this much of the real time between two turns of the event loop counts, in milliseconds. */
const LONGEST_TURN_MS = 5;

/**
 * Makes the time of this process run faster, for client and emulator alike: the clock, timers, and how
 * long a request may take. What takes minutes by the code's own constants is over in seconds.
 * Time stops while the process works or waits for a processor, so that nothing times out in a test only
 * because the machine is busy.
 * @returns undoes it
 */
export function speedUpTime(factor: number): () => void {
	const { now } = Date;
	const monotonic = performance.now.bind(performance);
	const { setTimeout, clearTimeout } = globalThis;
	const { setTimeout: setRequestTimeout } = ClientRequest.prototype;
	const start = now();
	const monotonicStart = monotonic();

	let elapsed = 0;
	let turn = monotonicStart;
	const fastNow = () => elapsed + Math.min(monotonic() - turn, LONGEST_TURN_MS) * factor;
	const ticker = setInterval(() => {
		elapsed = fastNow();
		turn = monotonic();
	}, 1);
	ticker.unref();

	/** By the timer that was handed out: the one that runs in its place for the rest of its time. */
	const rest = new WeakMap<NodeJS.Timeout, NodeJS.Timeout>();
	const fast = <Args extends unknown[]>(
		callback: (...args: Args) => void,
		ms = 0,
		...args: Args
	): NodeJS.Timeout => {
		const due = fastNow() + ms;
		const fire = () => {
			const left = due - fastNow();
			if (left <= 0) return callback(...args);
			const next = setTimeout(fire, left / factor);
			if (!timer.hasRef()) next.unref();
			rest.set(timer, next);
		};
		const timer = setTimeout(fire, ms / factor);
		return timer;
	};
	Date.now = () => Math.floor(start + fastNow());
	performance.now = () => monotonicStart + fastNow();
	globalThis.setTimeout = Object.assign(fast, { __promisify__: setTimeout.__promisify__ });
	globalThis.clearTimeout = (timer) => {
		clearTimeout(timer);
		if (typeof timer === 'object') clearTimeout(rest.get(timer));
	};
	ClientRequest.prototype.setTimeout = function (ms, callback) {
		const due = fastNow() + ms;
		const fire = (): void => {
			const left = due - fastNow();
			if (left <= 0) callback?.();
			else setRequestTimeout.call(this, Math.ceil(left / factor), fire);
		};
		return setRequestTimeout.call(this, ms / factor, callback && fire);
	};
	return () => {
		clearInterval(ticker);
		Date.now = now;
		performance.now = monotonic;
		globalThis.setTimeout = setTimeout;
		globalThis.clearTimeout = clearTimeout;
		ClientRequest.prototype.setTimeout = setRequestTimeout;
	};
}
