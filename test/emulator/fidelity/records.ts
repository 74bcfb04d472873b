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
	/** One, or as many as `request.times` says. */
	responses: RecordedResponse[];
	/** Where the answer was a UPID and its end was waited for. */
	task?: RecordedTask;
	/** The VM's config after the task; `_status` holds the status line where there was none. */
	configAfter?: Record<string, unknown>;
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

type ExchangeLine = Omit<Exchange, 'origin' | 'responses' | 'jsonText'> & {
	response?: RecordedResponse;
	responses?: RecordedResponse[];
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

function toExchange(line: ExchangeLine, source: string, origin: string): Exchange {
	const { response, responses = response ? [response] : [], ...rest } = line;
	const jsonText = rest.request.json === undefined ? undefined : sliceObject(source, 'json');
	return { ...rest, responses, jsonText, origin };
}

/** Reads a file of either form, one JSON object a line; throws where a line is neither an exchange nor a verdict. */
export function readRecords(file: string): Records {
	const records: Records = { exchanges: [], verdicts: [] };
	for (const [index, source] of readFileSync(file, 'utf8').split('\n').entries()) {
		if (source.trim() === '') continue;
		const origin = `${basename(file)}:${index + 1}`;
		const line = JSON.parse(source) as ExchangeLine | VerdictLine;
		if ('request' in line) records.exchanges.push(toExchange(line, source, origin));
		else if ('form' in line) records.verdicts.push({ ...line, origin });
		else throw new Error(`${origin} is neither a recorded exchange nor a verdict`);
	}
	return records;
}
