import type { PveClient } from '../api/client';
import type { GuestKind } from './kinds';

/** A guest in Proxmox's own web page. */
export const guestUrl = async (client: PveClient, kind: GuestKind, vmid: number): Promise<string> =>
	`${await client.webPage()}/#v1:0:=${kind.type}%2F${vmid}:4`;
