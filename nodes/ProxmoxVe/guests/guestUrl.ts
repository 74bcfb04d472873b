import type { PveClient } from '../api/client';

/** A VM in Proxmox's own web page. */
export const vmUrl = async (client: PveClient, vmid: number): Promise<string> =>
	`${await client.cluster()}/#v1:0:=qemu%2F${vmid}:4`;
