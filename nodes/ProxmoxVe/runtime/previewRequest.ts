import type { IDataObject } from 'n8n-workflow';

import { isSecretName, MASK } from '../api/redact';
import { shellQuote } from './shellQuote';

/** The commands of `pvesh` for the methods of the API. */
const COMMANDS = { DELETE: 'delete', GET: 'get', POST: 'create', PUT: 'set' } as const;

export type Method = keyof typeof COMMANDS;

/**
 * What Options → Preview shows of a request in place of sending it: secrets masked, with the equal `pvesh` command.
 * @param path of the API, without `/api2/json`
 */
export function previewRequest(
	method: Method,
	path: string,
	body: Readonly<Record<string, string | readonly string[]>> = {},
): IDataObject {
	const shown = Object.fromEntries(
		Object.entries(body).map(([name, value]) => [
			name,
			isSecretName(name) ? MASK : Array.isArray(value) ? [...value] : value,
		]),
	);
	const words = Object.entries(shown).flatMap(([name, value]) =>
		[value].flat().map((one) => `${shellQuote(`--${name}`)} ${shellQuote(String(one))}`),
	);
	return {
		method,
		path: `/api2/json${path}`,
		body: shown,
		command: [`pvesh ${COMMANDS[method]}`, shellQuote(decodeURI(path)), ...words].join(' '),
	};
}
