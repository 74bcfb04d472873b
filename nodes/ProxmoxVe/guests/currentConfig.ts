import { parameterOf, type Catalogue } from '../catalogue/catalogue';
import type { CurrentConfig } from '../form/readChange';
import type { PveClient } from '../api/client';
import { isTransient, PveError } from '../api/errors';
import { decodeConfig } from '../wire/decodeConfig';
import { isRecord } from '../wire/values';
import { guestPath } from '../api/paths';
import type { GuestLocation } from './locateGuest';
import type { Item } from '../runtime/operation';
import { powerOf } from './powerOf';

/** The part of an item that reading a configuration needs. */
type ConfigReader = { readonly run: { readonly client: PveClient } } & Pick<Item, 'kind'>;

/** A setting of a VM: what is in effect, and what waits for the next start. */
interface Setting {
	readonly key: string;
	readonly value?: unknown;
	readonly pending?: unknown;
	readonly delete?: number;
}

const isWaiting = (setting: Setting): boolean =>
	setting.pending !== undefined || Boolean(setting.delete);

/** A VM's settings by name. Source: `GET /nodes/{node}/qemu/{vmid}/pending`. */
const readSettings = async (client: PveClient, place: GuestLocation): Promise<Setting[]> =>
	(await client.get<Setting[]>(`${guestPath(place)}/pending`)).data;

/** The configuration of a VM, and the digest that shows Proxmox whether it has changed since. */
export async function readCurrentConfig(
	{ run, kind: { catalogue } }: ConfigReader,
	place: GuestLocation,
): Promise<CurrentConfig & { digest: string }> {
	const settings = await readSettings(run.client, place);
	const kept = settings.filter((setting) => !setting.delete);
	const { digest, ...config } = Object.fromEntries(
		kept.map(({ key, value, pending }) => [key, pending ?? value]),
	);
	return {
		names: new Set(settings.map(({ key }) => key)),
		config: decodeConfig(catalogue, config),
		digest: String(digest ?? ''),
	};
}

/**
 * The configuration that a clone is made of: what is in effect, or was at a snapshot.
 * Source: `GET /nodes/{node}/qemu/{vmid}/config`.
 * @returns undefined if the user or token may not read it
 */
export async function readOriginalConfig(
	{ run, kind: { catalogue } }: ConfigReader,
	place: GuestLocation,
	snapshot?: string,
): Promise<CurrentConfig | undefined> {
	const read = await run.client
		.get<
			Record<string, unknown>
		>(`${guestPath(place)}/config`, snapshot === undefined ? { current: 1 } : { snapshot })
		.catch((error: unknown) => {
			if (error instanceof PveError && error.failure.status === 403 && !isTransient(error))
				return undefined;
			throw error;
		});
	if (read === undefined) return undefined;
	const config = decodeConfig(catalogue, { ...read.data, digest: undefined });
	return { names: new Set(Object.keys(config)), config };
}

/** Whether the guest sees a setting only with the cloud-init image of its next start. */
const isCloudInit = (catalogue: Catalogue, name: string): boolean =>
	catalogue.cloudInit.includes(parameterOf(catalogue, name));
const IP_CONFIG = /^ipconfig\d+$/;
/** What else is in a cloud-init image: the host name, and the MAC addresses of the network cards. */
const ALSO_IN_IMAGE = /^(?:name|net\d+)$/;

/**
 * The settings whose change waits for the next start of a VM, cloud-init's among them.
 * Source: `GET /nodes/{node}/qemu/{vmid}/pending`, `…/cloudinit`, `…/status/current`.
 * @param before the configuration before the change, which shows whether there is a cloud-init drive
 * @param hasNewPassword whether the change set a cloud-init password
 */
export async function pendingOf(
	item: ConfigReader,
	place: GuestLocation,
	before: CurrentConfig,
	hasNewPassword: boolean,
): Promise<string[]> {
	const settings = await readSettings(item.run.client, place);
	const names = settings.filter(isWaiting).map(({ key }) => key);
	if (hasCloudInitDrive(before))
		names.push(...(await waitingCloudInit(item, place, settings, before, hasNewPassword)));
	return [...new Set(names)].sort();
}

/** Whether one of the drives is the one from which the guest reads its cloud-init settings. */
export const hasCloudInitDrive = ({ config }: CurrentConfig): boolean =>
	Object.values(config).some(
		(value) =>
			isRecord(value) && /[:/](?:vm-\d+-)?cloudinit(?:\.|$)/.test(String(value.file ?? '')),
	);

/** The cloud-init settings that are not in the image which the guest has. */
async function waitingCloudInit(
	{ run: { client }, kind: { catalogue } }: ConfigReader,
	place: GuestLocation,
	settings: readonly Setting[],
	before: CurrentConfig,
	hasNewPassword: boolean,
): Promise<string[]> {
	const listed = await client
		.get<Setting[]>(`${guestPath(place)}/cloudinit`)
		.catch((error: unknown) => {
			// Proxmox VE before 7.3 has no such list.
			if (error instanceof PveError) return { data: [] };
			throw error;
		});
	const names = listed.data
		.filter((setting) => isCloudInit(catalogue, setting.key) && isWaiting(setting))
		.map(({ key }) => key);
	const now = decodeConfig(
		catalogue,
		Object.fromEntries(settings.map(({ key, value }) => [key, value])),
	);
	const isChanged = (key: string): boolean => !isSame(now[key], before.config[key]);
	const isInImage = (key: string): boolean =>
		key !== 'cipassword' && (isCloudInit(catalogue, key) || ALSO_IN_IMAGE.test(key));
	const waiting = new Set(settings.filter(isWaiting).map(({ key }) => key));
	// Proxmox lists no new password, and an IP configuration only if it was added or removed.
	const unlisted = hasNewPassword ? ['cipassword'] : [];
	if (/\bcloudinit\b/.test(String(before.config.hotplug))) {
		// With this kind of hotplug, Proxmox rebuilds the image with each change, except for a password alone.
		if (
			Object.keys({ ...before.config, ...now }).some(
				(key) => isInImage(key) && !waiting.has(key) && isChanged(key),
			)
		)
			return names;
	} else {
		const wasThere = (key: string): boolean => before.config[key] !== undefined;
		unlisted.push(
			...Object.keys(now).filter((key) => IP_CONFIG.test(key) && wasThere(key) && isChanged(key)),
		);
	}
	if (unlisted.length === 0 || (await powerOf(client, place)) !== 'running') return names;
	return [...names, ...unlisted];
}

const isSame = (one: unknown, other: unknown): boolean =>
	JSON.stringify(one) === JSON.stringify(other);
