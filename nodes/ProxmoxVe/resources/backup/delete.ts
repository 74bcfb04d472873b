import { isOfKind, storageOf, vmidOfBackup } from '../../api/backups';
import { segment } from '../../api/client';
import { isDone } from '../../runtime/followTask';
import { deleteVolume, deletionRequest } from '../../guests/deleteVolume';
import { note } from '../../runtime/context';
import { emit, type Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import type { Run } from '../../runtime/run';
import { readVolid } from './readVolid';

/** Source: `DELETE /nodes/{node}/storage/{storage}/content/{volume}`. */
export const execute: Execute = async (item) => {
	const { run, form, trace } = item;
	const node = form.node();
	const volid = readVolid(form);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	// Of which kind its guest is, is in its name.
	item.kind = item.kind.kinds?.find((kind) => isOfKind(kind)({ volid })) ?? item.kind;
	const vmid = vmidOfBackup(volid);
	note(trace, { node, ...(vmid === undefined ? {} : { vmid }) });
	if (isPreview) return await emitPreview(item, [deletionRequest(node, volid)]);
	const task = await deleteVolume(item, {
		node,
		volid,
		waiting,
		isGone: async () => await isGone(run, node, volid),
	});
	return emit({
		volid,
		vmid: vmid ?? null,
		storage: storageOf(volid),
		node,
		deleted: isDone(task),
		...task,
	});
};

/** Whether a storage can be read and no longer lists a backup. */
async function isGone({ client }: Run, node: string, volid: string): Promise<boolean> {
	const { data } = await client.get<Array<{ volid: string }>>(
		`/nodes/${segment(node)}/storage/${segment(storageOf(volid))}/content`,
		{ content: 'backup' },
	);
	return !data.some((volume) => volume.volid === volid);
}
