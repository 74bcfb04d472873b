import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';

import { identityOf, readToken } from '../../../credentials/account';
import { clusterUrls } from '../../../credentials/clusterUrl';
import { isCertificateCode } from '../../../credentials/connectionFailure';
import { CredentialError } from '../../../credentials/credentialError';
import { readExtraHeaders } from '../../../credentials/extraHeaders';
import { isForeignAnswer, PveError, timedOut, type PveFailure } from './errors';
import { createGuard, type AllowedGuests, type GuestRow } from './allowedGuests';
import { createLoginGate } from './loginGate';
import { multipartOf, type UploadFile } from './multipart';
import { createRedactor, isSecretName, secretsInUrl, type Redactor } from './redact';
import { stopwatch, within } from './sleep';

/** The node's credential types, as in package.json. */
export type CredentialName = 'proxmoxVeApi' | 'proxmoxVePasswordApi';

/** The credential for what the user chose under Authentication. */
export const credentialOf = (authentication: unknown): CredentialName =>
	authentication === 'password' ? 'proxmoxVePasswordApi' : 'proxmoxVeApi';

/** Longest time for one whole response: Proxmox's own proxy gives up after 30 s, and a create waits for locks before that. */
const ANSWER_TIMEOUT_MS = 120_000;
const READ_TIMEOUT_MS = 40_000;

/** Error codes of a connection that was never established: nothing was sent. */
const NEVER_SENT = [
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'EHOSTDOWN',
];
type Query = Readonly<Record<string, string | number | boolean>>;
/** A parameter that is an array is sent once for each of its values. */
type Form = Readonly<Record<string, string | readonly string[]>>;
type Context = IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions | IPollFunctions;

/** What a request has besides its method and path. */
interface Extra extends Pick<IHttpRequestOptions, 'qs' | 'body' | 'headers'> {
	/** n8n must not send it again with a new ticket: its body is read only once. */
	readonly isReadOnce?: boolean;
}

/** The requests that the rest of the node can send. Each returns the `data` of the response. */
export interface PveClient {
	/** Base URLs of the cluster's hosts, in the order of the credential. */
	hosts(): Promise<readonly string[]>;
	/** Base URL of the first host: the key for what n8n remembers of a cluster (node names and UPIDs are unique in one cluster only). */
	cluster(): Promise<string>;
	/** Base URL of the host that responded last: for links to Proxmox's web page. */
	webPage(): Promise<string>;
	/** User or token as in UPIDs: `user@realm` or `user@realm!token`. */
	identity(): Promise<string>;
	/** How far Proxmox's clock is ahead of n8n's, in milliseconds and never too high; undefined before the first response. */
	clockOffset(): number | undefined;
	/**
	 * Reads. `total` is the number of lines, for endpoints that return it beside `data`.
	 * @param timeoutMs longest time in total, if it is less than 40 s per host of the cluster
	 * @throws PveError
	 */
	get<Data>(
		path: string,
		query?: Query,
		timeoutMs?: number,
	): Promise<{ data: Data; total?: number }>;
	/** Sends a form once; to another host of the cluster only if nothing was sent. @throws PveError */
	post<Data>(path: string, form?: Form): Promise<Data>;
	/**
	 * Sends a form with a file, once.
	 * @param form the values before the file, in Proxmox's order
	 * @param timeoutMs longest time for the whole transfer
	 * @throws PveError
	 */
	upload<Data>(path: string, form: Form, file: UploadFile, timeoutMs: number): Promise<Data>;
	/** As post, with PUT. */
	put<Data>(path: string, form: Form): Promise<Data>;
	/** As post, with DELETE; Proxmox expects its parameters in the query. */
	delete<Data>(path: string, query?: Query): Promise<Data>;
	/**
	 * Checks a request against Allowed Guests, as each request is checked before it is sent.
	 * @param isFree the user chooses the path: it must be about a guest
	 * @throws NotAllowedError
	 */
	check(method: string, path: string, form: Form, isFree?: boolean): Promise<void>;
	/** Those of a list whose guest is in Allowed Guests. */
	onlyAllowed<Row>(
		rows: readonly Row[],
		guestOf: (row: Row) => number | undefined,
	): Promise<readonly Row[]>;
	/** Removes the secrets of the credential and of earlier requests from an outside text. */
	redact(text: string): string;
}

