import { takeTurn } from '../../guests/changeConfig';
import { segment } from '../../api/client';
import { changeGuest, changeRequest, type GuestChange } from '../../guests/changeGuest';
import { powerRequest, startVm } from '../../guests/changePower';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { powerOf } from '../../guests/powerOf';
import { createdAt, findSnapshot, readSnapshots } from '../../guests/snapshots';
import { note } from '../../runtime/context';
import { AdvisedError } from '../../runtime/errors';
import type { Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeFields } from '../../wire/encodeFields';
import { rollbackFields } from './fields';
import { snapshotField, stopFirstField } from './ownFields';

/** Source: `POST /nodes/{node}/{kind}/{vmid}/snapshot/{snapname}/rollback`. */
export const execute: Execute = async (item) => {
	const { run, form, trace } = item;
	const guest = form.guest();
	const { snapname = '' } = form.fields(snapshotField);
	const { start = false } = form.fields(rollbackFields, { start: false });
	const { stopFirst = false } = form.options(stopFirstField);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	const { kind } = place;
	const vm = `${kind.label} ${place.vmid}`;
	const snapshots = await readSnapshots(run.client, place);
	const snapshot = findSnapshot(snapshots, place, snapname);
	const since = createdAt(snapshot);
	const change: GuestChange = {
		label: `rollback of ${vm} on ${place.node} to ${snapname}`,
		types: [kind.taskTypes.rollback],
		method: 'POST',
		path: `snapshot/${segment(snapname)}/rollback`,
		// Where the item waits, the start is followed too, as one of its own.
		body: start && !waiting.wait ? encodeFields({ start }) : {},
		// One that the VM was based on before shows nothing.
		...(snapshots.current === snapname
			? {}
			: {
					isReached: async () => (await readSnapshots(run.client, place)).current === snapname,
				}),
	};
	const isRunning = (await powerOf(run.client, place)) === 'running';
	const facts = {
		snapshot: snapname,
		createdAt: since,
		newerSnapshots: snapshots.all
			.slice(snapshots.all.indexOf(snapshot) + 1)
			.map(({ name }) => name),
	};
	// One with the memory runs at once.
	const startsLater = start && waiting.wait && snapshot.vmstate !== 1;
	if (isPreview)
		return await emitPreview(
			item,
			[changeRequest(place, change), ...(startsLater ? [powerRequest(place, 'start')] : [])],
			{
				lost: `All changes to ${vm} since ${since ?? 'the snapshot'}${isRunning ? ', and what is in its memory' : ''}`,
				...facts,
				isRunning,
			},
		);
	if (isRunning && !stopFirst)
		throw new Error(
			`${vm} is running: a rollback turns it off at once, and loses its memory and all changes since ${since ?? 'the snapshot'}. Shut it down first, or turn on Options → Allow If Running`,
		);

	const task = await takeTurn(
		run,
		place.vmid,
		async () => await changeGuest(item, place, change, { waiting }),
	);
	if (!start || !waiting.wait) return await emitGuest(item, place, { ...facts, ...task });
	let startUpid: string | null = null;
	await startVm(item, place, {
		waiting,
		onAccepted(upid) {
			startUpid = upid;
			note(trace, { startUpid: upid });
		},
	}).catch((error: unknown) => {
		throw error instanceof Error
			? new AdvisedError(error, `${vm} was rolled back to ${snapname}: only its start failed.`)
			: error;
	});
	return await emitGuest(item, place, { ...facts, ...task, startUpid });
};
