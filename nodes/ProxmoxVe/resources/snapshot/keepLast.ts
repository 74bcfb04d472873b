import { takeTurn } from '../../guests/changeConfig';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm } from '../../guests/locateGuest';
import { changeRequest } from '../../guests/changeGuest';
import {
	deleteSnapshot,
	readSnapshots,
	snapshotDeletion,
	type Snapshot,
} from '../../guests/snapshots';
import { AdvisedError } from '../../runtime/errors';
import { emit, type Execute } from '../../runtime/operation';
import { previewRequests } from '../../runtime/previewRequest';
import { keepFields } from './ownFields';

/** Source: `DELETE /nodes/{node}/{kind}/{vmid}/snapshot/{snapname}`, once for each. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { pattern = '', keep = Infinity } = form.fields(keepFields);
	// Without a wait for each, the next deletion would find the VM locked.
	const waiting = { ...form.waiting(), wait: true };
	const isPreview = form.previewing();
	form.check();

	const place = await locateVm(item, guest);
	return await takeTurn(run, place.vmid, async () => {
		const { all } = await readSnapshots(run.client, place);
		const matching = all.filter(matches(pattern));
		// One that is being created or deleted, or was left so, is not one to rely on.
		const whole = matching.filter(({ snapstate }) => snapstate === undefined);
		const names = whole.map(({ name }) => name);
		const surplus = names.slice(0, Math.max(0, names.length - keep));
		const kept = names.slice(surplus.length);
		if (isPreview)
			return emit({
				wouldDelete: surplus,
				kept,
				requests: await previewRequests(
					item,
					surplus.map((name) => changeRequest(place, snapshotDeletion(item, place, name))),
				),
			});

		const deleted: string[] = [];
		const upids: Array<string | null> = [];
		const warnings = matching
			.filter((one) => one.snapstate !== undefined)
			.map(
				({ name, snapstate }) =>
					`Snapshot ${name} is incomplete (${snapstate}): it was not deleted`,
			);
		for (const name of surplus) {
			const task = await deleteSnapshot(item, place, name, waiting).catch((error: unknown) => {
				throw error instanceof Error
					? new AdvisedError(error, whatIsLeft(name, deleted, surplus.slice(deleted.length + 1)))
					: error;
			});
			deleted.push(name);
			upids.push(task.upid);
			warnings.push(...task.warnings);
		}
		return await emitGuest(item, place, { deleted, kept, upids, warnings });
	});
};

/** Whether a snapshot has a name of the pattern in which * means any characters. */
const matches = (pattern: string): ((one: Snapshot) => boolean) => {
	const [start = '', ...others] = pattern.split('*');
	const end = others.pop();
	return ({ name }) => {
		if (end === undefined) return name === pattern;
		if (!name.startsWith(start)) return false;
		let from = start.length;
		for (const part of others) {
			const at = name.indexOf(part, from);
			if (at < 0) return false;
			from = at + part.length;
		}
		return name.length - end.length >= from && name.endsWith(end);
	};
};

const listed = (names: readonly string[]): string => (names.length > 0 ? names.join(', ') : 'none');

const whatIsLeft = (
	failed: string,
	deleted: readonly string[],
	others: readonly string[],
): string =>
	`The deletion of snapshot ${failed} failed. Deleted before: ${listed(deleted)}. Not tried: ${listed(others)}.`;