/** A form as URLSearchParams, because n8n would encode an object with keys that Proxmox does not know. */
const paramsOf = (form: Form): URLSearchParams =>
	new URLSearchParams(
		Object.entries(form).flatMap(([name, value]) =>
			[value].flat().map((one): [string, string] => [name, one]),
		),
	);

/** Encodes a name as one segment of a path. */
export const segment = (name: string | number): string => encodeURIComponent(String(name));

/**
 * A client on n8n's HTTP helper, so that n8n's proxy and certificate settings apply. If the
 * credential has several hosts of the cluster, a host that is down is skipped.
 * @param allowed limits every request to these guests
 */
export function createClient(
	context: Context,
	credential: CredentialName,
	allowed?: AllowedGuests,
): PveClient {
	let account: Promise<Account> | undefined;
	/** Index of the host that responded last. */
	let current = 0;
	let clockOffset: number | undefined;
	const redactor = createRedactor();
	const gate = createLoginGate();
	const cancelSignal =
		'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
	const known = async (): Promise<Account> =>
		await (account ??= readAccount(context, credential, redactor));

	const guard =
		allowed &&
		createGuard(
			allowed,
			async () =>
				(await sendAnyway('GET', '/cluster/resources', () => ({ qs: { type: 'vm' } })))
					.data as unknown as GuestRow[],
		);

	/** The one way to the API for all methods of the client. @param given the parameters, for Allowed Guests */
	const send = async (
		given: Query | Form,
		...request: Parameters<typeof sendAnyway>
	): Promise<IDataObject> => {
		const [method, path] = request;
		const sent = async () => await sendAnyway(...request);
		return await (guard ? guard.send(method, path, given, sent) : sent());
	};

	async function sendAnyway(
		method: IHttpRequestMethods,
		path: string,
		/** Called for each host that is tried. */
		prepare: () => Promise<Extra> | Extra,
		timeoutMs = Infinity,
		longest = method === 'GET' ? READ_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
	): Promise<IDataObject> {
		const { hosts } = await known();
		const request = `${method} ${path}`;
		const elapsed = stopwatch();
		const first = current;
		let untrusted: PveError | undefined;
		for (let tried = 1; ; tried++) {
			const timeout = Math.ceil(Math.min(longest, timeoutMs - elapsed()));
			const { isReadOnce = false, ...extra } = await prepare();
			if (extra.body instanceof URLSearchParams) learnForm(redactor, extra.body);
			if (typeof extra.qs?.url === 'string') secretsInUrl(extra.qs.url).forEach(redactor.learn);
			const answer = await sendTo(
				hosts[current] ?? '',
				{ method, url: path, timeout, ...extra },
				request,
				isReadOnce,
			);
			if (!(answer instanceof PveError)) return readAnswer(answer, request, redactor);
			const mayPassOn =
				answer.failure.neverSent || (method === 'GET' && answer.failure.status === undefined);
			if (mayPassOn) current = (first + tried) % hosts.length;
			if (isCertificateCode(answer.failure.code ?? '')) untrusted ??= answer;
			if (!mayPassOn || tried >= hosts.length || elapsed() >= timeoutMs) {
				// That a host is down is not the reason if another one is there and not trusted.
				throw answer.failure.neverSent ? (untrusted ?? answer) : answer;
			}
		}
	}

	/** Sends a request to one host once the login gate allows it. The timeout is for the whole response; n8n's own is only for silence. */
	async function sendTo(
		host: string,
		options: IHttpRequestOptions & { timeout: number },
		request: string,
		isReadOnce: boolean,
	): Promise<IN8nHttpFullResponse | PveError> {
		// After a cancel, no changing request is started, but a running one is completed: its UPID would be lost. An upload
		// may take an hour, and one that is not complete is dropped by Proxmox.
		const isRead = options.method === 'GET';
		if (!isRead) cancelSignal?.throwIfAborted();
		let isSent = false;
		const answer = await within(
			options.timeout,
			isRead || isReadOnce ? cancelSignal : undefined,
			async (signal) => {
				const pass = await gate.enter(signal);
				if (cancelSignal?.aborted) pass.ended('no answer');
				cancelSignal?.throwIfAborted();
				isSent = true;
				const sent: Promise<IN8nHttpFullResponse> =
					context.helpers.httpRequestWithAuthentication.call(
						context,
						credential,
						abortable(signal, {
							...options,
							baseURL: `${host}/api2/json`,
							returnFullResponse: true,
							// An expired ticket must be thrown, so that n8n fetches a new one and sends the request again. Before 2.11, n8n throws all or none.
							ignoreHttpStatusErrors: isReadOnce || credential !== 'proxmoxVePasswordApi',
							// A redirect would send the token to another host.
							disableFollowRedirect: true,
						}),
					);
				const received = await sent.catch(
					(error: unknown) =>
						answerIn(error) ??
						refusalIn(error) ??
						new PveError({ ...failureOf(error), request }, redactor.clean),
				);
				if (received instanceof PveError || received instanceof CredentialError)
					pass.ended('no answer');
				else if (received.statusCode === 401)
					pass.ended('refused', errorOf(received, request, redactor));
				else pass.ended('accepted');
				return received;
			},
		);
		// A field of the credential is invalid: another host or a retry would not help.
		if (answer instanceof CredentialError) throw answer;
		if (answer === undefined) {
			const refusal = isSent ? undefined : gate.refusal();
			return refusal ?? timedOut(request, !isSent);
		}
		if (!(answer instanceof PveError)) clockOffset = offsetOf(answer) ?? clockOffset;
		return answer;
	}

	return {
		redact: redactor.clean,
		check: async (method, path, form, isFree) => await guard?.check(method, path, form, isFree),
		onlyAllowed: async (rows, guestOf) => await (guard?.only(rows, guestOf) ?? rows),
		hosts: async () => (await known()).hosts,
		cluster: async () => (await known()).hosts[0] ?? '',
		webPage: async () => (await known()).hosts[current] ?? '',
		identity: async () => (await known()).identity,
		clockOffset: () => clockOffset,
		async get<Data>(path: string, query: Query = {}, timeoutMs?: number) {
			const answer = await send(query, 'GET', path, () => ({ qs: { ...query } }), timeoutMs);
			return {
				data: answer.data as Data,
				...(typeof answer.total === 'number' ? { total: answer.total } : {}),
			};
		},
		post: async <Data>(path: string, form: Form = {}) =>
			(await send(form, 'POST', path, () => ({ body: paramsOf(form) }))).data as Data,
		upload: async <Data>(
			path: string,
			form: Readonly<Record<string, string>>,
			file: UploadFile,
			timeoutMs: number,
		) =>
			(
				await send(
					form,
					'POST',
					path,
					async () => ({ ...(await multipartOf(form, file)), isReadOnce: true }),
					timeoutMs,
					timeoutMs,
				)
			).data as Data,
		put: async <Data>(path: string, form: Form) =>
			(await send(form, 'PUT', path, () => ({ body: paramsOf(form) }))).data as Data,
		delete: async <Data>(path: string, query?: Query) =>
			(await send(query ?? {}, 'DELETE', path, () => (query ? { qs: { ...query } } : {})))
				.data as Data,
	};
}

