/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { resolve } from 'node:path';

import { startRemote, type Remote } from '../../tools/harness/remote';
import type { WorkerService } from './workerProcess';

export type Workers = ReadonlyArray<Remote<WorkerService>>;

/**
 * Starts n8n's engine in several processes for all tests of a file, and ends them after the last one.
 * @returns the processes; it is filled before the first test
 */
export function useWorkers(count: number): Workers {
	const workers: Array<Remote<WorkerService>> = [];
	beforeAll(async () => {
		for (let started = 0; started < count; started++)
			workers.push(startRemote<WorkerService>(resolve(__dirname, 'workerProcess.ts')));
		await Promise.all(workers.map(async (worker) => await worker.ask('ready')));
	});
	afterAll(() => {
		for (const worker of workers) worker.end();
	});
	return workers;
}

/** Numbers from 0 to 1, the same ones for the same seed. */
export function numbersFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}
