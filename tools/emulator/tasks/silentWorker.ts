import type { Worker } from './types';

/** Works without a task: nothing is logged, nothing takes time. */
export const silentWorker: Worker = {
	upid: '',
	pid: 0,
	signal: new AbortController().signal,
	log: () => undefined,
	warn: () => undefined,
	work: async () => await Promise.resolve(),
};
