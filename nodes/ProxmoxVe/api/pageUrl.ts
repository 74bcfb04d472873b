import type { PveClient } from './client';

/**
 * The address of something in Proxmox's own web page.
 * @param id as in the page's tree, such as `qemu/100`, `node/pve1` or `storage/pve1/local`
 */
export const pageUrl = async (client: PveClient, id: string): Promise<string> =>
	`${await client.webPage()}/#v1:0:=${encodeURIComponent(id)}:4`;
