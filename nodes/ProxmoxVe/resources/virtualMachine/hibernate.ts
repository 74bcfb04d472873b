import { segment } from '../../api/client';
import { changePower, powerRequest } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import type { Execute, Item } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeFields } from '../../wire/encodeFields';
import { splitList } from '../../wire/values';
import { hibernateFields } from './fields';

/** Source: `POST /nodes/{node}/qemu/{vmid}/status/suspend` with `todisk`. */
export const execute: Execute = async (item) => {
	const { form } = item;
	const guest = form.guest();
	const values = form.options(hibernateFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	const body = encodeFields(values);
	if (values.statestorage !== undefined) await checkStorage(item, place.node, values.statestorage);
	if (isPreview) return await emitPreview(item, [powerRequest(place, 'hibernate', body)]);
	return await emitGuest(
		item,
		place,
		await changePower(item, place, 'hibernate', { waiting, body }),
	);
};

/**
 * Proxmox saves the memory to any storage, but resumes only from one for disk images.
 * Source: `GET /nodes/{node}/storage/{storage}/status`.
 * @throws Error if the VM could not be resumed; PveError
 */
async function checkStorage({ run }: Item, node: string, storage: string): Promise<void> {
	const { data } = await run.client.get<{ content?: string; active?: 0 | 1 }>(
		`/nodes/${segment(node)}/storage/${segment(storage)}/status`,
	);
	if (!splitList(data.content ?? '').includes('images'))
		throw new Error(
			`Memory Storage ${storage} is not for disk images, so the VM could not be resumed from it. Choose a storage with the content type Disk Image`,
		);
}
