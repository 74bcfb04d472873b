/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool, neither shipped nor scanned */
import { howMany } from '../../support/howMany';

/** Every run tries the same cases, unless told otherwise: a red test must be red again. */
const SEED = 20_261_103;

/**
 * How a property is run: PROPERTY_SEED and PROPERTY_RUNS explore beyond the fixed cases.
 * @param runs how many cases `npm run test:deep` tries; `npm test` tries a fifth of them
 */
export function settings(runs: number): { seed: number; numRuns: number } {
	const { PROPERTY_SEED: seed = SEED, PROPERTY_RUNS: numRuns = howMany(runs / 5, runs) } =
		process.env;
	return { seed: Number(seed), numRuns: Number(numRuns) };
}
