import type { PveClient } from './client';

/**
 * What the user or token may do on a path, such as `/vms/100`; pools are taken into account.
 * Source: `GET /access/permissions`.
 * @returns undefined if Proxmox does not say
 */
export async function privilegesOn(
	client: PveClient,
	path: string,
): Promise<ReadonlySet<string> | undefined> {
	const read = await client
		.get<Record<string, Record<string, unknown>> | null>('/access/permissions', { path })
		.catch(() => undefined);
	return read && new Set(Object.keys(read.data?.[path] ?? {}));
}
