import { pageUrl } from '../api/pageUrl';
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
				.filter(({ type }) => type === kind.type)
				.map(async (guest) => ({
					name: nameOf(guest),
					value: guest.vmid,
					url: await pageUrl(client, `${kind.type}/${guest.vmid}`),
				})),
		);
	},
	{ needs: 'VM.Audit on /vms/ID' },
);

/** `100 web (pve1, running)`. A VM that is stopped has no addition. */
function nameOf({ vmid, name, node, status, template }: Guest): string {
	const state = template === 1 ? 'template' : status === 'stopped' ? undefined : status;
	const about = [node, state].filter((fact) => fact !== undefined).join(', ');
	return [vmid, name, `(${about})`].filter((part) => part !== undefined).join(' ');
}
