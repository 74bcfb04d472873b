import { segment } from '../api/client';
import { isOutcomeUnknown, PveError } from '../api/errors';
import { listGuests } from '../api/findGuest';
import { AdvisedError, UnknownOutcomeError } from '../runtime/errors';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';
import type { GuestLocation } from './locateGuest';
import { reachedWarning } from './lostChange';

/** From which pool a guest is moved, and to which. */
export interface PoolMove {
	/** Null if it is in none. */
	readonly from: string | null;
	/** Null to take it out of its pool. */
	readonly to: string | null;
}

/** The pool that a guest is in, null for none; undefined if it can no longer be seen. Source: `GET /cluster/resources`. */
async function poolOf({ run }: Item, { vmid }: GuestLocation): Promise<string | null | undefined> {
	const row = (await listGuests(run.client, true)).get(vmid);
	return row && (row.pool ?? null);
}

/** How to move a guest to a pool; undefined if it is already there, or in none. */
export async function poolMove(
	item: Item,
	place: GuestLocation,
	to: string | null | undefined,
): Promise<PoolMove | undefined> {
	if (to === undefined) return undefined;
	const from = (await poolOf(item, place)) ?? null;
	return from === to ? undefined : { from, to };
}

/** The request of a move. A name with slashes fits into no path. Older hosts know only the path, and no moves. */
export function moveRequest({ vmid }: GuestLocation, { from, to }: PoolMove) {
	const pool = to ?? from ?? '';
	const inBody = pool.includes('/');
	return {
		method: 'PUT',
		path: inBody ? '/pools' : `/pools/${segment(pool)}`,
		body: {
			...(inBody ? { poolid: pool } : {}),
			vms: String(vmid),
			...(to === null ? { delete: '1' } : from === null ? {} : { 'allow-move': '1' }),
		},
	} satisfies PveRequest;
}

/**
 * Moves a guest to another pool, or takes it out of its own.
 * Source: `PUT /pools/{poolid}`, which is done when it answers.
 * @param isAfterSettings whether its settings were changed before
 * @returns warnings, where its pool can no longer be seen or the response was lost
 * @throws PveError, UnknownOutcomeError
 */
export async function movePool(
	item: Item,
	place: GuestLocation,
	move: PoolMove,
	isAfterSettings: boolean,
): Promise<string[]> {
	return await send(item, place, move).catch((error: unknown) => {
		throw isAfterSettings && error instanceof Error
			? new AdvisedError(error, 'Its settings were changed before that.')
			: error;
	});
}

async function send(item: Item, place: GuestLocation, move: PoolMove): Promise<string[]> {
	const { path, body } = moveRequest(place, move);
	const { label } = item.kind;
	const what =
		move.to === null
			? `removal of ${label} ${place.vmid} from pool ${move.from}`
			: `move of ${label} ${place.vmid} to pool ${move.to}`;
	const lost = await item.run.client.put<null>(path, body).then(
		() => undefined,
		(error: unknown) => {
			if (error instanceof PveError && isOutcomeUnknown(error)) return error;
			throw error;
		},
	);
	const now = await poolOf(item, place).catch((error: unknown) => {
		if (lost === undefined) return undefined;
		throw error instanceof PveError ? new UnknownOutcomeError(lost, what, []) : error;
	});
	if (now === move.to) return lost === undefined ? [] : [reachedWarning(what, [])];
	if (lost !== undefined) throw new UnknownOutcomeError(lost, what, []);
	if (now !== undefined)
		throw new Error(
			`${label} ${place.vmid} is in ${now === null ? 'no pool' : `pool ${now}`} after the ${what}: another request may have moved it`,
		);
	return [
		`${label} ${place.vmid} can no longer be seen after the ${what}: its privileges may have come from its pool`,
	];
}
