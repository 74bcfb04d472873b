import type { IDataObject } from 'n8n-workflow';

import { storageOf } from '../../api/backups';
import { listImages } from '../../api/images';
import { drivesOf } from '../../form/drives';
import { IMAGE_DOWNLOAD_LABEL, imageDownloadFields } from '../../form/imageFields';
import type { ImageDownload } from '../../form/readImages';
import type { VmRequest } from '../../form/readRequest';
import { templateStorageField } from '../../form/readTemplate';
import { note } from '../../runtime/context';
import { AdvisedError } from '../../runtime/errors';
import type { Item } from '../../runtime/operation';
import { downloadImage } from '../images/downloadImage';
import { firstStorage } from '../images/firstStorage';

/** An image that a guest was created from, for the output. */
export interface ImageUsed extends IDataObject {
	/** The volume ID. */
	volid: string;
	/** Whether it was there before: then it was not downloaded. */
	reused: boolean;
	/** The task that downloaded it; null if there was none. */
	upid: string | null;
}

/** A request whose images are stored on its node. */
export interface Prepared {
	readonly request: VmRequest;
	readonly images: ImageUsed[];
	readonly warnings: readonly string[];
}

/**
 * Has the node download the images of a request, unless they are there, and puts them in place of their placeholders.
 * Call it outside of the gate of the node.
 * @throws as downloadImage does; nothing was created then
 */
export async function prepareImages(item: Item, request: VmRequest): Promise<Prepared> {
	const { downloads, node, options } = request;
	const images: ImageUsed[] = [];
	const warnings: string[] = [];
	const volids = new Map<string, string>();
	for (const download of downloads) {
		const { volid, reused, task } = await store(item, node, download, options).catch(
			(error: unknown) => {
				throw error instanceof AdvisedError
					? new AdvisedError(error.reason, `${error.advice} No VM was created.`)
					: error;
			},
		);
		// A server may have named both: without this, the second disk would be a copy of the first image.
		if (images.some((one) => one.volid === volid))
			throw new AdvisedError(
				new Error(`Two images of this VM would be stored as ${volid}`),
				'Store one of them with Image → Download under another File Name, and enter its volume. No VM was created.',
			);
		volids.set(download.placeholder, volid);
		images.push({ volid, reused, upid: task.upid });
		warnings.push(...task.warnings);
		// The task of the download is none of the guest.
		note(item.trace, { upid: undefined, images: images.map((image) => image.volid) });
	}
	return { request: { ...request, parameters: withImages(request, volids) }, images, warnings };
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

/** The parameters with the images in place of their placeholders. @param volids by placeholder; one without is left out */
export function withImages(
	{ parameters, downloads }: VmRequest,
	volids: ReadonlyMap<string, string> = new Map(),
): VmRequest['parameters'] {
	const changed: Record<string, unknown> = {};
	for (const { content, placeholder } of downloads) {
		const volid = volids.get(placeholder);
		if (content === 'vztmpl') changed.ostemplate = volid;
		for (const [name, drive] of drivesOf(parameters))
			if (drive['import-from'] === placeholder) changed[name] = { ...drive, 'import-from': volid };
	}
	return { ...parameters, ...(changed as object) };
}
