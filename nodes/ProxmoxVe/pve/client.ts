import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';

import { clusterUrls } from '../../../credentials/clusterUrl';
import { isCertificateCode, isForeignAnswer, PveError, type PveFailure } from './errors';

/** The credentials that the node takes, as package.json has them. */
export type CredentialName = 'proxmoxVeApi' | 'proxmoxVeTicketApi';

/** The credential for what the user chose under Authentication. */
export const credentialOf = (authentication: unknown): CredentialName =>
	authentication === 'ticket' ? 'proxmoxVeTicketApi' : 'proxmoxVeApi';

/** Longest that one answer may take: Proxmox's own proxy gives up after 30 s, a create waits for locks before. */
const ANSWER_TIMEOUT_MS = 120_000;
const READ_TIMEOUT_MS = 40_000;

/** Codes of a connection that was never made: nothing was sent. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'];
type Query = Readonly<Record<string, string | number | boolean>>;
type Form = Readonly<Record<string, string>>;
type Context = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** The calls that the rest of the node makes; each gives the `data` of Proxmox's answer. */
export interface PveClient {
	/** Base URL of the cluster's first host, for links. */
	url(): Promise<string>;
	/** User or token as UPIDs have it, `user@realm` or `user@realm!token`. */
	identity(): Promise<string>;
	/** How far Proxmox's clock is ahead of n8n's (milliseconds, never too much); undefined where no answer told. */
	clockOffset(): number | undefined;
	/**
	 * Reads. `total` stands beside `data` where Proxmox counts lines.
	 * @param timeoutMs longest that the answer may take, where that is less than usual
	 * @throws PveError
	 */
	get<Data>(path: string, query?: Query, timeoutMs?: number): Promise<{ data: Data; total?: number }>;
	/** Sends a form once; it goes only to another host of the cluster where it never left. @throws PveError */
	post<Data>(path: string, form?: Form): Promise<Data>;
	/** As post, with PUT. */
	put<Data>(path: string, form: Form): Promise<Data>;
	/** As post, with DELETE: its parameters stand in the query, where Proxmox wants them. */
	delete<Data>(path: string, query?: Query): Promise<Data>;
}

/** One segment of a path, made from a name that may hold any character. */
export const segment = (name: string | number): string => encodeURIComponent(String(name));

/**
 * A client on n8n's own HTTP helper, so that its proxy and certificate settings hold. Where the
 * credential names several hosts of the cluster, one that is down is passed over.
 */
export function createClient(context: Context, credential: CredentialName): PveClient {
	let account: Promise<Account> | undefined;
	/** Position of the host that answered last. */
	let current = 0;
	let clockOffset: number | undefined;
	const known = async (): Promise<Account> => await (account ??= readAccount(context, credential));

	async function send(method: IHttpRequestMethods, path: string, extra: Pick<IHttpRequestOptions, 'qs' | 'body' | 'timeout'>): Promise<IDataObject> {
		const { hosts } = await known();
		const request = `${method} ${path}`;
		const first = current;
		for (let tried = 1; ; tried++) {
			const answer = await sendTo(hosts[current] ?? '', { method, url: path, ...extra }, request);
			if (!(answer instanceof PveError)) return readAnswer(answer, request);
			const mayPassOn = answer.failure.neverSent || (method === 'GET' && answer.failure.status === undefined);
			if (!mayPassOn || tried >= hosts.length) throw answer;
			current = (first + tried) % hosts.length;
		}
	}

	async function sendTo(host: string, options: IHttpRequestOptions, request: string): Promise<IN8nHttpFullResponse | PveError> {
		const whole: IHttpRequestOptions = {
			timeout: ANSWER_TIMEOUT_MS,
			...options,
			baseURL: `${host}/api2/json`,
			returnFullResponse: true,
			// A ticket that has expired must be thrown: only then n8n fetches a new one and asks again. Before 2.11 n8n throws all or none.
			ignoreHttpStatusErrors: credential !== 'proxmoxVeTicketApi',
			// A redirect would carry the token to whatever host it names.
			disableFollowRedirect: true,
		};
		const isRead = options.method === 'GET';
		// What changes something is not begun after a cancel, and finished if it is under way: its UPID would be lost.
		if (!isRead && 'getExecutionCancelSignal' in context) context.getExecutionCancelSignal()?.throwIfAborted();
		const sent: Promise<IN8nHttpFullResponse> = context.helpers.httpRequestWithAuthentication.call(context, credential, isRead ? whole : unabortable(whole));
		const answer = await sent.catch((error: unknown) => answerIn(error) ?? new PveError({ ...failureOf(error), request }));
		if (!(answer instanceof PveError)) clockOffset = offsetOf(answer) ?? clockOffset;
		return answer;
	}

	return {
		url: async () => (await known()).hosts[0] ?? '',
		identity: async () => (await known()).identity,
		clockOffset: () => clockOffset,
		async get<Data>(path: string, query: Query = {}, timeoutMs = READ_TIMEOUT_MS) {
			const answer = await send('GET', path, { qs: { ...query }, timeout: Math.min(timeoutMs, READ_TIMEOUT_MS) });
			return { data: answer.data as Data, ...(typeof answer.total === 'number' ? { total: answer.total } : {}) };
		},
		// URLSearchParams, because n8n would turn an object into keys that Proxmox does not know.
		post: async <Data>(path: string, form: Form = {}) =>
			(await send('POST', path, { body: new URLSearchParams(form) })).data as Data,
		put: async <Data>(path: string, form: Form) =>
			(await send('PUT', path, { body: new URLSearchParams(form) })).data as Data,
		delete: async <Data>(path: string, query?: Query) =>
			(await send('DELETE', path, query ? { qs: { ...query } } : {})).data as Data,
	};
}

