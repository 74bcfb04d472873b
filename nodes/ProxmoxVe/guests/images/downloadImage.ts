import { segment } from '../../api/client';
import { isNotStarted, PveError, TaskError } from '../../api/errors';
import { findImage, type ImageVolume } from '../../api/images';
import { isRunning, readTasks } from '../../api/tasks/readTasks';
import { parseUpid } from '../../api/upid';
import type { Waiting } from '../../form/Form';
import type { DownloadFrom } from '../../form/readImages';
import { note } from '../../runtime/context';
import { AdvisedError } from '../../runtime/errors';
import { followTask, NO_TASK, type TaskOutput } from '../../runtime/followTask';
import type { Emitted, Item } from '../../runtime/operation';
import { emitPreview, type PveRequest } from '../../runtime/previewRequest';
import type { Run } from '../../runtime/run';
import { encodeFields } from '../../wire/encodeFields';
import { nameInUrl, nameOfDownload, type ImageContent } from '../../wire/imageName';
import { deleteVolume, deletionRequest } from '../deleteVolume';
import { settleByEffect, untilEnded } from '../lostChange';
import {
	refuseExisting,
	storedBy,
	volidOf,
	withImage,
	type IfExists,
	type ImageTarget,
	type StoredImage,
} from './imageTarget';

/** An image to download. */
export interface DownloadRequest {
	readonly node: string;
	readonly storage: string;
	readonly content: ImageContent;
	readonly from: DownloadFrom;
	/** The URL, the name of the template, or the reference of the OCI image. */
	readonly source: string;
	/** The name to store it under; without it the name in the URL, or else the server's. */
	readonly name?: string;
	/** Of the file as it is downloaded, before it is unpacked. */
	readonly checksum?: string;
	readonly algorithm?: string;
	/** How the node unpacks it. */
	readonly compression?: string;
	readonly verifyCertificates?: boolean;
	readonly ifExists: IfExists;
}

/** What this run has downloaded: a second item with the same request gets the same file. */
const downloads = new WeakMap<Run, Set<string>>();

/**
 * Has a node download an image to a storage, unless it is there. Call it outside of the gate of the node: it enters
 * that itself, while other items may wait for the same image.
 * Source: `POST /nodes/{node}/storage/{storage}/download-url`, `GET /nodes/{node}/query-url-metadata`;
 * `POST` and `GET /nodes/{node}/aplinfo`; `POST /nodes/{node}/storage/{storage}/oci-registry-pull`,
 * `GET /nodes/{node}/query-oci-repo-tags`.
 * @throws AdvisedError, PveError, TaskError, TaskTimeoutError or UnknownOutcomeError
 */
export async function downloadImage(
	item: Item,
	request: DownloadRequest,
	waiting: Waiting,
): Promise<StoredImage> {
	const { run, trace } = item;
	const { node, storage, content, source } = request;
	note(trace, { node });
	const name = request.name ?? (await nameOf(run, request));
	const target: ImageTarget = { node, storage, content, name };
	return await withImage(run, target, async () => {
		let existing = await findImage(run.client, node, volidOf(target));
		if (existing === undefined) {
			const others = await othersOf(run, target, TASKS[request.from]);
			const [other] = others;
			if (other !== undefined && !waiting.wait) {
				const task: TaskOutput = { ...NO_TASK, upid: other, taskStatus: 'running' };
				return { volid: volidOf(target), image: undefined, reused: false, task };
			}
			await untilEnded(item, others, waiting);
			// It may have ended between the two looks.
			existing = await findImage(run.client, node, volidOf(target));
		}
		const done = downloads.get(run) ?? new Set();
		downloads.set(run, done);
		const key = [volidOf(target), source, request.checksum];
		const onNode = JSON.stringify([...key, node]);
		// Other nodes have this file too if the storage is shared, and else one of their own.
		const asFile = ({ ctime, size }: ImageVolume): string => JSON.stringify([...key, ctime, size]);
		const isDone = done.has(onNode) || (existing !== undefined && done.has(asFile(existing)));
		const ifExists = isDone ? 'keep' : request.ifExists;
		const stored = existing
			? await withExisting(item, target, { ...request, ifExists }, existing, waiting)
			: await download(item, target, request, waiting);
		done.add(onNode);
		if (stored.image?.ctime !== undefined) done.add(asFile(stored.image));
		return stored;
	});
}

