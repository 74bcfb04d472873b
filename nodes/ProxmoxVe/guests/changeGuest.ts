import { PveError } from '../api/errors';
import { guestPath } from '../api/paths';
import { changedNothingOf, followTask, type Follow, type TaskOutput } from '../runtime/followTask';
import type { Item } from '../runtime/operation';
import type { PveRequest } from '../runtime/previewRequest';
import type { GuestLocation } from './locateGuest';
import { settleByEffect } from './lostChange';

/** A request that changes a guest in a task. */
export interface GuestChange {
	/** For messages: `start of VM 100 on pve1`. */
	readonly label: string;
	/** The types that its task may have in UPIDs. */
	readonly types: readonly string[];
	readonly method: 'DELETE' | 'POST';
	/** Behind that of the guest: `status/start`. */
	readonly path: string;
	readonly body?: Readonly<Record<string, string>>;
	/** Whether a refusal says that what it asks for is so already. */
	isSoAlready?(refusal: PveError): boolean;
	/** Whether what it asks for is so. Without it, that cannot be seen. */
	isReached?(): Promise<boolean>;
}

/**
 * Sends a change of a guest once and follows its task, also if the response is lost.
 * Source: any endpoint under `/nodes/{node}/{kind}/{vmid}` that starts a task.
 * @throws as followTask does; UnknownOutcomeError
 */
export async function changeGuest(
	item: Item,
	place: GuestLocation,
	change: GuestChange,
	how: Pick<Follow, 'waiting' | 'inGate' | 'onAccepted'>,
): Promise<TaskOutput> {
	const { label, types, isReached, isSoAlready } = change;
	const { client } = item.run;
	const { method, path, body } = changeRequest(place, change);
	return await followTask(item, {
		...how,
		...place,
		label,
		types,
		...(isSoAlready === undefined ? {} : { mayEndAtOnce: true as const }),
		start: async () =>
			await (
				method === 'POST'
					? client.post<string | null>(path, body)
					: client.delete<string | null>(path, body)
			).then(
				// A response without a task is no sign that anything was done.
				(given) => given ?? '',
				(error: unknown) => {
					if (error instanceof PveError && isSoAlready?.(error) === true) return null;
					throw error;
				},
			),
		changedNothing: changedNothingOf(place.vmid),
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				place,
				error,
				{ what: label, types, startedAt, id: String(place.vmid) },
				isReached,
				left,
			),
	});
}

/** The request of a change. */
export const changeRequest = (
	place: GuestLocation,
	{ method, path, body = {} }: Pick<GuestChange, 'method' | 'path' | 'body'>,
) => ({ method, path: `${guestPath(place)}/${path}`, body }) satisfies PveRequest;
