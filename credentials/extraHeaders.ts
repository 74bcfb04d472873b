import type { ICredentialDataDecryptedObject, INodeProperties } from 'n8n-workflow';

import { CredentialError } from './credentialError';

/** The field for the headers that an access proxy in front of the cluster requires. */
export const extraHeadersProperty: INodeProperties = {
	displayName: 'Extra Headers',
	name: 'extraHeaders',
	type: 'string',
	typeOptions: { password: true, rows: 3 },
	default: '',
	placeholder: 'e.g. CF-Access-Client-Id: 1234.access',
	description:
		'Headers that an access proxy in front of Proxmox VE requires, such as the service token of Cloudflare Access. One header per line, as Name: value.',
};

/** Headers of n8n and of the credential itself, and those that change what a request is. */
const RESERVED =
	/^(?:authorization|cookie|csrfpreventiontoken|host|content-.*|accept|accept-encoding|connection|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
/** Printable ASCII: other characters cannot be sent. */
const VALUE = /^[\x20-\x7e]+$/;

/**
 * Reads the field Extra Headers.
 * @returns name → value
 * @throws CredentialError for a line that cannot be sent; its text is not repeated, because it may hold a secret
 */
export function readExtraHeaders({
	extraHeaders,
}: ICredentialDataDecryptedObject): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [index, line] of String(extraHeaders ?? '')
		.split(/\r\n|\r|\n/)
		.entries()) {
		if (line.trim() === '') continue;
		const [, name = '', value = ''] = /^\s*([^:\s]+)\s*:(.*)$/.exec(line) ?? [];
		const refuse = (problem: string): never => {
			throw new CredentialError(`Extra Headers: line ${index + 1} ${problem}`);
		};
		if (!NAME.test(name) || !VALUE.test(value.trim()))
			refuse('must have the form Name: value, in ASCII characters');
		if (RESERVED.test(name)) refuse(`sets ${name}, which n8n sets itself. Remove this line`);
		if (Object.keys(headers).some((other) => other.toLowerCase() === name.toLowerCase()))
			refuse('sets a header of an earlier line again. Remove one of them');
		headers[name] = value.trim();
	}
	return headers;
}
