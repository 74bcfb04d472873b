import type { Present } from '../form/readChange';
import type { PveClient } from '../pve/client';
import { decodeConfig } from '../wire/decodeConfig';
import { vmPath, type Place } from './locateVm';

/** A setting of a VM: what is in effect, and what waits for the next start. */
interface Setting {
	readonly key: string;
	readonly value?: unknown;
	readonly pending?: unknown;
	readonly delete?: number;
}

/** A VM's settings by name. Source: `GET /nodes/{node}/qemu/{vmid}/pending`. */
const readSettings = async (client: PveClient, place: Place): Promise<Setting[]> =>
	(await client.get<Setting[]>(`${vmPath(place)}/pending`)).data;

/** A VM as it is, and the digest by which Proxmox tells whether it still is so. */
export async function readPresent(client: PveClient, place: Place): Promise<Present & { digest: string }> {
	const settings = await readSettings(client, place);
	const kept = settings.filter((setting) => !setting.delete);
	const { digest, ...config } = Object.fromEntries(kept.map(({ key, value, pending }) => [key, pending ?? value]));
	return { names: new Set(settings.map(({ key }) => key)), config: decodeConfig(config), digest: String(digest ?? '') };
}

/** The settings whose change waits for the next start of a VM. */
export const pendingOf = async (client: PveClient, place: Place): Promise<string[]> =>
	(await readSettings(client, place))
		.filter((setting) => setting.pending !== undefined || setting.delete)
		.map(({ key }) => key)
		.sort();
