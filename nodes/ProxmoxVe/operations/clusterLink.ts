import type { IExecuteFunctions } from 'n8n-workflow';

import { clusterUrl } from '../../../credentials/clusterUrl';
import { CREDENTIAL } from '../pve/client';

/** The address of a VM in Proxmox's own web page. */
export async function clusterLink(context: IExecuteFunctions, vmid: number): Promise<string> {
	const { url } = await context.getCredentials<{ url: string }>(CREDENTIAL);
	return `${clusterUrl(url)}/#v1:0:=qemu%2F${vmid}:4`;
}
