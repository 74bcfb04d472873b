import type { IDataObject } from 'n8n-workflow';

import type { Emitted, Item } from '../runtime/operation';
import { guestUrl } from './guestUrl';
import type { Guest } from './locateGuest';

/** The item of an operation on a guest: which guest it is, what else is known, and where Proxmox's web page shows it. */
export const emitGuest = async (
	{ run }: Item,
	{ kind, vmid, name, node }: Guest,
	facts: IDataObject,
): Promise<Emitted[]> => [
	{ json: { vmid, name, node, ...facts, url: await guestUrl(run.client, kind, vmid) } },
];
