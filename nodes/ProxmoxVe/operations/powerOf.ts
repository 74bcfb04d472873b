import type { PveClient } from '../pve/client';
import { isPassing, PveError } from '../pve/errors';
import { vmPath, type Place } from './locateVm';

/**
 * Whether a VM is `running` or `stopped`: its node's own word, not the cluster's list, which is some seconds old.
 * Source: `GET /nodes/{node}/qemu/{vmid}/status/current`.
 * @returns undefined where nobody can tell just now
 * @throws PveError where it is refused
 */
export const powerOf = async (client: PveClient, place: Place): Promise<string | undefined> =>
	await client.get<{ status: string }>(`${vmPath(place)}/status/current`).then(
		({ data }) => data.status,
		(error: unknown) => {
			if (error instanceof PveError && isPassing(error)) return undefined;
			throw error;
		},
	);
