/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { ClientRequest } from 'node:http';

/**
 * Makes the time of this process run faster, for client and emulator alike: the clock, timers, and how
 * long a request may take. What takes minutes by the code's own constants is over in seconds.
 * @returns undoes it
 */
export function speedUpTime(factor: number): () => void {
	const { now } = Date;
	const monotonic = performance.now.bind(performance);
	const { setTimeout } = globalThis;
	const { setTimeout: setRequestTimeout } = ClientRequest.prototype;
	const start = now();
	const monotonicStart = monotonic();
	Date.now = () => Math.floor(start + (now() - start) * factor);
	performance.now = () => monotonicStart + (monotonic() - monotonicStart) * factor;
	const fast = <Args extends unknown[]>(callback: (...args: Args) => void, ms = 0, ...args: Args) =>
		setTimeout(callback, ms / factor, ...args);
	globalThis.setTimeout = Object.assign(fast, { __promisify__: setTimeout.__promisify__ });
	ClientRequest.prototype.setTimeout = function (ms, callback) {
		return setRequestTimeout.call(this, ms / factor, callback);
	};
	return () => {
		Date.now = now;
		performance.now = monotonic;
		globalThis.setTimeout = setTimeout;
		ClientRequest.prototype.setTimeout = setRequestTimeout;
	};
}
