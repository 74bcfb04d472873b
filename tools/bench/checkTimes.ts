/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const requireBuilt = createRequire(
	resolve(__dirname, '../../dist/nodes/ProxmoxVe/ProxmoxVe.node.js'),
);
const { pollInterval }: typeof import('../../nodes/ProxmoxVe/api/tasks/pollInterval') =
	requireBuilt('./api/tasks/pollInterval');

/**
 * When the node checks a task, from its start until a check comes after its end. All in milliseconds.
 * @param known how long tasks of its kind took before
 */
export function checkTimes(length: number, known: readonly number[]): number[] {
	const times: number[] = [];
	for (let now = 0; now < length; times.push(now)) now += pollInterval(now, known);
	return times;
}
