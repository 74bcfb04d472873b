import { failure, parameterError } from '../errors';
import type { ClusterState, WebFile } from '../state/types';
import { activate, checkEnabled, isMountedOn, pathOf } from '../storage/storages';
import { parseVolumeName } from '../storage/volumeId';
import { durations } from '../tasks/durations';
import type { Worker } from '../tasks/types';
import { seconds } from '../world';
import type { World } from '../world';
import { flagOf, textOf } from './types';
import type { Call, Endpoint } from './types';

/** Which file names each content may have, and what is said of others. */
const NAMES: Readonly<Record<string, { pattern: RegExp; refusal: string }>> = {
	iso: { pattern: /[^/]+\.(?:iso|img)$/i, refusal: 'wrong file extension' },
	vztmpl: { pattern: /[^/]+\.tar(?:\.(?:gz|xz|zst|bz2))?$/i, refusal: 'wrong file extension' },
	import: {
		pattern: /^[a-zA-Z0-9\-.+=_]+\.(?:ova|qcow2|raw|vmdk)$/,
		refusal: 'invalid filename or wrong extension',
	},
};

const DECOMPRESSORS: Readonly<Record<string, string>> = {
	gz: 'zcat',
	lzo: 'lzop -d -c',
	zst: 'zstd -q -d -c',
	bz2: 'bzcat -q',
};
const WGET_ERROR = 8;
const WGET_NETWORK_ERROR = 4;

/** A name as it is stored: without a path, and with an underscore for what is not safe. */
export const storedName = (name: string): string =>
	name.replace(/^.*[/\\]/s, '').replace(/[^a-zA-Z0-9_.-]/g, '_');

/** Where a file is to go, or what is wrong with its name. */
export function checkFileName(content: string, name: string): string {
	const stored = storedName(name);
	const { pattern, refusal } = NAMES[content] ?? {};
	if (!pattern?.test(stored)) throw parameterError({ filename: refusal ?? 'wrong file extension' });
	return stored;
}