/** A request that n8n cannot abort: it would set the signal of the execution here. */
const unabortable = (options: IHttpRequestOptions): IHttpRequestOptions =>
	Object.defineProperty(options, 'abortSignal', { get: () => undefined, set: () => {} });

interface Account {
	readonly hosts: readonly string[];
	readonly identity: string;
}

/** What the credential tells without its secret. */
async function readAccount(context: Context, credential: CredentialName): Promise<Account> {
	const { url, tokenId, username } = await context.getCredentials<{ url?: string; tokenId?: string; username?: string }>(credential);
	return { hosts: clusterUrls(String(url ?? '')), identity: String(tokenId ?? username ?? '').trim() };
}

/** What an answer's date tells of the clocks. It is cut to the second and older than its arrival, so never too late. */
function offsetOf({ headers }: IN8nHttpFullResponse): number | undefined {
	const told = Date.parse(String(headers.date));
	return Number.isNaN(told) ? undefined : told - Date.now();
}

/** The answer's envelope, or the PveError that it stands for. */
function readAnswer(response: IN8nHttpFullResponse, request: string): IDataObject {
	const { statusCode: status, statusMessage: reason = '', body } = response;
	const envelope = isObject(body) ? body : undefined;
	if (status >= 200 && status < 300 && envelope && 'data' in envelope) return envelope;
	if (status >= 200 && status < 400) {
		throw new PveError({ status, request, message: 'The host answers, but not as a Proxmox VE API' });
	}
	const errors = isObject(envelope?.errors) ? textsOf(envelope.errors) : undefined;
	// Newer hosts repeat the reason in the body, where no proxy can strip it.
	const message = String(envelope?.message ?? '').trim() || reason.trim() || `HTTP ${status}`;
	const isForeign = isForeignAnswer(reason, body);
	throw new PveError({ status, request, message, ...(errors ? { errors } : {}), ...(isForeign ? { isForeign } : {}) });
}

const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const textsOf = (errors: IDataObject): Record<string, string> =>
	Object.fromEntries(Object.entries(errors).map(([name, text]) => [name, String(text).trim()]));

/** The layers of an error: n8n wraps what its HTTP layer throws, whose own words are too general to help. */
function layersOf(error: unknown): Error[] {
	const layers: Error[] = [];
	for (let layer = error; layer instanceof Error && !layers.includes(layer); layer = layer.cause) layers.push(layer);
	return layers;
}

/** What stands in an error of the network layer, beside its message. */
interface NetworkError extends Error {
	readonly code?: string;
	readonly syscall?: string;
	readonly response?: { readonly status: number; readonly statusText: string; readonly headers: IDataObject; readonly data: IN8nHttpFullResponse['body'] };
}

/** The answer that was thrown, where there was one. */
function answerIn(error: unknown): IN8nHttpFullResponse | undefined {
	const layers: NetworkError[] = layersOf(error);
	const response = layers.map((layer) => layer.response).find((value) => value !== undefined);
	return response && { statusCode: response.status, statusMessage: response.statusText, headers: response.headers, body: response.data };
}

/** Why there was no answer. */
function failureOf(error: unknown): Omit<PveFailure, 'request'> {
	const layers: NetworkError[] = layersOf(error);
	const code = layers.map((layer) => layer.code).find((value) => typeof value === 'string');
	const message = layers[layers.length - 1]?.message || String(error);
	// Without a code the request was not made at all: the credential refused to sign it.
	const neverSent = code === undefined || NEVER_SENT.includes(code) || isCertificateCode(code) || layers.some(({ syscall }) => syscall === 'connect');
	return { message, neverSent, ...(code === undefined ? {} : { code }) };
}