/** What a download emits in a preview. @throws AdvisedError, PveError */
export async function previewDownload(item: Item, request: DownloadRequest): Promise<Emitted[]> {
	const { run, trace } = item;
	const { node, storage, content } = request;
	note(trace, { node });
	const name = request.name ?? (await nameOf(run, request));
	const target: ImageTarget = { node, storage, content, name };
	const volid = volidOf(target);
	const existing = await findImage(run.client, node, volid);
	const how = existing === undefined ? 'download' : howWithExisting(target, request);
	if (how === 'replace') await checkSource(run, request);
	return await emitPreview(
		item,
		[
			...(how === 'replace' ? [deletionRequest(node, volid)] : []),
			...(how === 'keep' ? [] : [downloadRequest(node, { ...request, name })]),
		],
		{ volid, reused: how === 'keep' || how === 'compare' },
	);
}

/** What If Exists asks for where the image is there. */
function howWithExisting(
	target: ImageTarget,
	{ ifExists, checksum, compression }: DownloadRequest,
): 'replace' | 'compare' | 'keep' {
	if (ifExists === 'fail') refuseExisting(target);
	if (ifExists === 'replace') return 'replace';
	// The checksum is that of the compressed file, which is no longer there.
	return checksum === undefined || compression !== undefined ? 'keep' : 'compare';
}

/** The name to store a file under. @throws AdvisedError if neither URL nor server have one that fits */
async function nameOf(run: Run, request: DownloadRequest): Promise<string> {
	const { content, source, compression } = request;
	const inUrl = nameOfDownload(content, nameInUrl(source), compression);
	if ('value' in inUrl) return inUrl.value;
	const { filename = '' } = await readHead(run, request);
	const served = nameOfDownload(content, filename, compression);
	if ('value' in served) return served.value;
	throw new AdvisedError(
		new Error(`File Name ${served.problem}`),
		'Set File Name. If the file is a compressed ISO image, set Decompression too.',
	);
}

/** What the server says of a file, without downloading it. */
async function readHead(
	{ client }: Run,
	{ node, source: url, verifyCertificates }: DownloadRequest,
): Promise<{ readonly filename?: string; readonly size?: number }> {
	const query = encodeFields({ url, 'verify-certificates': verifyCertificates });
	const { data } = await client.get<{ filename?: string; size?: number }>(
		`/nodes/${segment(node)}/query-url-metadata`,
		query,
	);
	return data;
}

/**
 * Downloads of the same file that other executions or users have started: until they end it is not listed. Other nodes
 * may download it too, if the storage is shared.
 * Source: `GET /nodes/{node}/tasks`, `GET /nodes/{node}/storage/{storage}/status`, `GET /cluster/tasks`.
 */
async function othersOf(
	{ client }: Run,
	{ node, storage, name }: ImageTarget,
	type: string,
): Promise<string[]> {
	const own = await readTasks(client, node, { source: 'active', typefilter: type });
	const here = own.filter((task) => isRunning(task) && task.id === name);
	if (here.length > 0) return here.map(({ upid }) => upid);
	const { data: state } = await client.get<{ shared?: 0 | 1 }>(
		`/nodes/${segment(node)}/storage/${segment(storage)}/status`,
	);
	if (state.shared !== 1) return [];
	const { data } = await client.get<Array<{ upid: string; endtime?: number }>>('/cluster/tasks');
	return data
		.filter(({ upid, endtime }) => {
			const task = endtime === undefined ? parseUpid(upid) : undefined;
			return task?.type === type && task.id === name;
		})
		.map(({ upid }) => upid);
}

