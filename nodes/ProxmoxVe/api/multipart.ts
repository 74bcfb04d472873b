import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

/** A stream of Node, which n8n hands out; n8n's verification allows no import of its class. */
export type ByteStream = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

/** A file to upload. */
export interface UploadFile {
	/** The name that Proxmox is to store it under. */
	readonly name: string;
	/** Bytes. */
	readonly size: number;
	/** Opens it; called again for another host of the cluster. */
	open(): Promise<Uint8Array | ByteStream>;
}

/** A body with a file, and the headers for it. Proxmox takes no chunked body, so its length is always known. */
export interface MultipartBody {
	readonly headers: { readonly 'Content-Type': string; readonly 'Content-Length': string };
	readonly body: Buffer | ByteStream;
}

/**
 * Builds the body of an upload. A stream stays one: only its current chunk is in memory.
 * @param fields the values before the file, in the order in which Proxmox reads them
 */
export async function multipartOf(
	fields: Readonly<Record<string, string>>,
	file: UploadFile,
): Promise<MultipartBody> {
	const boundary = `n8n-${randomUUID()}`;
	const head = Buffer.from(
		[
			...Object.entries(fields).map(
				([name, value]) =>
					`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
			),
			// Proxmox looks for exactly these two parameters, in this order.
			`--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
		].join(''),
	);
	const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
	const content = await file.open();
	const headers = {
		'Content-Type': `multipart/form-data; boundary=${boundary}`,
		'Content-Length': String(head.length + file.size + tail.length),
	};
	if (content instanceof Uint8Array) return { headers, body: Buffer.concat([head, content, tail]) };
	return { headers, body: joined(head, content, file.size, tail) };
}

/** One stream of a head, a file and a tail. */
function joined(head: Buffer, content: ByteStream, size: number, tail: Buffer): ByteStream {
	async function* parts(): AsyncGenerator<Uint8Array> {
		yield head;
		let sent = 0;
		for await (const chunk of content as AsyncIterable<Uint8Array>) {
			sent += chunk.length;
			yield chunk;
		}
		if (sent !== size)
			throw new Error(`n8n reported that the file has ${size} bytes, but it has ${sent}`);
		yield tail;
	}
	const streams = content.constructor as unknown as {
		from(parts: AsyncIterable<Uint8Array>): ByteStream;
	};
	return streams.from(parts());
}
