import type { GuestKind } from '../guests/kinds';
import type { Operation, Resource } from '../runtime/operation';
import { apiRequest } from './apiRequest';
import { backup } from './backup';
import { container } from './container';
import { guestAgent } from './guestAgent';
import { image } from './image';
import { node } from './node';
import { snapshot } from './snapshot';
import { storage } from './storage';
import { task } from './task';
import { virtualMachine } from './virtualMachine';

/** Everything the node can do, in the editor's order. */
export const resources: readonly Resource[] = [
	virtualMachine,
	container,
	snapshot,
	guestAgent,
	backup,
	image,
	node,
	storage,
	task,
	apiRequest,
];

/** n8n adds this entry to both lists of each node whose credential other nodes can use. */
const CUSTOM_API_CALL = '__CUSTOM_API_CALL__';

/** @throws Error for a pair that no version of the node has had */
export function findOperation(
	resource: unknown,
	operation: unknown,
): { operation: Operation; kind: GuestKind } {
	if ([resource, operation].includes(CUSTOM_API_CALL)) {
		throw new Error(
			'For a Custom API Call, use the resource API Request, or an HTTP Request node: choose Authentication → Predefined Credential Type → Proxmox VE API there',
		);
	}
	const owner = resources.find(({ value }) => value === resource);
	const found = owner?.operations.find(({ value }) => value === operation);
	if (!owner || !found)
		throw new Error(`There is no operation "${String(operation)}" of "${String(resource)}"`);
	return { operation: found, kind: owner.kind };
}
