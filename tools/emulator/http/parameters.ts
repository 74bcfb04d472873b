/* eslint-disable @n8n/community-nodes/require-node-api-error -- the emulator is no node: its errors are the API's */
import { describeJsonProblem } from './jsonProblem';

/** Parameters as they were sent: texts, or what a JSON document held. Undefined: a name without a value. */
export type RawParameters = Record<string, unknown>;

/** `%xx` -> bytes of UTF-8; what is no escape stays as it is. */
export function unescape(text: string): string {
	return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (bytes) =>
		Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
	);
}

/** As `unescape`, for forms and queries, in which `+` is a blank. */
function decode(text: string): string {
	return unescape(text.replace(/\+/g, ' '));
}

/**
 * Reads a form or query as the API does: `;` separates pairs as `&` does, a second `=` ends the value, a name that
 * comes twice becomes a list, a name without `=` has no value.
 */
export function readForm(text: string): RawParameters {
	// Without a prototype, so that a name such as `constructor` is not taken for one that came before.
	const parameters = Object.create(null) as RawParameters;
	for (const pair of text.split(/[&;]/)) {
		if (pair === '') continue;
		const [name = '', value] = pair.split('=');
		const key = decode(name);
		const before = parameters[key];
		const decoded = value === undefined ? undefined : decode(value);
		if (decoded === undefined || before === undefined) parameters[key] = decoded;
		else parameters[key] = Array.isArray(before) ? [...before, decoded] : [before, decoded];
	}
	return parameters;
}

/** Where in its source the API's decoder reports an error. */
const DECODER = 'at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line';

/** Reads a JSON body; throws the decoder's own text where it is none, or no object. */
export function readJson(text: string): RawParameters {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Error(`${describeJsonProblem(text)} ${DECODER} 934.`);
	}
	if (value === null) return {};
	if (Array.isArray(value)) throw new Error(`Not a HASH reference ${DECODER} 978.`);
	if (typeof value !== 'object') {
		throw new Error(
			`Can't use string ("${String(value).slice(0, 32)}") as a HASH ref while "strict refs" in use ${DECODER} 978.`,
		);
	}
	return { ...value };
}