/** What a server answers for an address; throws what `wget` says where it gets none. */
function fetchFile({ web }: ClusterState, url: string, isVerified: boolean): WebFile {
	const { hostname, port, protocol } = new URL(url);
	const found = web.get(url.replace(/[?#].*$/s, ''));
	if (found === undefined) {
		const isKnownHost = [...web.keys()].some((known) => new URL(known).host === new URL(url).host);
		if (isKnownHost) throw failure(`download failed: exit code ${WGET_ERROR}`);
		if (/^[\d.]+$/.test(hostname)) {
			throw failure(
				`download failed: Connecting to ${hostname}:${port || (protocol === 'https:' ? 443 : 80)}... failed: Connection refused.`,
			);
		}
		throw failure(`download failed: wget: unable to resolve host address '${hostname}'`);
	}
	if (found.isSelfSigned && isVerified) {
		throw failure(`download failed: The certificate's owner does not match hostname '${hostname}'`);
	}
	if (found.status !== undefined) throw failure(`download failed: exit code ${WGET_ERROR}`);
	return found;
}

/** Why a file is not the image that its name says; undefined where it is. */
export function imageProblem(name: string, file: WebFile, path: string): string | undefined {
	const format = /\.(qcow2|vmdk)$/.exec(name)?.[1];
	if (format === undefined) return undefined;
	if (file.hasBackingFile) return `backing file not allowed for untrusted image '${path}'!`;
	if (file.disk?.format === format) return undefined;
	return `qemu-img: Could not open '${path}': Image is not in ${format} format`;
}

/** Puts a file on a storage, in place of one with the same name. */
export function storeFile(
	world: World,
	{ storage, content, name }: { storage: string; content: string; name: string },
	file: WebFile & { bytes?: Uint8Array },
): void {
	const volid = `${storage}:${content}/${name}`;
	const { format } = parseVolumeName(`${content}/${name}`);
	world.state.volumes.set(volid, {
		volid,
		storage,
		content,
		format: content === 'import' ? format : listedFormat(content, name),
		size: file.disk?.size ?? file.size,
		used: file.size,
		ctime: seconds(world),
		sums: file.sums,
		bytes: file.bytes,
		boots: file.boots,
		guest: file.guest,
	});
}

export interface Download {
	storage: string;
	content: string;
	name: string;
	url: string;
	algorithm?: string;
	checksum?: string;
	compression?: string;
	isVerified: boolean;
}

/** Compares checksums as Proxmox does, in any case of letters. */
export function checkSum(
	{ sums }: Pick<WebFile, 'sums'>,
	{ algorithm = '', checksum = '' }: Pick<Download, 'algorithm' | 'checksum'>,
	closing: string,
): void {
	const got = sums[algorithm] ?? '';
	if (checksum === '' || got.toLowerCase() === checksum.toLowerCase()) return;
	throw failure(`checksum mismatch: got '${got}' != expect '${checksum}'${closing}`);
}

/** Downloads a file as a task does it. */
export async function runDownload({ world }: Call, asked: Download, worker: Worker): Promise<void> {
	const { state } = world;
	const { storage, content, name, url, compression } = asked;
	if (compression !== undefined && content !== 'iso')
		throw failure(`decompression not supported for ${content}`);
	const decompressor = DECOMPRESSORS[compression ?? ''];
	if (compression !== undefined && decompressor === undefined)
		throw failure('no decompression method found');
	const volid = `${storage}:${content}/${name}`;
	const path = pathOf(state, { storage, content, volid });
	worker.log(`downloading ${url} to ${path}`);
	const existing = state.volumes.get(volid);
	if (existing) {
		if (asked.checksum === undefined) throw failure(`refusing to override existing file '${path}'`);
		checkSum({ sums: existing.sums ?? {} }, asked, ', aborting');
		worker.log(
			'calculating checksum of existing file...OK, got correct file already, no need to download',
		);
		return;
	}
	const temporary = `${path}.tmp_dwnl.${worker.pid}`;
	const place = checkEnabled(state, storage);
	if (!isMountedOn(place, state.localNode))
		throw failure(`download failed: ${temporary}: No such file or directory`);
	await worker.work(durations.download).catch((error: unknown) => {
		// wget is stopped with its task.
		if (worker.signal.aborted) throw failure('download failed: received interrupt');
		throw error;
	});
	const found = state.web.get(url.replace(/[?#].*$/s, ''));
	if (found?.status !== undefined) {
		worker.log(`HTTP request sent, awaiting response... ${found.status}`);
		worker.log(`ERROR ${found.status.replace(' ', ': ')}.`);
	}
	const file = fetchFile(state, url, asked.isVerified);
	await worker.work((file.seconds ?? 0) * 1000).catch((error: unknown) => {
		if (worker.signal.aborted) throw failure('download failed: received interrupt');
		throw error;
	});
	if (file.breaksOff) {
		worker.log(`Connection closed at byte ${Math.floor(file.size / 2)}. Giving up.`);
		throw failure(`download failed: exit code ${WGET_NETWORK_ERROR}`);
	}
	checkSum(file, asked, '');
	if (decompressor !== undefined && file.compression !== compression) {
		throw failure(`command '${decompressor} ${temporary}' failed: exit code 1`);
	}
	const unpacked = (compression === undefined ? undefined : file.unpacked) ?? file;
	const problem = content === 'import' ? imageProblem(name, unpacked, temporary) : undefined;
	if (problem !== undefined) throw failure(`failed to verify file: ${problem}`);
	storeFile(world, asked, unpacked);
	worker.log(`download of '${url}' to '${path}' finished`);
}

/** The format that a list gives for a file that is no disk: `tar.xz` is `txz`. */
export function listedFormat(content: string, name: string): string {
	if (content !== 'vztmpl') return content;
	const packed = /\.tar\.(\w+)$/.exec(name)?.[1];
	return packed === undefined ? 'tar' : `t${packed}`;
}

function download(call: Call): string {
	const { world, authId, parameters } = call;
	const { state } = world;
	const storage = textOf(parameters, 'storage') ?? '';
	const content = textOf(parameters, 'content') ?? '';
	const found = checkEnabled(state, storage);
	if (!found.content.includes(content)) {
		throw failure(`storage '${storage}' is not configured for content-type '${content}'`);
	}
	const name = checkFileName(content, textOf(parameters, 'filename') ?? '');
	activate(state, storage);
	const asked: Download = {
		storage,
		content,
		name,
		url: textOf(parameters, 'url') ?? '',
		algorithm: textOf(parameters, 'checksum-algorithm'),
		checksum: textOf(parameters, 'checksum'),
		compression: textOf(parameters, 'compression'),
		isVerified:
			parameters['verify-certificates'] === undefined || flagOf(parameters, 'verify-certificates'),
	};
	return world.tasks.start({
		type: 'download',
		id: name,
		authId,
		run: async (worker) => await runDownload(call, asked, worker),
	});
}

/** What a server says of a file, asked for its head only. */
function readMetadata({ world: { state }, parameters }: Call): unknown {
	const url = textOf(parameters, 'url') ?? '';
	const isVerified =
		parameters['verify-certificates'] === undefined || flagOf(parameters, 'verify-certificates');
	const { hostname, host, port, protocol } = new URL(url);
	const refuse = (status: string) => failure(`invalid server response: '${status}'`);
	const found = state.web.get(url.replace(/[?#].*$/s, ''));
	const place = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
	if (!found && ![...state.web.keys()].some((known) => new URL(known).host === host)) {
		throw refuse(
			`500 Can't connect to ${place} (${/^[\d.]+$/.test(hostname) ? 'Connection refused' : 'Name or service not known'})`,
		);
	}
	if (!found) throw refuse('404 Not Found');
	if (found.isSelfSigned && isVerified)
		throw refuse(`500 Can't connect to ${place} (certificate verify failed)`);
	if (found.status !== undefined) throw refuse(found.status);
	const name = found.name ?? /^[^?]+\/([^?/]*)/.exec(url)?.[1];
	return {
		...(name ? { filename: name } : {}),
		size: found.size,
		mimetype: found.mimetype ?? 'application/octet-stream',
	};
}

export const downloadEndpoints: Endpoint[] = [
	{ method: 'POST', path: '/nodes/{node}/storage/{storage}/download-url', handle: download },
	{ method: 'GET', path: '/nodes/{node}/query-url-metadata', handle: readMetadata },
];
