import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';

import { PveError } from './errors';

/** The name of the credential, as package.json and the node's description have it. */
export const CREDENTIAL = 'proxmoxVeApi';

/** Longest that one answer may take: Proxmox's own proxy gives up after 30 s, a create waits for locks before. */
const ANSWER_TIMEOUT_MS = 120_000;

type Query = Readonly<Record<string, string | number | boolean>>;

/** The calls that the rest of the node makes; each gives the `data` of Proxmox's answer. */
export interface PveClient {
	/** Reads. `total` stands beside `data` where Proxmox counts lines. @throws PveError */
	get<Data>(path: string, query?: Query): Promise<{ data: Data; total?: number }>;
	/** Sends a form once; it is never repeated here. @throws PveError */
	post<Data>(path: string, form: Readonly<Record<string, string>>): Promise<Data>;
}

/** One segment of a path, made from a name that may hold any character. */
export const segment = (name: string | number): string => encodeURIComponent(String(name));

/** A client on n8n's own HTTP helper, so that its proxy and certificate settings hold. */
export function createClient(context: IExecuteFunctions | ILoadOptionsFunctions): PveClient {
	async function send(
		method: IHttpRequestMethods,
		path: string,
		extra: Pick<IHttpRequestOptions, 'qs' | 'body'>,
	): Promise<IDataObject> {
		const request = `${method} ${path}`;
		const sent: Promise<IN8nHttpFullResponse> = context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, {
			method,
			url: path,
			...extra,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			// A redirect would carry the token to whatever host it names.
			disableFollowRedirect: true,
			timeout: ANSWER_TIMEOUT_MS,
		});
		const response = await sent.catch((error: unknown) => {
			throw new PveError({ ...networkFailure(error), request });
		});
		return readAnswer(response, request);
	}

	return {
		async get<Data>(path: string, query?: Query) {
			const answer = await send('GET', path, query ? { qs: { ...query } } : {});
			return { data: answer.data as Data, ...(typeof answer.total === 'number' ? { total: answer.total } : {}) };
		},
		async post<Data>(path: string, form: Readonly<Record<string, string>>) {
			// URLSearchParams, because n8n would turn an object into keys that Proxmox does not know.
			const answer = await send('POST', path, { body: new URLSearchParams(form) });
			return answer.data as Data;
		},
	};
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
	throw new PveError({ status, request, message, ...(errors ? { errors } : {}) });
}

const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const textsOf = (errors: IDataObject): Record<string, string> =>
	Object.fromEntries(Object.entries(errors).map(([name, text]) => [name, String(text).trim()]));

/** n8n wraps what its HTTP layer throws in a NodeApiError whose own words are too general to help. */
function networkFailure(error: unknown): { code?: string; message: string } {
	const layers: unknown[] = [];
	for (let layer = error; layer instanceof Error && !layers.includes(layer); layer = layer.cause) layers.push(layer);
	const code = layers
		.map((layer) => (layer as { code?: unknown }).code)
		.find((value): value is string => typeof value === 'string');
	const last = layers[layers.length - 1];
	return { ...(code ? { code } : {}), message: last instanceof Error ? last.message : String(error) };
}
