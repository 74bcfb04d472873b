import type { IDataObject } from 'n8n-workflow';

import { emitGuest } from '../../guests/emitGuest';
import { guestUrl } from '../../guests/guestUrl';
import { locateVm } from '../../guests/locateGuest';
import { createdAt, readSnapshots, type Snapshot, type Snapshots } from '../../guests/snapshots';
import type { Execute } from '../../runtime/operation';
import { treeField } from './ownFields';

/** Source: `GET /nodes/{node}/{kind}/{vmid}/snapshot`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const limit = form.limit();
	const { asTree = false } = form.options(treeField);
	form.check();

	const { name, ...place } = await locateVm(item, guest);
	const { vmid, node } = place;
	const snapshots = await readSnapshots(run.client, place);
	const { all, current } = snapshots;
	if (asTree)
		return await emitGuest(
			item,
			{ ...place, name },
			{ current, snapshots: childrenOf(snapshots, undefined) },
		);
	const url = await guestUrl(run.client, place.kind, vmid);
	return all
		.slice(0, limit)
		.map((one) => ({ json: { ...factsOf(one, current), vmid, name, node, url } }));
};

/** A snapshot as this operation emits it. */
const factsOf = (one: Snapshot, current: string | null): IDataObject => ({
	snapshot: one.name,
	description: one.description?.trim() || null,
	createdAt: createdAt(one),
	withRam: one.vmstate === 1,
	parent: one.parent ?? null,
	current: one.name === current,
	state: one.snapstate ?? null,
});

/** The snapshots that came right after one; without one, those with no parent in the list. */
function childrenOf({ all, current }: Snapshots, parent: string | undefined): IDataObject[] {
	const names = new Set(all.map(({ name }) => name));
	return all
		.filter((one) =>
			parent === undefined
				? one.parent === undefined || !names.has(one.parent)
				: one.parent === parent,
		)
		.map((one) => ({
			...factsOf(one, current),
			children: childrenOf({ all, current }, one.name),
		}));
}
