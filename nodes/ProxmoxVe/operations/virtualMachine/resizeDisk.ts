import { resizeFields } from '../../catalogue/actions';
import { encodeFields } from '../../wire/encodeFields';
import { followTask } from '../followTask';
import { locateVm, vmPath, type Place } from '../locateVm';
import { emit, type Execute } from '../operation';
import { readAction } from '../readAction';
import type { Run } from '../run';

/** Source: `PUT /nodes/{node}/qemu/{vmid}/resize`. */
export const execute: Execute = async (item) => {
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
};

/** Proxmox VE 7 answers when the disk has its size, and names no task. */
const DONE_AT_ONCE = new Error('done at once');

/** What a disk has now, such as `42G`. */
async function sizeOf({ client }: Run, place: Place, disk: string): Promise<string | null> {
	const { data } = await client.get<Record<string, unknown>>(`${vmPath(place)}/config`);
	return /\bsize=([^,]+)/.exec(String(data[disk] ?? ''))?.[1] ?? null;
}
