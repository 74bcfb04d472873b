/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export interface RecordedRequest {
	method: string;
	/** With its query. */
	path: string;
	headers?: Record<string, string>;
	form?: Record<string, unknown>;
	json?: unknown;
	/** A body that was sent as it stands. */
	rawBody?: string;
	/** The fields of an upload, in their order; what a file held is not recorded. */
	multipart?: Array<{
		name: string;
		filename?: string;
		content?: string;
		/** The path of the file on the web server of the state file that was uploaded. */
		contentOf?: string;
		/** Its bytes. */
		size?: number;
	}>;
	/** `user@realm!name`, in place of an Authorization header. */
	token?: string;
	/** Sent that often at once. */
	times?: number;
}

export interface RecordedResponse {
	statusLine: string;
	headers?: Record<string, string>;
	/** The parsed JSON; a text where the answer was none, or was kept as it came. */
	body: unknown;
}

export interface RecordedTask {
	upid: string;
	status: Record<string, unknown>;
	log: string[];
}

interface Origin {
	/** `recordings.jsonl:12`, for reports. */
	origin: string;
}

/** One line of a file of recorded exchanges. */
export interface Exchange extends Origin {
	group: string;
	name: string;
	request: RecordedRequest;
	/** One, or as many as `request.times` says; null: the connection was closed without an answer. */
	responses: Array<RecordedResponse | null>;
	/** Where the answer was a UPID and its end was waited for. */
	task?: RecordedTask;
	/** The VM's config afterwards; `_status` holds the status line where there was none. */
	configAfter?: Record<string, unknown>;
	/** The node that was asked, where it was not the first one. */
	via?: string;
	/** The node that has the VM afterwards. */
	nodeAfter?: unknown;
	/** When it was sent, and how long its answer took, seconds. */
	at?: number;
	took?: number;
	/** What the recording says of how it came about. */
	note?: string;
	/** The JSON body as it was written: a parser would turn 1021.0 into 1021. */
	jsonText?: string;
}

/** One line of a file of verdicts. */
export interface Verdict extends Origin {
	param: string;
	form: Record<string, string>;
	ok: boolean;
	errors: Record<string, string>;
}

export interface Records {
	exchanges: Exchange[];
	verdicts: Verdict[];
}

/** As it is written: the status line may stand in its parts only, and so may the query of a path. */
type ResponseLine = Omit<RecordedResponse, 'statusLine'> & {
	statusLine?: string;
	status?: number;
	statusText?: string;
};
type RequestLine = RecordedRequest & { query?: Record<string, unknown> };

type ExchangeLine = Omit<Exchange, 'origin' | 'request' | 'responses' | 'jsonText'> & {
	request: RequestLine;
	response?: ResponseLine | null;
	responses?: Array<ResponseLine | null>;
};

type VerdictLine = Omit<Verdict, 'origin'>;

/** The source text of an object that is the value of a key, by counting braces outside of texts. */
function sliceObject(source: string, key: string): string | undefined {
	const start = source.search(new RegExp(`"${key}":\\s*\\{`));
	if (start < 0) return undefined;
	const from = source.indexOf('{', start);
	let depth = 0;
	for (const { 0: part, index } of source.slice(from).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
		if (part === '{') depth += 1;
		if (part === '}') depth -= 1;
		if (depth === 0) return source.slice(from, from + index + 1);
	}
	return undefined;
}

function toResponse(line: ResponseLine | null): RecordedResponse | null {
	if (line === null) return null;
	const { status, statusText = '', statusLine, ...response } = line;
	return { ...response, statusLine: statusLine ?? `HTTP/1.1 ${status} ${statusText}` };
}

function toRequest({ query, ...request }: RequestLine): RecordedRequest {
	if (!query || request.path.includes('?')) return request;
	const pairs = Object.fromEntries(
		Object.entries(query).map(([name, value]) => [name, String(value)]),
	);
	return { ...request, path: `${request.path}?${new URLSearchParams(pairs).toString()}` };
}

function toExchange(line: ExchangeLine, source: string, origin: string): Exchange {
	const { request, response, responses = response === undefined ? [] : [response], ...rest } = line;
	if (responses.length === 0)
		throw new Error(`${origin} has no response, so that there is nothing to compare`);
	const jsonText = request.json === undefined ? undefined : sliceObject(source, 'json');
	return {
		...rest,
		request: toRequest(request),
		responses: responses.map(toResponse),
		jsonText,
		origin,
	};
}

function parseLine(source: string): ExchangeLine | VerdictLine | undefined {
	try {
		return JSON.parse(source) as ExchangeLine | VerdictLine;
	} catch {
		return undefined;
	}
}

/** Reads a file of either form, one JSON object a line; throws where a line is neither an exchange nor a verdict. */
export function readRecords(file: string): Records {
	const records: Records = { exchanges: [], verdicts: [] };
	for (const [index, source] of readFileSync(file, 'utf8').split('\n').entries()) {
		if (source.trim() === '') continue;
		const origin = `${basename(file)}:${index + 1}`;
		const line = parseLine(source);
		if (!line) throw new Error(`${origin} is not JSON`);
		if ('request' in line) records.exchanges.push(toExchange(line, source, origin));
		else if ('form' in line) records.verdicts.push({ ...line, origin });
		else throw new Error(`${origin} is neither a recorded exchange nor a verdict`);
	}
	return records;
}
