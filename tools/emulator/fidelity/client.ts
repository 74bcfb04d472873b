/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';

export interface OutgoingRequest {
	method: string;
	/** With its query, as it is to stand in the request line. */
	path: string;
	headers: Record<string, string>;
	body?: string;
	/** Sent without TLS, to the TLS port. */
	plain?: boolean;
	/** The node that is asked; the first one unless given. */
	via?: string;
	/** Sent as it stands: with no header of a client's own, and a body also where there should be none. */
	verbatim?: boolean;
}

export interface Answer {
	status: number;
	/** The reason phrase. */
	phrase: string;
	/** Names in lower case. */
	headers: Record<string, string>;
	/** The parsed JSON where the answer says it is JSON; else the text. */
	body: unknown;
}

/** Sends one request and resolves with whatever answer comes; rejects where none does. */
export type Send = (request: OutgoingRequest) => Promise<Answer>;

function toAnswer(
	status: number,
	phrase: string,
	rawHeaders: Record<string, unknown>,
	text: string,
): Answer {
	const headers = Object.fromEntries(
		Object.entries(rawHeaders).map(([name, value]) => [name.toLowerCase(), String(value)]),
	);
	const isJson = headers['content-type']?.startsWith('application/json') && text !== '';
	return { status, phrase, headers, body: isJson ? (JSON.parse(text) as unknown) : text };
}

async function readAll(response: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of response) chunks.push(Buffer.from(chunk as Uint8Array));
	return Buffer.concat(chunks).toString('utf8');
}

/** A client of an emulator, or of anything that answers as a Proxmox VE API does; `ca` is the authority to trust. */
export function createClient(url: string, ca?: string): Send {
	const { hostname, port, protocol } = new URL(url);
	// A connection for each request costs more than all else.
	const agent = new PlainAgent({ keepAlive: true });
	const tlsAgent = new TlsAgent({ ca, keepAlive: true });

	const send: Send = async (request) => {
		const { method, path, headers, body = '', plain, verbatim } = request;
		const isPlain = plain ?? protocol === 'http:';
		const ownConnection = plain || verbatim;
		const isChunked = Object.keys(headers).some(
			(name) => name.toLowerCase() === 'transfer-encoding',
		);
		const length =
			isChunked || body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
		const options = { hostname, port, method, path, headers: { ...headers, ...length } };
		return await new Promise((resolve, reject) => {
			let answered = false;
			const receive = (response: IncomingMessage) => {
				answered = true;
				readAll(response).then(
					(text) =>
						resolve(
							toAnswer(
								response.statusCode ?? 0,
								response.statusMessage ?? '',
								response.headers,
								text,
							),
						),
					reject,
				);
			};
			const outgoing = isPlain
				? requestPlain({ ...options, agent: !ownConnection && agent }, receive)
				: requestTls({ ...options, ca, agent: !ownConnection && tlsAgent }, receive);
			// A server that refuses a body may close before it has read it; the answer counts then.
			outgoing.on('error', (error: NodeJS.ErrnoException) => {
				if (answered) return;
				// The server had closed the connection of an earlier request, before it got this one.
				if (outgoing.reusedSocket && error.code === 'ECONNRESET')
					send({ ...request, verbatim: true }).then(resolve, reject);
				else reject(error);
			});
			outgoing.end(body);
		});
	};
	return send;
}