interface Account {
	readonly hosts: readonly string[];
	readonly identity: string;
}

/** The credential without its secret. */
async function readAccount(
	context: Context,
	credential: CredentialName,
	redactor: Redactor,
): Promise<Account> {
	const data = await context.getCredentials(credential);
	for (const [name, value] of Object.entries(data)) if (isSecretName(name)) redactor.learn(value);
	for (const secret of secretsIn(data)) redactor.learn(secret);
	return { hosts: clusterUrls(String(data.url ?? '')), identity: identityOf(data) };
}

/** Secrets that are only a part of a field: that of a token in the field of its ID, and the values of Extra Headers. */
function secretsIn(data: ICredentialDataDecryptedObject): string[] {
	const readers = [() => [readToken(data).secret], () => Object.values(readExtraHeaders(data))];
	return readers.flatMap((read) => {
		try {
			return read();
		} catch {
			return [];
		}
	});
}

/** Shorter values of variables are words such as `true` or the name of a node. */
const SHORTEST_VARIABLE = 8;

/** Proxmox or a task may repeat a password from a form or a URL, or a variable of a container's `env`. */
function learnForm(redactor: Redactor, form: URLSearchParams): void {
	for (const [name, value] of form) {
		if (isSecretName(name)) redactor.learn(value);
		secretsInUrl(value).forEach(redactor.learn);
		if (name !== 'env') continue;
		const values = value.split('\0').map((one) => one.slice(one.indexOf('=') + 1));
		for (const one of values) if (one.length >= SHORTEST_VARIABLE) redactor.learn(one);
	}
}

