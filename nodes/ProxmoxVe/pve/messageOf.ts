import { isCertificateCode, type PveFailure } from './errors';

const NETWORK_WORDS: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'the host refuses the connection',
	ECONNRESET: 'the connection broke off',
	ECONNABORTED: 'there was no answer in time',
	ETIMEDOUT: 'there was no answer in time',
	EHOSTUNREACH: 'there is no way to the host',
	ENETUNREACH: 'there is no way to the host',
	ENOTFOUND: 'the host name is not known',
	EAI_AGAIN: 'the host name cannot be looked up',
};

/** What happened to a request, in one line for the user. */
export function messageOf({ status, code, message }: PveFailure): string {
	if (code && isCertificateCode(code)) return `The certificate of the Proxmox VE host is not trusted: ${code}`;
	// n8n replaces a message that has such a code in it by words of its own; the code stands in the description.
	if (status === undefined) return `Proxmox VE could not be reached: ${code === undefined ? message : (NETWORK_WORDS[code] ?? 'the network failed')}`;
	return status < 400 ? `${message} (HTTP ${status})` : `Proxmox VE answered ${status}: ${message}`;
}
