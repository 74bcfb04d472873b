import { segment } from '../api/client';
import { searchOf } from './list';

interface Interface {
	readonly iface: string;
	readonly type: string;
	readonly comments?: string;
	readonly cidr?: string;
}

/**
 * Bridges and virtual networks that a card can be plugged into. Those on which the token has no
 * SDN.Use are not among them: Proxmox hides them. Source: `GET /nodes/{node}/network?type=any_bridge`.
 */
export const searchBridges = searchOf(
	async ({ client, chosenNode }) => {
		const { data } = await client.get<Interface[]>(
			`/nodes/${segment(await chosenNode())}/network`,
			{
				type: 'any_bridge',
			},
		);
		return data.map(({ iface, comments, cidr }) => {
			const about = (comments ?? cidr ?? '').trim();
			return { name: about === '' ? iface : `${iface} (${about})`, value: iface };
		});
	},
	{
		needs:
			'SDN.Use on /sdn/zones/localnetwork/BRIDGE, or on /sdn/zones/ZONE/VNET for a virtual network',
	},
);