/** The clock difference from the Date header, which is cut to the second and older than its arrival, so never too high. */
function offsetOf({ headers }: IN8nHttpFullResponse): number | undefined {
	const serverTime = Date.parse(String(headers.date));
	return Number.isNaN(serverTime) ? undefined : serverTime - Date.now();
}

/** Unwraps a response. @throws PveError for an error response */
function readAnswer(
	response: IN8nHttpFullResponse,
	request: string,
	redactor: Redactor,
): IDataObject {
	const { statusCode: status, body } = response;
	if (status >= 200 && status < 300 && isObject(body) && 'data' in body) return body;
	throw errorOf(response, request, redactor);
}

/** The failure in an error response. */
function errorOf(
	{ statusCode: status, statusMessage: reason = '', body }: IN8nHttpFullResponse,
	request: string,
	redactor: Redactor,
): PveError {
	// Remove secrets before cutting: a part of a secret would not be found.
	const bounded = (text: string): string =>
		text.length > LONGEST_TEXT ? redactor.clean(text).slice(0, LONGEST_TEXT) : text.trim();
	if (status >= 200 && status < 400) {
		return new PveError({
			status,
			request,
			message: 'The response is not from a Proxmox VE API',
		});
	}
	const envelope = isObject(body) ? body : undefined;
	const errors = isObject(envelope?.errors)
		? textsOf(envelope.errors, bounded, redactor)
		: undefined;
	// Newer hosts repeat the reason in the body, where proxies do not remove it.
	const message = bounded(String(envelope?.message ?? '')) || bounded(reason) || `HTTP ${status}`;
	const isForeign = isForeignAnswer(reason, body);
	return new PveError(
		{
			status,
			request,
			message,
			...(errors ? { errors } : {}),
			...(isForeign ? { isForeign } : {}),
		},
		redactor.clean,
	);
}

/** A request with an abort signal. n8n replaces it by the execution's signal, which ours follows already. */
const abortable = (signal: AbortSignal, options: IHttpRequestOptions): IHttpRequestOptions =>
	Object.defineProperty({ ...options }, 'abortSignal', {
		enumerable: true,
		get: () => signal,
		set: () => {},
	});

const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const textsOf = (
	errors: IDataObject,
	bounded: (text: string) => string,
	{ clean }: Redactor,
): Record<string, string> =>
	Object.fromEntries(
		Object.entries(errors)
			.slice(0, MOST_ERRORS)
			.map(([name, text]) => [clean(bounded(name)), bounded(String(text))]),
	);

/** Most characters of one text in an error: a page of a proxy can have any length. */
const LONGEST_TEXT = 8_000;
/** Most parameters in one error. */
const MOST_ERRORS = 20;

/** The causes of an error: n8n wraps the errors of its HTTP layer in too general messages. */
function layersOf(error: unknown): Error[] {
	const layers: Error[] = [];
	for (let layer = error; layer instanceof Error && !layers.includes(layer); layer = layer.cause)
		layers.push(layer);
	return layers;
}

/** Fields of a network error besides its message. */
interface NetworkError extends Error {
	readonly code?: string;
	readonly syscall?: string;
	readonly response?: {
		readonly status: number;
		readonly statusText: string;
		readonly headers: IDataObject;
		readonly data: IN8nHttpFullResponse['body'];
	};
}

/** The response in a thrown error, if there is one. */
function answerIn(error: unknown): IN8nHttpFullResponse | undefined {
	const layers: NetworkError[] = layersOf(error);
	const response = layers.map((layer) => layer.response).find((value) => value !== undefined);
	return (
		response && {
			statusCode: response.status,
			statusMessage: response.statusText,
			headers: response.headers,
			body: response.data,
		}
	);
}

/** The error of the credential, if it did not sign the request. */
const refusalIn = (error: unknown): CredentialError | undefined =>
	layersOf(error).find((layer): layer is CredentialError => layer instanceof CredentialError);

/** Why there was no response. */
function failureOf(error: unknown): Omit<PveFailure, 'request'> {
	const layers: NetworkError[] = layersOf(error);
	const code = layers.map((layer) => layer.code).find((value) => typeof value === 'string');
	const message = layers[layers.length - 1]?.message || String(error);
	// Without a code the request was not sent: the credential did not sign it.
	const neverSent =
		code === undefined ||
		NEVER_SENT.includes(code) ||
		isCertificateCode(code) ||
		layers.some(({ syscall }) => syscall === 'connect');
	return { message, neverSent, ...(code === undefined ? {} : { code }) };
}
