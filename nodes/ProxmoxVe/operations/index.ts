import type { Operation, Resource } from './operation';
import { backup } from './backup';
import { task } from './task';
import { virtualMachine } from './virtualMachine';

/** Everything the node can do, in the editor's order. */
export const resources: readonly Resource[] = [virtualMachine, backup, task];

/** @throws Error for a pair that no version of the node has had */
export function findOperation(resource: unknown, operation: unknown): Operation {
	const found = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === operation);
	if (!found) throw new Error(`There is no operation "${String(operation)}" of "${String(resource)}"`);
	return found;
}
