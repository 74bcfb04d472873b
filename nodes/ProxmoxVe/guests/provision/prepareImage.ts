import { storageOf } from '../../api/backups';
import { listImages } from '../../api/images';
import { drivesOf } from '../../form/drives';
import {
	IMAGE_DOWNLOAD_LABEL,
	imageDownloadFields,
	type ImageDownload,
} from '../../form/imageFromUrl';
import type { VmRequest } from '../../form/readRequest';
import { templateStorageField } from '../../form/readTemplate';
import { note } from '../../runtime/context';
import { AdvisedError } from '../../runtime/errors';
import type { Item } from '../../runtime/operation';
import { downloadImage } from '../images/downloadImage';
import { firstStorage } from '../images/firstStorage';

/** The image that a guest was created from, for the output. */
export interface ImageUsed {
	/** The volume ID. */
	readonly volid: string;
	/** Whether it was there before: then it was not downloaded. */
	readonly reused: boolean;
	/** The task that downloaded it; null if there was none. */
	readonly upid: string | null;
}

/** A request whose image is stored on its node. */
export interface Prepared {
	readonly request: VmRequest;
	readonly image?: ImageUsed;
	readonly warnings: readonly string[];
}

/**
 * Has the node download the image of a request, unless it is there, and puts it in place of its placeholder. Call it
 * outside of the gate of the node.
 * @throws as downloadImage does; nothing was created then
 */
export async function prepareImage(item: Item, request: VmRequest): Promise<Prepared> {
	const { download, node, options } = request;
	if (download === undefined) return { request, warnings: [] };
	const { volid, reused, task } = await store(item, node, download, options).catch(
		(error: unknown) => {
			throw error instanceof AdvisedError
				? new AdvisedError(error.reason, `${error.advice} No VM was created.`)
				: error;
		},
	);
	// The task of the download is none of the guest.
	note(item.trace, { upid: undefined, image: volid });
	return {
		request: { ...request, parameters: withImage(request, volid) },
		image: { volid, reused, upid: task.upid },
		warnings: task.warnings,
	};
}

async function store(
	item: Item,
	node: string,
	{ storage: given, ...image }: ImageDownload,
	options: VmRequest['options'],
): ReturnType<typeof downloadImage> {
	const { content, name } = image;
	const storage =
		given ??
		(content === 'vztmpl' ? await storageOfTemplate(item, node, name) : undefined) ??
		(await firstStorage(
			item.run,
			node,
			content,
			content === 'vztmpl'
				? templateStorageField.label
				: `${IMAGE_DOWNLOAD_LABEL} → ${imageDownloadFields.storage.label}`,
		));
	return await downloadImage(
		item,
		{ ...image, node, storage, ifExists: 'keep' },
		{ ...options, wait: true },
	);
}

/** Where a node has a template of this name; undefined if it has none. */
async function storageOfTemplate(
	{ run }: Item,
	node: string,
	name: string | undefined,
): Promise<string | undefined> {
	const { images } = await listImages(run.client, node, { contents: ['vztmpl'] });
	const found = images.find(({ volid }) => volid.endsWith(`:vztmpl/${name}`));
	return found && storageOf(found.volid);
}

/** The parameters with another image in place of the placeholder. @param volid without one, no image */
export function withImage(
	{ parameters, download }: VmRequest,
	volid: string | undefined,
): VmRequest['parameters'] {
	if (download?.content === 'vztmpl') return { ...parameters, ostemplate: volid };
	const changed = drivesOf(parameters)
		.filter(([, drive]) => drive['import-from'] === download?.placeholder)
		.map(([name, drive]) => [name, { ...drive, 'import-from': volid }]);
	return { ...parameters, ...(Object.fromEntries(changed) as object) };
}
