import type { PveClient } from '../api/client';
import { pageUrl } from '../api/pageUrl';
import type { GuestKind } from './kinds';

/** A guest in Proxmox's own web page. */
export const guestUrl = async (client: PveClient, kind: GuestKind, vmid: number): Promise<string> =>
	await pageUrl(client, `${kind.type}/${vmid}`);
