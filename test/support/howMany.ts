/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool, neither shipped nor scanned */

const isDeep = process.env.TEST_DEEP === '1';

/**
 * How many of something a test takes: cases drawn at random, items, processes, sizes of a cluster.
 * @param usually enough to prove the point in seconds
 * @param deep what `npm run test:deep` takes
 */
export function howMany<Count>(usually: Count, deep: Count): Count {
	return isDeep ? deep : usually;
}
