import { takeTurn } from '../../guests/changeConfig';
import { changeGuest, changeRequest } from '../../guests/changeGuest';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { findSnapshot, readSnapshots, snapshotDeletion } from '../../guests/snapshots';
import { isDone } from '../../runtime/followTask';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeFields } from '../../wire/encodeFields';
import { deleteFields } from './fields';
import { snapshotField } from './ownFields';

/** Source: `DELETE /nodes/{node}/{kind}/{vmid}/snapshot/{snapname}`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { snapname = '' } = form.fields(snapshotField);
	const values = form.options(deleteFields);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	const change = snapshotDeletion(item, place, snapname, encodeFields(values));
	return await takeTurn(run, place.vmid, async () => {
		// That it is gone after a lost response means nothing if it was not there before.
		findSnapshot(await readSnapshots(run.client, place), place, snapname);
		if (isPreview) return await emitPreview(item, [changeRequest(place, change)]);
		const task = await changeGuest(item, place, change, { waiting });
		return await emitGuest(item, place, { snapshot: snapname, deleted: isDone(task), ...task });
	});
};