async function withExisting(
	item: Item,
	target: ImageTarget,
	request: DownloadRequest,
	existing: ImageVolume,
	waiting: Waiting,
): Promise<StoredImage> {
	const how = howWithExisting(target, request);
	if (how === 'replace') return await replace(item, target, request, waiting);
	const kept = { volid: volidOf(target), image: existing, reused: true };
	if (request.checksum === undefined) return { ...kept, task: NO_TASK };
	if (how === 'keep') {
		const warning =
			'The image was kept. Its checksum was not compared, because it is stored decompressed.';
		return { ...kept, task: { ...NO_TASK, taskStatus: 'warnings', warnings: [warning] } };
	}
	// Proxmox compares the checksum of a file that is there, and downloads nothing.
	const task = await post(item, target, request, waiting).catch((error: unknown) => {
		if (error instanceof TaskError && /checksum mis+match/.test(error.exitStatus))
			throw new AdvisedError(
				error,
				`${volidOf(target)} does not have this checksum. It was not changed: replace it (Image → Download, If Exists → Replace), or set another File Name.`,
			);
		throw error;
	});
	return { ...kept, task };
}

/** Asks the server whether it has what is to be downloaded. @throws AdvisedError, PveError */
async function checkSource(run: Run, request: DownloadRequest): Promise<void> {
	const { node, from, source } = request;
	if (from === 'url') {
		await readHead(run, request);
		return;
	}
	const [, repository = source, tag = ''] = /^(.*):([^:/]+)$/.exec(source) ?? [];
	const at = `/nodes/${segment(node)}`;
	const known =
		from === 'list'
			? (await run.client.get<Array<{ template: string }>>(`${at}/aplinfo`)).data.map(
					({ template }) => template,
				)
			: (await run.client.get<string[]>(`${at}/query-oci-repo-tags`, { reference: repository }))
					.data;
	if (known.includes(from === 'list' ? source : tag)) return;
	throw new AdvisedError(
		new Error(`${source} was not found`),
		'Check its name. Nothing was changed.',
	);
}

/** Deletes an image, and downloads it again. The source is asked before: a deleted image does not come back. */
async function replace(
	item: Item,
	target: ImageTarget,
	request: DownloadRequest,
	waiting: Waiting,
): Promise<StoredImage> {
	const { run } = item;
	const { node } = target;
	const volid = volidOf(target);
	await checkSource(run, request);
	await deleteVolume(item, {
		node,
		volid,
		waiting: { ...waiting, wait: true },
		isGone: async () => (await findImage(run.client, node, volid)) === undefined,
	});
	return await download(item, target, request, waiting, true);
}

async function download(
	item: Item,
	target: ImageTarget,
	request: DownloadRequest,
	waiting: Waiting,
	wasDeleted = false,
): Promise<StoredImage> {
	const { run } = item;
	let reused = false;
	const task = await post(item, target, request, waiting).catch((error: unknown) => {
		const upid = error instanceof TaskError ? error.upid : null;
		const reason = error instanceof TaskError ? error.exitStatus : String(error);
		// Another download of the same name has ended since it was looked for.
		if (request.ifExists === 'keep' && /refusing to override/.test(reason)) {
			reused = true;
			return { ...NO_TASK, upid };
		}
		if (error instanceof PveError && error.failure.errors?.template === 'no such template')
			throw new AdvisedError(
				new Error(
					`${request.source} is not on a storage of ${target.node}, and not in its list of templates`,
				),
				`Choose one from the list. To update the list, run pveam update on ${target.node}.`,
			);
		if (!(error instanceof TaskError)) throw error;
		throw new AdvisedError(error, afterFailure(error, target, wasDeleted));
	});
	return await storedBy(run, target, 'download', task, reused);
}

/** The type of the task in its UPID. */
const TASKS: Readonly<Record<DownloadFrom, string>> = {
	url: 'download',
	list: 'download',
	registry: 'ociregistrypull',
};

