import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';

import { clusterUrls } from './clusterUrl';
import {
	adviseConnection,
	describeConnection,
	isCertificateCode,
	type ConnectionFailure,
} from './connectionFailure';
import { CredentialError } from './credentialError';
import { notProxmox, redirected } from './credentialTest';
import { readExtraHeaders } from './extraHeaders';

/** The first response of a cluster, and the base URL of the host that sent it. */
interface Answer {
	readonly url: string;
	readonly data: unknown;
}

/** Fields of a network error besides its message. */
type NetworkError = Error & { readonly code?: string; readonly syscall?: string };

/** Why a host did not respond. */
interface Failure extends ConnectionFailure {
	readonly host: string | undefined;
	readonly cause: NetworkError;
}

/** n8n did not send a request because of the credential's "Allowed HTTP Request Domains". */
const BLOCKED = /^(?:Domain not allowed:|No allowed domains specified)/;

/** n8n does not let this credential ask the cluster before a request. */
export class BlockedError extends CredentialError {}

/**
 * Sends a request to the hosts of Cluster URL in their order, until one responds: as in a run, only a host without a
 * response is skipped.
 * @param requestTo makes the request to a host from its base URL
 * @param refused what to do after a 401
 * @throws BlockedError; CredentialError for a field that cannot be used; else Error for the user, which holds what
 * n8n's helper returned as its cause and never a secret
 */
export async function askHosts(
	{ helpers }: IHttpRequestHelper,
	credentials: ICredentialDataDecryptedObject,
	requestTo: (baseURL: string) => IHttpRequestOptions,
	refused: string,
): Promise<Answer> {
	const failures: Failure[] = [];
	for (const url of clusterUrls(String(credentials.url ?? ''))) {
		const request = {
			...requestTo(`${url}/api2/json`),
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
		};
		const answer = await helpers.httpRequest(request).then(
			(response) => response as IN8nHttpFullResponse,
			(error: unknown) => failureOf(error, url),
		);
		if (!('cause' in answer)) return { url, data: dataOf(answer, url, credentials, refused) };
		if (BLOCKED.test(answer.message)) {
			throw new BlockedError(
				`Allowed Domains: n8n blocks the login, because ${new URL(url).hostname} of Cluster URL is not among them. Add it, or set Allowed HTTP Request Domains to All or None`,
			);
		}
		failures.push(answer);
	}
	// A host that is down hides nothing, one that is not trusted may.
	const telling =
		failures.find(({ code = '' }) => isCertificateCode(code)) ?? failures[failures.length - 1];
	throw new Error(sentencesOf(failures), { cause: telling?.cause });
}

/** @throws Error for the user, with the response in its cause, as the errors of n8n's helper have it */
function dataOf(
	response: IN8nHttpFullResponse,
	url: string,
	credentials: ICredentialDataDecryptedObject,
	refused: string,
): unknown {
	const { statusCode: status, statusMessage, headers, body } = response;
	const isOk = status >= 200 && status < 300;
	if (isOk && typeof body === 'object' && body !== null && 'data' in body) return body.data;
	throw new Error(explain(response, url, credentials, refused), {
		cause: Object.assign(new Error(`HTTP ${status}`), {
			response: { status, statusText: statusMessage ?? '', headers, data: body },
		}),
	});
}

function explain(
	{ statusCode: status, headers }: IN8nHttpFullResponse,
	url: string,
	credentials: ICredentialDataDecryptedObject,
	refused: string,
): string {
	const host = hostOf(url) ?? 'The host';
	if (status === 401) return refused;
	if (status >= 300 && status < 400) {
		const target = targetOf(headers, url, credentials);
		return target?.endsWith('.cloudflareaccess.com')
			? `${host} redirects to the login of Cloudflare Access. Enter the two headers of a service token under Extra Headers.`
			: redirected(host, target === undefined ? undefined : nameOf(target));
	}
	if (status === 403)
		return `${host} answered 403: access is forbidden. If an access proxy is in front of Proxmox VE, enter its headers under Extra Headers.`;
	if (status >= 500 && status !== 501)
		return `${host} answered ${status}: Proxmox VE or a proxy in front of it cannot answer now. Try again later.`;
	return notProxmox(host);
}

/** The host to which a response redirects. @returns undefined also if its name repeats a secret */
function targetOf(
	{ location = '' }: IDataObject,
	base: string,
	credentials: ICredentialDataDecryptedObject,
): string | undefined {
	const text = String(location);
	if (!URL.canParse(text, base)) return undefined;
	const { host } = new URL(text, base);
	const { tokenId, tokenSecret, password } = credentials;
	const secrets = [tokenId, tokenSecret, password, ...Object.values(readExtraHeaders(credentials))]
		.map((value) => String(value ?? '').toLowerCase())
		.filter((secret) => secret.length > 3);
	return secrets.some((secret) => host.includes(secret)) ? undefined : host;
}

/** The host of a URL with its port, also if the URL leaves it out; undefined if it cannot be shown. */
function hostOf(url: string): string | undefined {
	const { host, port, protocol } = new URL(url);
	return nameOf(port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host);
}

/** n8n replaces a message that contains one of these by its own text: `cloudflareaccess.com` contains EACCES. */
const REPLACED =
	/ECONN(?:REFUSED|RESET|ABORTED)|ENOTFOUND|ETIMEDOUT|ADDRINUSE|EADDRNOTAVAIL|EHOSTUNREACH|EAI_AGAIN|ENOENT|EISDIR|ENOTDIR|EACCES|EEXIST|EPERM|GETADDRINFO/i;
const nameOf = (host: string): string | undefined => (REPLACED.test(host) ? undefined : host);

function failureOf(error: unknown, url: string): Failure {
	let layer = error as NetworkError;
	while (layer.code === undefined && layer.cause instanceof Error) layer = layer.cause;
	const { message, code, syscall } = layer;
	return {
		host: hostOf(url),
		message,
		...(code === undefined ? {} : { code }),
		// Not the error itself: it holds the request, with the secret.
		cause: Object.assign(new Error(message), { code, syscall }),
	};
}

/** What happened at each host, and once each what to do next. */
function sentencesOf(failures: readonly Failure[]): string {
	return [
		...failures.map((failure) => `${describeConnection(failure, failure.host)}.`),
		...new Set(failures.map(adviseConnection)),
	].join(' ');
}
