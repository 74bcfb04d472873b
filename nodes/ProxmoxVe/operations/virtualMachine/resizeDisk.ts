import { resizeFields } from '../../catalogue/actions';
import { standingProperty } from '../../form/describeField';
import { taskProperties, vmProperty } from '../../form/sharedProperties';
import { encodeFields } from '../../wire/encodeFields';
import { followTask } from '../followTask';
import { locateVm, vmPath, type Place } from '../locateVm';
import { emit, type Operation } from '../operation';
import { readAction } from '../readAction';
import type { Run } from '../run';

const diskProperty = standingProperty('disk', resizeFields.disk, { mode: 'list', value: '' });
const sizeProperty = standingProperty('size', resizeFields.size, '');

/** Source: `PUT /nodes/{node}/qemu/{vmid}/resize`. */
export const resizeDisk: Operation = {
	value: 'resizeDisk',
	name: 'Resize Disk',
	action: 'Resize a disk of a virtual machine',
	description:
		'Make a disk of a virtual machine larger, by an amount (+10G) or to a size (40G), also while it runs. The file systems in it are left to the guest.',
	properties: [vmProperty, diskProperty, sizeProperty, ...taskProperties],
	async execute(item) {
		const { run, get } = item;
		const values = readAction(item, resizeFields, { disk: get('disk', ''), size: get('size', '') });
		const place = await locateVm(item);
		const resize = async (): Promise<string> => {
			const answer = await run.client.put<string | null>(`${vmPath(place)}/resize`, encodeFields(values));
			if (answer === null) throw DONE_AT_ONCE;
			return answer;
		};
		const followed = followTask(item, `resize of ${values.disk} of VM ${place.vmid} on ${place.node}`, resize, ['resize']);
		const task = await followed.catch((error: unknown) => {
			if (error === DONE_AT_ONCE) return { upid: null, status: 'ok', exitStatus: null, warnings: [] };
			throw error;
		});
		const size = task.status === 'running' ? null : await sizeOf(run, place, values.disk ?? '');
		return emit({ ...place, disk: values.disk, size, ...task });
	},
};

/** Proxmox VE 7 answers when the disk has its size, and names no task. */
const DONE_AT_ONCE = new Error('done at once');

/** What a disk has now, such as `42G`. */
async function sizeOf({ client }: Run, place: Place, disk: string): Promise<string | null> {
	const { data } = await client.get<Record<string, unknown>>(`${vmPath(place)}/config`);
	return /\bsize=([^,]+)/.exec(String(data[disk] ?? ''))?.[1] ?? null;
}
