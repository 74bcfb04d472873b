import { pageUrl } from '../api/pageUrl';
import { kindsOf } from '../api/paths';
import type { GuestKind } from '../guests/kinds';
import { searchOf } from './list';

interface Guest {
	readonly vmid: number;
	readonly name?: string;
	readonly node: string;
	readonly type: string;
	readonly status?: string;
	readonly template?: 0 | 1;
}

/** The VMs of the cluster, such as one to restore over. Source: `GET /cluster/resources?type=vm`. */
export const searchVirtualMachines = searchOf(
	async ({ client, kind }) => {
		const { data } = await client.get<Guest[]>('/cluster/resources', { type: 'vm' });
		return await Promise.all(
			data
				.filter((guest) => kindsOf(kind).some(({ type }) => type === guest.type))
				.map(async (guest) => ({
					name: nameOf(guest, kind),
					value: guest.vmid,
					url: await pageUrl(client, `${guest.type}/${guest.vmid}`),
				})),
		);
	},
	{ needs: 'VM.Audit on /vms/ID' },
);

/** `100 web (pve1, running)`, or `CT 300 …` in a list of all kinds. A VM that is stopped has no addition. */
function nameOf({ vmid, name, node, type, status, template }: Guest, kind: GuestKind): string {
	const state = template === 1 ? 'template' : status === 'stopped' ? undefined : status;
	const about = [node, state].filter((fact) => fact !== undefined).join(', ');
	const label = kind.kinds?.find((one) => one.type === type)?.label;
	return [label, vmid, name, `(${about})`].filter((part) => part !== undefined).join(' ');
}