/** What is sent for a download, and to which path below that of the node. */
export function downloadCall({
	from,
	source,
	storage,
	content,
	name,
	checksum,
	algorithm,
	compression,
	verifyCertificates,
}: Omit<DownloadRequest, 'node' | 'ifExists'> & { readonly name: string }): {
	readonly of: string;
	readonly body: Record<string, string>;
} {
	if (from === 'list') return { of: 'aplinfo', body: { storage, template: source } };
	const at = `storage/${segment(storage)}`;
	if (from === 'registry')
		return {
			of: `${at}/oci-registry-pull`,
			// Proxmox adds the ending itself.
			body: { reference: source, filename: name.replace(/\.tar$/, '') },
		};
	return {
		of: `${at}/download-url`,
		body: encodeFields({
			url: source,
			content,
			filename: name,
			checksum,
			'checksum-algorithm': algorithm,
			compression,
			'verify-certificates': verifyCertificates,
		}),
	};
}

const downloadRequest = (node: string, request: Parameters<typeof downloadCall>[0]) => {
	const { of, body } = downloadCall(request);
	return { method: 'POST', path: `/nodes/${segment(node)}/${of}`, body } satisfies PveRequest;
};

/** Sends the request, and follows its task. */
async function post(
	item: Item,
	target: ImageTarget,
	request: DownloadRequest,
	waiting: Waiting,
): Promise<TaskOutput> {
	const { run } = item;
	const { node, name } = target;
	const volid = volidOf(target);
	const what = `download of ${volid} on ${node}`;
	const { path, body } = downloadRequest(node, { ...request, name });
	const types = [TASKS[request.from]];
	return await followTask(item, {
		label: what,
		node,
		types,
		waiting,
		start: async () => await run.client.post<string>(path, body),
		changedNothing: (error) => error instanceof PveError && isNotStarted(error),
		// A file is listed only once it is complete and its checksum is right.
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				{ node },
				error,
				{ what, types, startedAt, id: name },
				async () => (await findImage(run.client, node, volid)) !== undefined,
				left,
			),
	});
}

/** Why a download failed, and what is left. */
function afterFailure(
	{ exitStatus, log }: TaskError,
	target: ImageTarget,
	wasDeleted: boolean,
): string {
	const left = wasDeleted
		? `Nothing was stored, and the previous file ${volidOf(target)} has been deleted.`
		: 'Nothing was stored.';
	return `${reasonFor(exitStatus, log)} ${left}`;
}

function reasonFor(exitStatus: string, log: readonly string[]): string {
	const status = log
		.map((line) => /awaiting response\.\.\. ([45]\d\d .{1,60})$/.exec(line)?.[1])
		.find((found) => found !== undefined);
	if (status !== undefined)
		return `The server answered ${status} for the URL. Check the URL, and whether it needs a login.`;
	if (/checksum mis+match/.test(exitStatus))
		return 'The checksum of the downloaded file differs from Checksum. Compare it, and Checksum Algorithm, with those of the publisher.';
	const text = [exitStatus, ...log].join('\n');
	if (/skopeo/.test(exitStatus) && /manifest unknown|name unknown|denied|unauthorized/.test(text))
		return 'The registry has no such image, or only for users who are logged in, which Proxmox VE cannot do. Check the name and the tag.';
	if (/unable to resolve host|connection refused|timed out|no such host/i.test(text))
		return 'The Proxmox node could not reach the server. Check the URL, and the DNS and firewall of the node.';
	if (/certificate/i.test(exitStatus))
		return 'The Proxmox node does not trust the certificate of the server. Use another server, or turn off Verify Certificates and set Checksum.';
	if (/Image is not in qcow2 format/.test(exitStatus))
		return 'The file is not a qcow2 image. If it is a raw image, set a File Name that ends in .raw.';
	if (/backing file/.test(exitStatus))
		return 'The image depends on a backing file, so it cannot be used alone. Convert it first: qemu-img convert.';
	if (/no decompression method|zcat|lzop|zstd|bzcat|decompress/.test(exitStatus))
		return 'The file could not be decompressed. Choose the Decompression that fits the file, or remove it.';
	if (/received interrupt/.test(exitStatus)) return 'The download was stopped.';
	if (/no space left/i.test(exitStatus)) return 'The storage is full.';
	return 'The download was interrupted. Run this step again.';
}
