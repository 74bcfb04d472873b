import { parseUpid } from '../../pve/upid';
import type { Item } from '../operation';
import { BadInputError } from '../report';
import { factsOf } from './taskFacts';

/**
 * Reads which task an item is about, and keeps it for errors.
 * @throws BadInputError where it is no UPID
 */
export function readUpid({ get, trace }: Pick<Item, 'get' | 'trace'>): string {
	const given = String(get('upid', '') ?? '').trim();
	if (!parseUpid(given)) {
		throw new BadInputError([
			{ parameter: 'upid', label: 'UPID', message: `must be the ID of a task, such as UPID:pve1:000019FA:000E976D:6B042C6E:qmstart:100:root@pam:, got "${given}"` },
		]);
	}
	const { node, vmid } = factsOf(given);
	Object.assign(trace, { upid: given, node, ...(vmid === null ? {} : { vmid }) });
	return given;
}
