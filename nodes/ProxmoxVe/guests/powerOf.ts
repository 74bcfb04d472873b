import type { PveClient } from '../api/client';
import { isNoVm, PveError, undefinedIfTransient } from '../api/errors';
import { findGuest } from '../api/findGuest';
import { guestPath } from '../api/paths';
import type { GuestLocation } from './locateGuest';

/**
 * Reads something of a VM. Where it is no longer on its node, it is asked for on the node that it has moved to.
 * @param path behind that of the VM, such as `status/current`
 * @param timeoutMs longest that an answer may take, in milliseconds
 * @throws PveError if it is refused, or there is no such VM any more
 */
export const readOfVm = async <Data>(
	client: PveClient,
	place: GuestLocation,
	path: string,
	timeoutMs?: number,
	query: Readonly<Record<string, string | number>> = {},
): Promise<Data> => {
	const read = async (where: GuestLocation): Promise<Data> =>
		(await client.get<Data>(`${guestPath(where)}/${path}`, query, timeoutMs)).data;
	return await read(place).catch(async (error: unknown) => {
		if (!(error instanceof PveError) || !isNoVm(error)) throw error;
		const found = await findGuest(client, place.kind, place.vmid, true);
		if (found === undefined) throw error;
		return await read({ ...place, node: found.node });
	});
};

/**
 * Whether a VM is `running` or `stopped`: its node's own word, not the cluster's list, which is some seconds old.
 * Source: `GET /nodes/{node}/qemu/{vmid}/status/current`.
 * @param timeoutMs longest that an answer may take, in milliseconds
 * @returns undefined if it cannot be read just now
 * @throws PveError if it is refused
 */
export const powerOf = async (
	client: PveClient,
	place: GuestLocation,
	timeoutMs?: number,
): Promise<string | undefined> =>
	await readOfVm<{ status: string }>(client, place, 'status/current', timeoutMs).then(
		({ status }) => status,
		undefinedIfTransient,
	);
