/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import type { Clock } from '../clock';

/*
 * The order of the requests, their number and their headers are those of booted guests: Debian 13 with cloud-init 25.1.4 and
 * Debian 12 with 22.4.2, under QEMU 7.2 with the serial number on its command line. Not tried: a start by Proxmox VE itself,
 * other distributions, and IPv6 alone.
 */

/** Where cloud-init gets its files from, as the serial number of the machine says. */
export interface SeedSource {
	url: string;
	/** All that the serial number says, which goes into the meta-data. */
	keys: Record<string, string>;
	/** Whether it may be used once the network is up; `ds=nocloud` alone may not, in old versions. */
	isForNetwork: boolean;
}

/** What a web server gave. */
export interface Seed {
	userData: string;
	metaData: string;
	/** As cloud-init's result names it. */
	datasource: string;
}

export type Version = '22.4.2' | '25.1.4';

/** What the guest's programs need of the world. */
export interface Around {
	clock: Clock;
	version: Version;
	/** Whether the VM still runs with the same process. */
	isOn: () => boolean;
}

interface Answer {
	status: number;
	body: string;
	retryAfter?: string;
}

/** How often a file is asked for, a second apart. */
const TRIES = 11;

/** Reads the serial number: `ds=nocloud;dsmode=net;s=https://…/`. @returns undefined where it names no web server */
export function seedSourceOf(serial: string): SeedSource | undefined {
	const [word] = serial.split(/\s/).filter((each) => /^ds=nocloud(?:-net)?(?:;|$)/.test(each));
	const [name, ...pairs] = word?.split(';') ?? [];
	const keys = Object.fromEntries(
		pairs.map((pair) => {
			const at = pair.indexOf('=');
			return [pair.slice(0, at), pair.slice(at + 1)];
		}),
	);
	const { s: url = keys.seedfrom ?? '' } = keys;
	if (!/^https?:/.test(url)) return undefined;
	return { url, keys, isForNetwork: name === 'ds=nocloud-net' || keys.dsmode === 'net' };
}

/** The address of a file: %s stands for its name, which is otherwise put behind the URL. */
function addressOf(url: string, file: string, version: Version): string {
	if (url.includes('%s')) return url.replace('%s', file);
	const isFolder = version === '22.4.2' || url.includes('?') || url.endsWith('/');
	return `${url}${isFolder ? '' : '/'}${file}`;
}

/** One request of cloud-init. @throws where no answer came; it is waited for without end */
export async function send(url: string, version: Version, form?: string): Promise<Answer> {
	return await new Promise((resolve, reject) => {
		const sender = url.startsWith('https:') ? httpsRequest : httpRequest;
		const request = sender(
			url,
			{
				method: form === undefined ? 'GET' : 'POST',
				agent: false,
				headers: {
					'User-Agent': `Cloud-Init/${version}`,
					'Accept-Encoding': 'gzip, deflate',
					Accept: '*/*',
					Connection: 'keep-alive',
					...(form === undefined
						? {}
						: {
								'Content-Length': Buffer.byteLength(form),
								'Content-Type': 'application/x-www-form-urlencoded',
							}),
				},
			},
			(response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () => {
					const { statusCode: status = 0, headers } = response;
					const bytes = Buffer.concat(chunks);
					const body = (
						headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
					).toString();
					resolve({ status, body, retryAfter: headers['retry-after'] });
					request.destroy();
				});
			},
		);
		request.on('error', reject);
		// A guest that waits for an answer must not keep the process alive.
		request.on('socket', (socket) => socket.unref());
		request.end(form);
	});
}

/**
 * Asks until there is an answer of 2xx or 3xx. Every failure counts the same, but 503, which newer versions ask again
 * without end.
 * @returns undefined where all tries failed, or the VM was turned off
 */
export async function insist(
	{ clock, version, isOn }: Around,
	ask: () => Promise<Answer>,
	{ tries, pause }: { tries: number; pause: number },
): Promise<Answer | undefined> {
	for (let tried = 0; tried < tries && isOn(); ) {
		const answer = await ask().catch(() => undefined);
		if (answer && answer.status < 400) return answer;
		if (answer?.status === 503 && version !== '22.4.2') {
			await clock.sleep(Number(answer.retryAfter ?? 1) * 1000);
			continue;
		}
		tried += 1;
		if (tried < tries) await clock.sleep(pause * 1000);
	}
	return undefined;
}

/**
 * Asks for the files as cloud-init does: each once, in its order. Without meta-data and user-data there is no seed, and
 * the other two may fail.
 */
export async function fetchSeed(around: Around, source: SeedSource): Promise<Seed | undefined> {
	const { version } = around;
	const get = async (file: string): Promise<string | undefined> => {
		const address = addressOf(source.url, file, version);
		const pauses = { tries: TRIES, pause: 1 };
		return (await insist(around, async () => await send(address, version), pauses))?.body;
	};
	if (version !== '22.4.2') await get('network-config');
	const metaData = await get('meta-data');
	if (metaData === undefined) return undefined;
	const userData = await get('user-data');
	if (userData === undefined) return undefined;
	await get('vendor-data');
	// An old version asks for the files, and does not use them.
	if (version === '22.4.2' && !source.isForNetwork) return undefined;
	const mode = version === '22.4.2' ? '[dsmode=net]' : '';
	return { metaData, userData, datasource: `DataSourceNoCloudNet [seed=dmi,${source.url}]${mode}` };
}
