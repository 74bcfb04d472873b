/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Emulator } from '../../tools/emulator';

export interface Reply {
	status: number;
	phrase: string;
	text: string;
	data: unknown;
}

export interface Asked {
	method?: string;
	path: string;
	/** Pairs, where a name is sent several times. */
	form?: Record<string, string> | Array<[string, string]>;
	/** The node that is asked; the emulator's first unless given. */
	via?: string;
}

/** Asks the emulator with the token that may do everything. */
export async function askApi(
	emulator: Emulator,
	{ method = 'GET', path, form, via }: Asked,
): Promise<Reply> {
	const send = emulator.ca === undefined ? httpRequest : httpsRequest;
	const body = form === undefined ? undefined : new URLSearchParams(form).toString();
	const url = via === undefined ? emulator.url : emulator.urls[via];
	if (url === undefined) throw new Error(`node '${String(via)}' does not listen`);
	return await new Promise((resolve, reject) => {
		const request = send(
			`${url}/api2/json${path}`,
			{
				method,
				ca: emulator.ca,
				agent: false,
				headers: {
					Authorization: `PVEAPIToken=${emulator.token.tokenId}=${emulator.token.secret}`,
					...(body === undefined
						? {}
						: {
								'Content-Type': 'application/x-www-form-urlencoded',
								'Content-Length': Buffer.byteLength(body),
							}),
				},
			},
			(response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('aborted', () => reject(new Error('aborted')));
				response.on('end', () => {
					const text = Buffer.concat(chunks).toString();
					const isJson = String(response.headers['content-type']).startsWith('application/json');
					const parsed: unknown = isJson ? JSON.parse(text) : undefined;
					const data =
						typeof parsed === 'object' && parsed !== null && 'data' in parsed
							? parsed.data
							: undefined;
					resolve({
						status: response.statusCode ?? 0,
						phrase: response.statusMessage ?? '',
						text,
						data,
					});
				});
			},
		);
		request.on('error', reject);
		request.end(body);
	});
}

/** Waits for the task that an answer names. @returns its exit status; undefined where the answer names none */
export async function finishTask(emulator: Emulator, reply: Reply): Promise<string | undefined> {
	const task = emulator.tasks.find(String(reply.data));
	await task?.done;
	return task?.exitstatus;
}
