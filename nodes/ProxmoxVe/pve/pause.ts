import { sleep } from 'n8n-workflow';

/** Waits, and ends at once with an AbortError when the signal says so. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
	// n8n before 2.41 lets `sleep` end only by itself, so the signal is looked at afterwards too.
	await sleep(milliseconds, signal);
	signal?.throwIfAborted();
}
