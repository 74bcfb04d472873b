import { storageOf } from './backups';
import { segment, type PveClient } from './client';

/** Volumes that describe whole VMs, and are no disk images. */
export const IMPORTABLE = /\.(?:ova|ovf|vmx)$/i;

/** An image file as a storage lists it. */
export interface ImageVolume {
	readonly volid: string;
	/** `iso`, `import` or `vztmpl`. */
	readonly content: string;
	/** `iso`, `qcow2`, `txz` … */
	readonly format?: string;
	/** Bytes of the file. */
	readonly size?: number;
	/** When it was last written, in seconds since 1970. */
	readonly ctime?: number;
}

/** Which images to list. */
export interface ImageFilter {
	/** The storages to read; without them all of the node that can hold such images. */
	readonly storages?: readonly string[];
	/** The content types to list. */
	readonly contents: readonly string[];
}

export interface ImageList {
	/** Sorted by storage and name. */
	readonly images: ImageVolume[];
	/** Storages that are offline just now: there may be other images on them. */
	readonly offline: string[];
}

interface ImageStorage {
	readonly storage: string;
	readonly content?: string;
	readonly active?: 0 | 1;
}

const contentPath = (node: string, storage: string): string =>
	`/nodes/${segment(node)}/storage/${segment(storage)}/content`;

/**
 * The image files on the storages of a node.
 * Source: `GET /nodes/{node}/storage`, `GET /nodes/{node}/storage/{storage}/content`.
 * @throws PveError if a storage that is named, or that is said to be online, cannot be read
 */
export async function listImages(
	client: PveClient,
	node: string,
	{ storages, contents }: ImageFilter,
): Promise<ImageList> {
	const known: readonly ImageStorage[] =
		storages?.map((storage) => ({ storage })) ?? (await imageStorages(client, node, contents));
	// Proxmox takes one content type, not a list.
	const [only, ...others] = contents;
	const query: Record<string, string> =
		only !== undefined && others.length === 0 ? { content: only } : {};
	const lists = await Promise.all(
		known
			.filter(({ active }) => active !== 0)
			.map(
				async ({ storage }) => await client.get<ImageVolume[]>(contentPath(node, storage), query),
			),
	);
	return {
		images: lists
			.flatMap(({ data }) => data)
			.filter(({ content }) => contents.includes(content))
			.sort((a, b) => (a.volid < b.volid ? -1 : 1)),
		offline: known.filter(({ active }) => active === 0).map(({ storage }) => storage),
	};
}

async function imageStorages(
	client: PveClient,
	node: string,
	contents: readonly string[],
): Promise<ImageStorage[]> {
	const { data } = await client.get<ImageStorage[]>(`/nodes/${segment(node)}/storage`, {
		enabled: 1,
	});
	return data.filter(({ content = '' }) =>
		content.split(',').some((one) => contents.includes(one)),
	);
}

/** An image in the list of its storage; undefined if it is not there. @throws PveError */
export async function findImage(
	client: PveClient,
	node: string,
	volid: string,
): Promise<ImageVolume | undefined> {
	const content = /:([^/]+)\//.exec(volid)?.[1] ?? '';
	const { data } = await client.get<ImageVolume[]>(contentPath(node, storageOf(volid)), {
		content,
	});
	return data.find((volume) => volume.volid === volid);
}
