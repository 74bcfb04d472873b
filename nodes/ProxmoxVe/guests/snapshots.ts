import { segment, type PveClient } from '../api/client';
import { isoTime } from '../api/isoTime';
import { guestPath } from '../api/paths';
import type { Form, Waiting } from '../form/Form';
import type { TaskOutput } from '../runtime/followTask';
import type { Item } from '../runtime/operation';
import { changeGuest, type GuestChange } from './changeGuest';
import type { GuestKind } from './kinds';
import type { GuestLocation } from './locateGuest';

/** A snapshot as Proxmox lists it. */
export interface Snapshot {
	readonly name: string;
	readonly description?: string;
	/** Seconds since 1970. */
	readonly snaptime?: number;
	/** Whether it has the memory. */
	readonly vmstate?: 0 | 1;
	/** The one that it was created after. */
	readonly parent?: string;
	/** While it is created or deleted, and after that failed. */
	readonly snapstate?: string;
}

/** The snapshots of a guest, and what it is based on. */
export interface Snapshots {
	/** Oldest first. */
	readonly all: readonly Snapshot[];
	/** The snapshot that the present state came after. */
	readonly current: string | null;
}

/** The row of the present state in Proxmox's list. */
const NOW = 'current';

/** Source: `GET /nodes/{node}/{kind}/{vmid}/snapshot`. @throws PveError */
export async function readSnapshots(client: PveClient, place: GuestLocation): Promise<Snapshots> {
	const { data } = await client.get<Snapshot[]>(`${guestPath(place)}/snapshot`);
	const all = data.filter(({ name }) => name !== NOW);
	const depthOf = (one: Snapshot, seen: readonly string[] = []): number => {
		const parent = all.find(({ name }) => name === one.parent);
		return parent === undefined || seen.includes(parent.name)
			? 0
			: 1 + depthOf(parent, [...seen, parent.name]);
	};
	return {
		// Of the same second, one after its parent.
		all: [...all].sort((a, b) => (a.snaptime ?? 0) - (b.snaptime ?? 0) || depthOf(a) - depthOf(b)),
		current: data.find(({ name }) => name === NOW)?.parent ?? null,
	};
}

/** A snapshot by its name. @throws Error that names those that there are */
export function findSnapshot(
	{ all }: Snapshots,
	{ kind, vmid }: GuestLocation,
	name: string,
): Snapshot {
	const found = all.find((one) => one.name === name);
	if (found) return found;
	const names = all.map((one) => one.name).join(', ');
	throw new Error(
		`${kind.label} ${vmid} has no snapshot ${name}. ${names === '' ? 'It has none at all' : `It has: ${names}`}`,
	);
}

/** Adds a problem to the form if no snapshot may have this name. */
export function checkSnapshotName(
	form: Form,
	{ reservedSnapshots }: GuestKind,
	name: string,
): void {
	if (!reservedSnapshots.includes(name.toLowerCase())) return;
	form.problems.push({
		parameter: 'snapname',
		label: 'Snapshot Name',
		message: `must not be ${name}: Proxmox VE uses this name itself`,
	});
}

/** When a snapshot was created, as ISO 8601. */
export const createdAt = ({ snaptime }: Snapshot): string | null =>
	snaptime === undefined ? null : isoTime(snaptime);

/** The request that deletes a snapshot. */
export function snapshotDeletion(
	{ run }: Item,
	place: GuestLocation,
	name: string,
	body: Readonly<Record<string, string>> = {},
): GuestChange {
	return {
		label: `deletion of snapshot ${name} of ${place.kind.label} ${place.vmid} on ${place.node}`,
		types: [place.kind.taskTypes.deleteSnapshot],
		method: 'DELETE',
		path: `snapshot/${segment(name)}`,
		body,
		isReached: async () =>
			(await readSnapshots(run.client, place)).all.every((one) => one.name !== name),
	};
}

/** Deletes a snapshot once. @throws as changeGuest does */
export const deleteSnapshot = async (
	item: Item,
	place: GuestLocation,
	name: string,
	waiting: Waiting,
): Promise<TaskOutput> =>
	await changeGuest(item, place, snapshotDeletion(item, place, name), { waiting });
