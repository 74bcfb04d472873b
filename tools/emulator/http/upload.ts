import { createHash, randomBytes } from 'node:crypto';
import { SilentError } from '../errors';
import type { WebFile } from '../state/types';
import type { RawParameters } from './parameters';

/** A file that was uploaded, as it lies in the temporary directory of the node that was asked. */
export interface UploadedFile extends WebFile {
	/** `/var/tmp/pveupload-…` */
	path: string;
	/** Its bytes, unless they are many. */
	bytes?: Uint8Array;
}

export interface Upload {
	/** The fields before the file, and its name. */
	parameters: RawParameters;
	file: UploadedFile;
}

const ALGORITHMS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
/** Larger files are not kept, only measured. */
const KEPT = 4 * 1024 ** 2;
/** The fields that are read, in this order; a later one skips what is before it. */
const FIELDS = ['content', 'checksum-algorithm', 'checksum'];
const SOURCE = 'at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line';
/** What the fields before the file may take. */
const LONGEST_HEAD = 64 * 1024;

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** The boundary of a `Content-Type: multipart/form-data; boundary=…`; undefined for other types. */
export function boundaryOf(contentType: string | undefined): string | undefined {
	const [type, ...parameters] = (contentType ?? '').split(/\s*[;,]\s*/);
	if (type !== 'multipart/form-data') return undefined;
	for (const parameter of parameters) {
		const boundary = /^\s*boundary\s*=\s*(\S+?)\s*$/.exec(parameter)?.[1];
		if (boundary !== undefined) return boundary;
	}
	return undefined;
}

/** Reads the fields before the file; undefined while its headers are not all there. */
function readHead(
	buffered: string,
	boundary: string,
): { parameters: RawParameters; rest: string } | undefined {
	const delimiter = `--${escape(boundary)}\\r?\\n`;
	const start = buffered.search(new RegExp(delimiter));
	if (start < 0) return undefined;
	let rest = buffered.slice(start);
	const parameters: RawParameters = {};
	for (const name of FIELDS) {
		const field = new RegExp(
			`^${delimiter}.*?Content-Disposition: [^;]*; name="${name}".*?\\r?\\n\\r?\\n(.*?)(${delimiter}.*)$`,
			's',
		).exec(rest);
		if (!field) continue;
		parameters[name] = Buffer.from((field[1] ?? '').trim(), 'latin1').toString('utf8');
		rest = field[2] ?? '';
	}
	const [, name, filename, data] =
		new RegExp(
			`^${delimiter}Content-Disposition: .*?; name="(.*?)"; filename="([^"]+)".*?\\r?\\n\\r?\\n(.*)$`,
			's',
		).exec(rest) ?? [];
	if (name === undefined || filename === undefined || data === undefined) return undefined;
	// A field that is not known is read as part of this name, and its lines do not fit into the answer.
	if (name.includes('\n')) throw new SilentError(400, 'Bad Request');
	if (name !== 'filename')
		throw new Error(
			`wrong field name '${name}' for file upload, expected 'filename' ${SOURCE} 1325.`,
		);
	parameters.filename = Buffer.from(filename.trim(), 'latin1').toString('utf8');
	return { parameters, rest: data };
}

/** What the bytes at a file's beginning say of an image. */
function readImageHead(head: Buffer): Pick<WebFile, 'disk' | 'hasBackingFile'> {
	if (head.length >= 32 && head.toString('latin1', 0, 4) === 'QFI\xfb') {
		return {
			disk: { format: 'qcow2', size: Number(head.readBigUInt64BE(24)) },
			hasBackingFile: head.readBigUInt64BE(8) !== 0n,
		};
	}
	if (head.length >= 20 && head.toString('latin1', 0, 4) === 'KDMV')
		return { disk: { format: 'vmdk', size: Number(head.readBigUInt64LE(12)) * 512 } };
	return {};
}

/** Takes a file's bytes as they come. */
function fileReader() {
	const hashes = ALGORITHMS.map((name) => createHash(name));
	let kept: Buffer[] = [];
	let head = Buffer.alloc(0);
	let size = 0;
	return {
		add(bytes: Buffer) {
			size += bytes.length;
			for (const hash of hashes) hash.update(bytes);
			if (head.length < 512) head = Buffer.concat([head, bytes.subarray(0, 512)]);
			if (size <= KEPT) kept.push(bytes);
			else kept = [];
		},
		end(): UploadedFile {
			const sums = Object.fromEntries(
				hashes.map((hash, index) => [ALGORITHMS[index] ?? '', hash.digest('hex')]),
			);
			return {
				path: `/var/tmp/pveupload-${randomBytes(16).toString('hex')}`,
				size,
				sums,
				...readImageHead(head),
				...(size <= KEPT ? { bytes: new Uint8Array(Buffer.concat(kept)) } : {}),
			};
		},
	};
}

/**
 * Reads a form with a file as the API server does: `content`, then `checksum-algorithm` and `checksum`, then the file in
 * the field `filename`, which goes up to the boundary that ends the form. Throws what the server refuses.
 */
export async function readUpload(
	body: AsyncIterable<Uint8Array>,
	boundary: string,
): Promise<Upload> {
	const closing = Buffer.from(`--${boundary}--`);
	const file = fileReader();
	let parameters: RawParameters | undefined;
	let buffered = Buffer.alloc(0);
	let isComplete = false;
	for await (const chunk of body) {
		if (isComplete) continue;
		buffered = Buffer.concat([buffered, chunk]);
		if (!parameters) {
			const head = readHead(buffered.toString('latin1'), boundary);
			if (!head && buffered.length > LONGEST_HEAD) break;
			if (!head) continue;
			parameters = head.parameters;
			buffered = Buffer.from(head.rest, 'latin1');
		}
		const end = buffered.indexOf(closing);
		if (end >= 0) {
			const lineEnd = buffered[end - 1] === 10 ? (buffered[end - 2] === 13 ? 2 : 1) : 0;
			file.add(buffered.subarray(0, end - lineEnd));
			isComplete = true;
			continue;
		}
		const sure = buffered.length - closing.length - 4;
		if (sure <= 0) continue;
		file.add(buffered.subarray(0, sure));
		buffered = buffered.subarray(sure);
	}
	if (!parameters || !isComplete) throw new Error(`upload failed ${SOURCE} 1370.`);
	return { parameters, file: file.end() };
}
