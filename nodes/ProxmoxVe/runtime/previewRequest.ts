import type { IDataObject } from 'n8n-workflow';

import { isSecretName, MASK, withoutSecrets } from '../api/redact';
import { emit, type Emitted, type Item } from './operation';
import { shellQuote } from './shellQuote';

/** The commands of `pvesh` for the methods of the API. */
const COMMANDS = { DELETE: 'delete', GET: 'get', POST: 'create', PUT: 'set' } as const;

/** The parameters of a request. */
type Body = Readonly<Record<string, string | readonly string[]>>;

/** A request of the API, which is sent, or shown by Options → Preview. */
export interface PveRequest {
	readonly method: keyof typeof COMMANDS;
	/** Without `/api2/json`. */
	readonly path: string;
	readonly body?: Body;
	/** The command, if it is no call of the API. */
	readonly command?: string;
}

/** A request as Preview shows it. */
export type ShownRequest = {
	method: string;
	path: string;
	body: Record<string, string | string[]>;
	/** The same as a command for a shell on a node. */
	command: string;
};

/** Whether Preview shows no value of a parameter. Variables of containers are secret too. */
export const isMasked = (name: string): boolean => isSecretName(name) || name === 'env';

const shownValue = (name: string, value: string | readonly string[]): string | string[] => {
	if (isMasked(name)) return MASK;
	return typeof value === 'string' ? withoutSecrets(value) : value.map(withoutSecrets);
};

/**
 * What Options → Preview shows of a request in place of sending it: secrets masked, with the equal `pvesh` command.
 * @param wordOf what a value is in the command
 */
export function previewRequest(
	{ method, path, body = {}, command }: PveRequest,
	wordOf = (_name: string, value: string): string => shellQuote(value),
): ShownRequest {
	const shown = Object.fromEntries(
		Object.entries(body).map(([name, value]) => [name, shownValue(name, value)]),
	);
	const words = Object.entries(shown).flatMap(([name, value]) =>
		[value].flat().map((one) => `${shellQuote(`--${name}`)} ${wordOf(name, one)}`),
	);
	return {
		method,
		path: `/api2/json${path}`,
		body: shown,
		command:
			command ??
			[`pvesh ${COMMANDS[method]}`, shellQuote(decodeURIComponent(path)), ...words].join(' '),
	};
}

/** The same of several. @throws NotAllowedError if Allowed Guests would refuse one */
export async function previewRequests(
	{ run }: Pick<Item, 'run'>,
	requests: readonly PveRequest[],
): Promise<ShownRequest[]> {
	for (const { method, path, body = {} } of requests) await run.client.check(method, path, body);
	return requests.map((request) => previewRequest(request));
}

/**
 * What an operation emits in a preview: the first of its requests, and those that follow it if nothing goes wrong.
 * @param facts what else is known
 * @throws NotAllowedError if Allowed Guests would refuse one
 */
export async function emitPreview(
	item: Pick<Item, 'run'>,
	requests: readonly PveRequest[],
	facts: IDataObject = {},
): Promise<Emitted[]> {
	const [first, ...afterwards] = await previewRequests(item, requests);
	return emit({
		...(first ?? { requests: [] }),
		...(afterwards.length > 0 ? { afterwards } : {}),
		...facts,
	});
}
