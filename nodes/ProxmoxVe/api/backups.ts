import { segment, type PveClient } from './client';
import { kindsOf, type GuestType } from './paths';

/** A backup as a storage lists it. */
export interface BackupVolume {
	readonly volid: string;
	/** `vma.zst`, `pbs-vm` … */
	readonly format?: string;
	/** Bytes. */
	readonly size?: number;
	/** When it was made, in seconds since 1970. */
	readonly ctime?: number;
	readonly vmid?: number;
	readonly notes?: string;
	readonly protected?: 0 | 1;
	/** The kind of guest; older hosts do not give it. */
	readonly subtype?: string;
	/** The result of the last verification by a Proxmox Backup Server. */
	readonly verification?: { readonly state?: string };
	/** Of an encrypted one on a Proxmox Backup Server: the fingerprint of the key, or 1. */
	readonly encrypted?: string;
}

/** The storage that a volume ID begins with. */
export const storageOf = (volid: string): string => volid.split(':', 1)[0] ?? '';

/** The path of a volume in the API. */
export const volumePath = (node: string, volid: string): string =>
	`/nodes/${segment(node)}/storage/${segment(storageOf(volid))}/content/${segment(volid)}`;

/** Whether a backup is of a guest of this kind; older hosts say that only in its name. */
export const isOfKind =
	(kind: GuestType) =>
	({ subtype, volid }: BackupVolume): boolean =>
		kindsOf(kind).some(({ type, backupGroup }) =>
			subtype === undefined
				? new RegExp(`vzdump-${type}-|[:/]${backupGroup}/`).test(volid)
				: subtype === type,
		);

/** The guest in a backup's name, if there is one. */
export function vmidOfBackup(volid: string): number | undefined {
	const vmid = /vzdump-[a-z]+-(\d+)-|[:/](?:vm|ct)\/(\d+)\//
		.exec(volid)
		?.slice(1)
		.find((found) => found !== undefined);
	return vmid === undefined ? undefined : Number(vmid);
}

/** The newest first; of the same second, the one that comes last by its name. */
export const newestFirst = (a: BackupVolume, b: BackupVolume): number =>
	(b.ctime ?? 0) - (a.ctime ?? 0) || (a.volid < b.volid ? 1 : -1);

/** Which backups to list. */
export interface BackupFilter {
	/** The storages to read; without them all of the node that hold backups. */
	readonly storages?: readonly string[];
	readonly vmid?: number;
}

export interface BackupList {
	/** The newest first. */
	readonly backups: BackupVolume[];
	/** The storages that were read. */
	readonly storages: string[];
	/** Storages that hold backups and are offline just now: there may be others on them. */
	readonly offline: string[];
}

/**
 * The backups of a kind of guest, or of all guests, on the storages of a node.
 * Source: `GET /nodes/{node}/storage`, `GET /nodes/{node}/storage/{storage}/content`.
 * @throws PveError if a storage that is named, or that is said to be online, cannot be read
 */
export async function listBackups(
	client: PveClient,
	kind: GuestType | undefined,
	node: string,
	{ storages, vmid }: BackupFilter,
): Promise<BackupList> {
	const known =
		storages === undefined
			? await backupStorages(client, node)
			: storages.map((storage) => ({ storage, active: 1 }));
	const query = { content: 'backup', ...(vmid === undefined ? {} : { vmid }) };
	const found = await Promise.all(
		known
			.filter(({ active }) => active !== 0)
			.map(
				async ({ storage }) =>
					await client.get<BackupVolume[]>(
						`/nodes/${segment(node)}/storage/${segment(storage)}/content`,
						query,
					),
			),
	);
	return {
		backups: found
			.flatMap(({ data }) => data)
			.filter(kind === undefined ? () => true : isOfKind(kind))
			.sort(newestFirst),
		storages: known.filter(({ active }) => active !== 0).map(({ storage }) => storage),
		offline: known.filter(({ active }) => active === 0).map(({ storage }) => storage),
	};
}

const backupStorages = async (
	client: PveClient,
	node: string,
): Promise<Array<{ storage: string; active?: 0 | 1 }>> =>
	(
		await client.get<Array<{ storage: string; active?: 0 | 1 }>>(
			`/nodes/${segment(node)}/storage`,
			{ content: 'backup', enabled: 1 },
		)
	).data;
