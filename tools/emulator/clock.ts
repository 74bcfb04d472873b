/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool, neither shipped nor scanned */

/** The emulator's only source of time: inject another to make its hours pass at once. */
export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Resolves after `ms` of this clock, never after Infinity; rejects with the signal's reason when that aborts first. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The real clock. `scale` shrinks (or stretches) every wait, while `now` stays the true time,
 * so that time stamps agree with those of the client.
 */
export function realClock(scale = 1): Clock {
	return {
		now: () => Date.now(),
		sleep: async (ms, signal) =>
			await new Promise((resolve, reject) => {
				if (signal?.aborted) return reject(reasonOf(signal));
				const stop = () => {
					clearTimeout(timer);
					reject(reasonOf(signal));
				};
				const end = () => {
					signal?.removeEventListener('abort', stop);
					resolve();
				};
				const timer = ms === Infinity ? undefined : setTimeout(end, ms * scale);
				// A wait alone must not keep a process alive: the server's socket does.
				timer?.unref();
				signal?.addEventListener('abort', stop, { once: true });
			}),
	};
}

export interface ManualClock extends Clock {
	/** Moves time on by `ms`, waking whoever was to be woken on the way, in order. */
	advance(ms: number): Promise<void>;
}

interface Sleeper {
	until: number;
	wake: () => void;
}

/** A clock that stands still until it is told to move on. `start` in milliseconds since 1970. */
export function manualClock(start = 1_795_435_200_000): ManualClock {
	let now = start;
	let sleepers: Sleeper[] = [];

	return {
		now: () => now,
		sleep: async (ms, signal) =>
			await new Promise((resolve, reject) => {
				if (signal?.aborted) return reject(reasonOf(signal));
				const stop = () => {
					sleepers = sleepers.filter((other) => other !== sleeper);
					reject(reasonOf(signal));
				};
				const wake = () => {
					signal?.removeEventListener('abort', stop);
					resolve();
				};
				const sleeper: Sleeper = { until: now + ms, wake };
				sleepers.push(sleeper);
				signal?.addEventListener('abort', stop, { once: true });
			}),
		async advance(ms) {
			const end = now + ms;
			for (;;) {
				// Whoever is woken may go to sleep again within this very advance.
				await new Promise((resolve) => setImmediate(resolve));
				const next = sleepers.reduce<Sleeper | undefined>(
					(first, other) => (first && first.until <= other.until ? first : other),
					undefined,
				);
				if (!next || next.until > end) break;
				sleepers = sleepers.filter((other) => other !== next);
				now = Math.max(now, next.until);
				next.wake();
			}
			now = end;
		},
	};
}

function reasonOf(signal: AbortSignal | undefined): Error {
	return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}
