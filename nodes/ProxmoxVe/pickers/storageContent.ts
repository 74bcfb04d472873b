import { segment } from '../api/client';
import { pageUrl } from '../api/pageUrl';
import { allAnswers, searchOf, type Asking, type Entry, type Search } from './list';

/** Proxmox hides storages, and what is on them, without these. */
export const STORAGE_PRIVILEGES = 'Datastore.Audit or Datastore.AllocateSpace on /storage/NAME';

/** What a storage can hold, in Proxmox's words. */
export type Content = 'images' | 'iso' | 'backup' | 'import' | 'rootdir' | 'snippets' | 'vztmpl';

export interface Storage {
	readonly storage: string;
	readonly type: string;
	readonly active?: 0 | 1;
	/** Free space in bytes. */
	readonly avail?: number;
}

export interface Volume {
	readonly volid: string;
	readonly size?: number;
}

/** The storages of the chosen node that are in use and may hold this content. Source: `GET /nodes/{node}/storage`. */
export async function storagesFor(
	{ client, chosenNode }: Asking,
	content: Content,
): Promise<Storage[]> {
	const query = { content, enabled: 1 };
	return (await client.get<Storage[]>(`/nodes/${segment(await chosenNode())}/storage`, query)).data;
}

/**
 * All volumes of a kind on the chosen node. A storage that does not answer is left out, so that one
 * that is offline does not hide the others.
 * @param only the names of the storages to read, instead of all that may hold the kind
 * @throws PveError if no storage answers
 */
export async function volumesOf<Found extends Volume>(
	asking: Asking,
	content: Content,
	only?: readonly string[],
): Promise<Found[]> {
	const node = segment(await asking.chosenNode());
	const storages = only ?? (await storagesFor(asking, content)).map(({ storage }) => storage);
	const lists = await allAnswers(
		storages.map(
			async (storage) =>
				(
					await asking.client.get<Found[]>(`/nodes/${node}/storage/${segment(storage)}/content`, {
						content,
					})
				).data,
		),
	);
	return lists.flat();
}

/** Bytes in the unit that Proxmox's own page would use. */
export function sizeOf(bytes: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
	return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** A volume as an entry: its name without the storage's folder, and its size. */
export const volumeEntry = ({ volid, size }: Volume): Entry => ({
	name: size === undefined ? volid : `${volid} (${sizeOf(size)})`,
	value: volid,
});

/** The storages of the chosen node that may hold this content. */
export const searchStorages = (content: Content): Search =>
	searchOf(
		async (asking) => {
			const storages = await storagesFor(asking, content);
			// An ESXi host takes no files.
			return await storageEntries(
				asking,
				storages.filter(({ type }) => type !== 'esxi'),
			);
		},
		{ needs: STORAGE_PRIVILEGES },
	);

/** Storages of the chosen node as entries: with their type and free space. */
export async function storageEntries(
	{ client, chosenNode }: Asking,
	storages: readonly Storage[],
): Promise<Entry[]> {
	const node = await chosenNode();
	return await Promise.all(
		storages.map(async (storage) => ({
			name: `${storage.storage} (${storage.type}${stateOf(storage)})`,
			value: storage.storage,
			url: await pageUrl(client, `storage/${node}/${storage.storage}`),
		})),
	);
}

/** n8n stores the name of a chosen entry with the workflow, so this is the free space when it was chosen. */
const stateOf = ({ active, avail }: Storage): string => {
	if (active === 0) return ', not active';
	return avail === undefined ? '' : `, ${sizeOf(avail)} free`;
};
