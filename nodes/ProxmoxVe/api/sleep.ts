import { sleep as sleepInN8n } from 'n8n-workflow';

/** Waits, and ends at once with an AbortError when the signal says so. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
	// n8n before 2.41 lets `sleep` end only by itself, so the signal is looked at afterwards too.
	await sleepInN8n(milliseconds, signal);
	signal?.throwIfAborted();
}

/**
 * Starts to measure time.
 * @returns whole milliseconds since then; a change of the host's clock does not matter
 */
export function stopwatch(): () => number {
	const start = performance.now();
	return () => Math.round(performance.now() - start);
}

/**
 * Does something that may take only so long. What takes longer is aborted, and left alone where it does not listen.
 * @param outer aborts it, too
 * @returns undefined if it took longer
 */
export async function within<Result>(
	milliseconds: number,
	outer: AbortSignal | undefined,
	act: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
	const inner = new AbortController();
	const timer = new AbortController();
	const abort = (): void => inner.abort(outer?.reason);
	if (outer?.aborted) abort();
	outer?.addEventListener('abort', abort, { once: true });
	const end = (): undefined => undefined;
	try {
		return await Promise.race([
			act(inner.signal),
			sleepInN8n(milliseconds, timer.signal).then(end, end),
		]);
	} finally {
		outer?.removeEventListener('abort', abort);
		timer.abort();
		inner.abort();
	}
}
