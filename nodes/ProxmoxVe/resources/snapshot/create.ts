import { takeTurn } from '../../guests/changeConfig';
import { changeGuest, changeRequest, type GuestChange } from '../../guests/changeGuest';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { checkSnapshotName, createdAt, readSnapshots } from '../../guests/snapshots';
import { whyNoSnapshot } from '../../guests/whyNoSnapshot';
import { isDone } from '../../runtime/followTask';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeFields } from '../../wire/encodeFields';
import { createFields } from './fields';

const { description: descriptionField, ...alwaysShown } = createFields;

/** Source: `POST /nodes/{node}/{kind}/{vmid}/snapshot`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { snapname = '', vmstate = false } = form.fields(alwaysShown, { vmstate: false });
	const { description } = form.options({ description: descriptionField });
	checkSnapshotName(form, item.kind, snapname);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	const { kind } = place;
	// Both depend on what it is.
	checkSnapshotName(form, kind, snapname);
	if (vmstate && !kind.savesMemory)
		form.problems.push({
			parameter: 'vmstate',
			label: createFields.vmstate.label,
			message: `is not possible for a ${kind.noun}`,
		});
	form.check();
	const find = async () =>
		(await readSnapshots(run.client, place)).all.find(({ name }) => name === snapname);
	const change: GuestChange = {
		label: `snapshot ${snapname} of ${kind.label} ${place.vmid} on ${place.node}`,
		types: [kind.taskTypes.snapshot],
		method: 'POST',
		path: 'snapshot',
		body: encodeFields({ snapname, ...(kind.savesMemory ? { vmstate } : {}), description }),
		isReached: async () => {
			const found = await find();
			return found !== undefined && found.snapstate === undefined;
		},
	};
	return await takeTurn(run, place.vmid, async () => {
		// Both would only fail in the task; and what is there before proves nothing after a lost response.
		if ((await find()) !== undefined)
			throw new Error(
				`${kind.label} ${place.vmid} already has a snapshot ${snapname}. Choose another Snapshot Name, or delete it first`,
			);
		const why = await whyNoSnapshot(item, place);
		if (why !== undefined) throw new Error(why);

		if (isPreview) return await emitPreview(item, [changeRequest(place, change)]);
		const task = await changeGuest(item, place, change, { waiting });
		const found = isDone(task) === true ? await find() : undefined;
		const hasNoRam = vmstate && found?.vmstate === 0;
		return await emitGuest(item, place, {
			snapshot: snapname,
			createdAt: found === undefined ? null : createdAt(found),
			withRam: found === undefined ? null : found.vmstate === 1,
			...task,
			...(hasNoRam
				? {
						taskStatus: 'warnings',
						warnings: [
							...task.warnings,
							`${kind.label} ${place.vmid} was stopped: no RAM was saved`,
						],
					}
				: {}),
		});
	});
};
