/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import type { ServerCertificate } from '../certificate';
import type { Answer } from './answer';
import { refuseTransport } from './dispatch';

export interface ListenOptions {
	host: string;
	/** 0: any free one. */
	port: number;
	/** Without it the server speaks plain HTTP. */
	certificate?: ServerCertificate;
}

export interface Listening {
	port: number;
	close(): Promise<void>;
}

const TLS_HANDSHAKE = 0x16;
/** Shorter answers are not worth compressing. */
const COMPRESS_FROM = 1024;
const FAST = { level: 1 };

/** Listens for TLS or plain HTTP. On the TLS port plain HTTP is answered with a redirect, as pveproxy does. */
export async function listen(
	listener: RequestListener,
	options: ListenOptions,
): Promise<Listening> {
	const { host, port, certificate } = options;
	const sockets = new Set<Socket>();
	const main: Server = certificate
		? createHttpsServer({ key: certificate.key, cert: certificate.cert }, listener)
		: createHttpServer(listener);
	const front = certificate ? inFrontOf(main) : main;
	front.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => socket.destroy());
	});
	await new Promise<void>((resolve, reject) => {
		front.once('error', reject);
		front.listen(port, host, resolve);
	});
	return {
		port: (front.address() as AddressInfo).port,
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => front.close(() => resolve()));
		},
	};
}

/** Gives a server what comes with TLS, and redirects what comes without. */
function inFrontOf(main: Server): NetServer {
	const redirect = createHttpServer(redirectToTls);
	return createNetServer((socket) => {
		socket.once('data', (chunk: Buffer) => {
			socket.pause();
			socket.unshift(chunk);
			(chunk[0] === TLS_HANDSHAKE ? main : redirect).emit('connection', socket);
			process.nextTick(() => socket.resume());
		});
	});
}

function redirectToTls(request: IncomingMessage, response: ServerResponse): void {
	const refused = refuseTransport(request.method ?? '', request.headers['transfer-encoding']);
	if (refused) {
		writeAnswer(request, response, refused);
		return;
	}
	const isRead = request.method === 'GET' || request.method === 'HEAD';
	const [status, phrase] = isRead
		? ([301, 'Moved Permanently'] as const)
		: ([308, 'Permanent Redirect'] as const);
	const location = `https://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`;
	writeAnswer(request, response, { status, phrase, headers: { Location: location }, body: phrase });
}

/** The whole body as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
	return Buffer.concat(chunks).toString('utf8');
}

/** A reason phrase as its bytes go out: Node takes one character for one byte, and none that controls. */
const toBytes = (phrase: string): string =>
	Buffer.from(phrase.replace(/(?!\t)[\p{Cc}]/gu, ' '), 'utf8').toString('latin1');

/** Headers, phrase and body as pveproxy writes them; errors close the connection. */
export function writeAnswer(
	request: IncomingMessage,
	response: ServerResponse,
	answer: Answer,
): void {
	const { body, headers } = encodeBody(request, answer);
	const now = new Date().toUTCString();
	// What was not read of the body must not be taken for the next request.
	const closes = answer.status >= 400 || !request.complete;
	response.writeHead(answer.status, toBytes(answer.phrase), {
		...(closes ? { Connection: 'close' } : {}),
		'Cache-Control': 'max-age=0',
		Expires: now,
		Pragma: 'no-cache',
		Server: 'pve-api-daemon/3.0',
		...answer.headers,
		...headers,
	});
	response.end(request.method === 'HEAD' ? undefined : body);
	request.resume();
}

/** The first half of an answer, and then nothing: the client sees the connection break. */
export function writeTruncated(
	request: IncomingMessage,
	response: ServerResponse,
	answer: Answer,
): void {
	const body = Buffer.from(answer.body);
	response.writeHead(answer.status, toBytes(answer.phrase), {
		...answer.headers,
		'Content-Length': body.length,
	});
	response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
}

/** The beginning of an answer, and a blank more each second until the client hangs up. */
export function writeTrickle(
	request: IncomingMessage,
	response: ServerResponse,
	onClose: () => void,
): void {
	response.writeHead(200, 'OK', { 'Content-Type': 'application/json;charset=UTF-8' });
	response.write('{"data":');
	const drip = setInterval(() => response.write(' '), 1000);
	request.socket.once('close', () => {
		clearInterval(drip);
		onClose();
	});
}

function encodeBody(
	request: IncomingMessage,
	answer: Answer,
): { body: Buffer; headers: Record<string, string> } {
	const body = Buffer.from(answer.body);
	const accepts = String(request.headers['accept-encoding'] ?? '');
	const encoding = ['gzip', 'deflate'].find((name) => accepts.includes(name));
	if (body.length <= COMPRESS_FROM || encoding === undefined) {
		return { body, headers: { 'Content-Length': String(body.length) } };
	}
	const zipped = encoding === 'gzip' ? gzipSync(body, FAST) : deflateSync(body, FAST);
	return {
		body: zipped,
		headers: { 'Content-Encoding': encoding, 'Content-Length': String(zipped.length) },
	};
}
