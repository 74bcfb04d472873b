import { segment } from '../../api/client';
import { isNotStarted, PveError, TaskError } from '../../api/errors';
import { findImage, type ImageVolume } from '../../api/images';
import type { UploadFile } from '../../api/multipart';
import type { Waiting } from '../../form/Form';
import { note } from '../../runtime/context';
import { AdvisedError } from '../../runtime/errors';
import { followTask, NO_TASK, type Follow, type TaskOutput } from '../../runtime/followTask';
import type { Emitted, Item } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeFields } from '../../wire/encodeFields';
import { settleByEffect } from '../lostChange';
import {
	refuseExisting,
	storedBy,
	volidOf,
	withImage,
	type IfExists,
	type ImageTarget,
	type StoredImage,
} from './imageTarget';

/** An image to upload. */
export interface UploadRequest extends ImageTarget {
	readonly file: UploadFile;
	readonly checksum?: string;
	readonly algorithm?: string;
	readonly ifExists: IfExists;
}

/** How its task is followed. */
type Following = Pick<Follow, 'inGate' | 'onAccepted'>;

/**
 * Uploads an image to a storage, unless it is there. Proxmox itself replaces a file of the same name without asking.
 * Call it outside of the gate of the node: it enters that itself, while other items may wait for the same image. An
 * image that no other item can be about may be uploaded within it.
 * Source: `POST /nodes/{node}/storage/{storage}/upload`.
 * @throws AdvisedError, PveError, TaskError, TaskTimeoutError or UnknownOutcomeError
 */
export async function uploadImage(
	item: Item,
	request: UploadRequest,
	waiting: Waiting,
	following: Following = {},
): Promise<StoredImage> {
	const { run, trace } = item;
	const { node } = request;
	const volid = volidOf(request);
	note(trace, { node });
	return await withImage(run, request, async () => {
		// It also renews a ticket that has expired: the upload itself could not be sent again.
		const before = await findImage(run.client, node, volid);
		return isKept(request, before)
			? { volid, image: before, reused: true, task: taskOfKept(request) }
			: await send(item, request, before, waiting, following);
	});
}

/**
 * What an upload emits in a preview, without the bytes of the file.
 * @param command that stores the file: the API has none for an upload
 */
export async function previewUpload(
	item: Item,
	request: UploadRequest,
	command: string,
): Promise<Emitted[]> {
	const { node, name } = request;
	const volid = volidOf(request);
	note(item.trace, { node });
	if (isKept(request, await findImage(item.run.client, node, volid)))
		return await emitPreview(item, [], { volid, reused: true });
	return await emitPreview(item, [
		{
			method: 'POST',
			path: pathOf(request),
			body: { ...fieldsOf(request), filename: name },
			command,
		},
	]);
}

const pathOf = ({ node, storage }: ImageTarget): string =>
	`/nodes/${segment(node)}/storage/${segment(storage)}/upload`;

const fieldsOf = ({ content, algorithm, checksum }: UploadRequest): Record<string, string> =>
	encodeFields({ content, 'checksum-algorithm': algorithm, checksum });

/** Whether the image that is there stays as it is. @throws AdvisedError if it is in the way */
function isKept(request: UploadRequest, before: ImageVolume | undefined): before is ImageVolume {
	const { file, ifExists } = request;
	if (before && ifExists === 'fail') refuseExisting(request);
	if (before === undefined || ifExists !== 'keep') return false;
	if (before.size === file.size) return true;
	throw new AdvisedError(
		new Error(
			`${volidOf(request)} already exists with ${before.size ?? 'unknown'} bytes, and the file has ${file.size}`,
		),
		'Choose another File Name, or If Exists → Replace.',
	);
}

/** Proxmox compares checksums only of files that it receives. */
const taskOfKept = ({ checksum }: UploadRequest): TaskOutput =>
	checksum === undefined
		? NO_TASK
		: {
				...NO_TASK,
				taskStatus: 'warnings',
				warnings: ['The image was kept. Its checksum was not compared, only its size.'],
			};

async function send(
	item: Item,
	request: UploadRequest,
	before: ImageVolume | undefined,
	waiting: Waiting,
	following: Following,
): Promise<StoredImage> {
	const { run } = item;
	const { client } = run;
	const { node, file } = request;
	const volid = volidOf(request);
	const what = `upload of ${volid} to ${node}`;
	const isStored = async (): Promise<boolean> => {
		const found = await findImage(client, node, volid);
		// One of the same size that was there before proves nothing.
		return (
			found?.size === file.size && (before?.ctime === undefined || found.ctime !== before.ctime)
		);
	};
	const task = await followTask(item, {
		...following,
		label: what,
		node,
		// The task runs on the node that took the file, which copies it to the chosen one.
		waiting,
		start: async () =>
			await client.upload<string>(
				pathOf(request),
				fieldsOf(request),
				file,
				waiting.timeoutSeconds * 1000,
			),
		changedNothing: (error) => error instanceof PveError && isNotStarted(error),
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				{ node },
				error,
				{ what, types: ['imgcopy'], startedAt },
				isStored,
				left,
			),
	}).catch((error: unknown) => {
		if (!(error instanceof TaskError)) throw error;
		throw new AdvisedError(error, afterFailure(error, volid, before !== undefined));
	});
	return await storedBy(run, request, 'upload', task);
}

/** Why an upload failed, and what is left. */
function afterFailure({ exitStatus }: TaskError, volid: string, wasThere: boolean): string {
	// Everything is checked before the file is copied; a copy that fails is removed.
	const isChecked = !/import failed/.test(exitStatus);
	const left = !wasThere
		? 'Nothing was stored.'
		: isChecked
			? `${volid} was not changed.`
			: `${volid}, which existed before, may have been removed.`;
	return `${reasonFor(exitStatus)} ${left}`;
}

function reasonFor(exitStatus: string): string {
	if (/checksum mis+match/.test(exitStatus))
		return 'The checksum of the uploaded file differs from the one under Options. Compare it, and its algorithm, with those of the publisher.';
	if (/Image is not in \w+ format/.test(exitStatus))
		return 'The format of the file does not match its File Name. Change its ending: .raw, .qcow2 or .vmdk.';
	if (/backing file/.test(exitStatus))
		return 'The image depends on a backing file, so it cannot be used alone. Convert it first: qemu-img convert.';
	return 'The node could not store the file. Check the free space of the storage and of /var/tmp on the node.';
}
