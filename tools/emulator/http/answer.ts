import { SilentError } from '../errors';
import type { ApiError } from '../errors';

/** What goes back over the wire. */
export interface Answer {
	status: number;
	phrase: string;
	headers?: Record<string, string>;
	body: string;
}

export interface Result {
	data: unknown;
	/** Beside `data` in the answer, where it is not 0. */
	total?: number;
	/** A file instead of JSON. */
	download?: { text: string; filename: string };
}

/** The formatters of the API that this emulator has: `/api2/json/…` and `/api2/extjs/…`. */
export type Format = 'json' | 'extjs';

const JSON_TYPE = { 'Content-Type': 'application/json;charset=UTF-8' };

function firstLine(text: string): string {
	return text.split('\n', 1)[0] ?? '';
}

/** An answer of the server itself, not of the API behind it: the text is phrase and body. */
export function plainAnswer(status: number, phrase: string, body = phrase): Answer {
	return { status, phrase: firstLine(phrase), body };
}

/** A successful call. */
export function successAnswer(format: Format, { data, total, download }: Result): Answer {
	if (download) {
		return {
			status: 200,
			phrase: 'OK',
			headers: {
				'Content-Type': 'text/plain',
				'Content-Disposition': `attachment; filename="${download.filename}"`,
			},
			body: download.text,
		};
	}
	const body = {
		data: data ?? null,
		...(total ? { total } : {}),
		...(format === 'extjs' ? { success: 1 } : {}),
	};
	return { status: 200, phrase: 'OK', headers: JSON_TYPE, body: JSON.stringify(body) };
}

/** A refused call: extjs tells it within a 200. One without a text is answered by the server alone. */
export function errorAnswer(format: Format, error: ApiError, closing = '\n'): Answer {
	const { status, message, errors } = error;
	if (error instanceof SilentError) return plainAnswer(status, message, '');
	if (message === '') return { ...plainAnswer(status, 'Bad Request', ''), headers: JSON_TYPE };
	const body = { data: null, message: `${message}${closing}`, ...(errors ? { errors } : {}) };
	if (format === 'extjs') {
		const wrapped = { ...body, success: 0, status: String(status) };
		return { status: 200, phrase: 'OK', headers: JSON_TYPE, body: JSON.stringify(wrapped) };
	}
	return { status, phrase: firstLine(message), headers: JSON_TYPE, body: JSON.stringify(body) };
}
