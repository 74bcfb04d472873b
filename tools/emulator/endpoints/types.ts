import type { EndpointFacts } from '../contract/facts';
import type { ParameterValue } from '../contract/validate';
import type { UploadedFile } from '../http/upload';
import type { World } from '../world';

export type Parameters = Record<string, ParameterValue>;

/** One call of the API, permitted and with its parameters checked. */
export interface Call {
	world: World;
	/** `user@realm`, or `user@realm!token`. */
	authId: string;
	parameters: Parameters;
	/** The file of an upload. */
	file?: UploadedFile;
	/** Sets what the answer has beside `data`. */
	setTotal(total: number): void;
	/** Answers with a text file instead of JSON. */
	download(text: string, filename: string): void;
}

export interface Endpoint {
	method: string;
	/** Path template as in the facts: `/nodes/{node}/qemu`. */
	path: string;
	/** Only where tools/facts does not describe it. */
	facts?: EndpointFacts;
	/** Returns what the answer has as `data`; throws an ApiError. */
	handle(call: Call): unknown;
}

/** A parameter's text; undefined where it was not sent. A list gives its first. */
export function textOf(parameters: Parameters, name: string): string | undefined {
	const value = parameters[name];
	if (value === undefined || value === null) return undefined;
	return Array.isArray(value) ? value[0] : String(value);
}

/** A parameter's number; undefined where it was not sent. */
export function numberOf(parameters: Parameters, name: string): number | undefined {
	const text = textOf(parameters, name);
	return text === undefined ? undefined : Number(text);
}

/** Whether a switch is on. */
export function flagOf(parameters: Parameters, name: string): boolean {
	return numberOf(parameters, name) === 1;
}

/** The VM's ID in the path. */
export function vmidOf(parameters: Parameters): number {
	return numberOf(parameters, 'vmid') ?? 0;
}
