import { CredentialError } from './credentialError';

/** The default port of Proxmox VE's API, if the user enters only a host. */
const API_PORT = 8006;

/**
 * The base URL of a cluster from the text that a user pastes: `pve`, `pve:8006`, `https://pve:8006/`,
 * the address of Proxmox's web page, with or without `/api2/json`.
 * A bare host gets https and port 8006; an address with a scheme keeps the port it has or implies,
 * because a reverse proxy listens on 443.
 * @returns scheme, host, port and (for a proxy) path, without a slash at the end
 * @throws CredentialError if it is not a URL or is plain http to another machine
 */
export function clusterUrl(input: string): string {
	const text = input.trim();
	const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
	const address = hasScheme ? text : `https://${text}`;
	if (!URL.canParse(address)) {
		throw new CredentialError(
			`Cluster URL: "${text}" is not a valid address. Enter a host such as pve.example.com or https://pve.example.com:8006`,
		);
	}
	const url = new URL(address);
	if (url.username || url.password) {
		throw new CredentialError(
			'Cluster URL: it must not contain a user or password. Enter an API token in the fields below it',
		);
	}
	if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
		throw new CredentialError(
			`Cluster URL: http would send the secret unencrypted to ${url.hostname}. Use https; for a certificate that is not trusted yet, paste the CA into CA Certificate`,
		);
	}
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		throw new CredentialError(`Cluster URL: it must begin with https://, not ${url.protocol}//`);
	}
	if (!hasScheme && url.port === '' && !/:443(?:\/|$)/.test(text)) url.port = String(API_PORT);
	const path = url.pathname.replace(/(?<!\/)\/+$/, '').replace(/\/api2(?:\/[a-z]+)?$/, '');
	return `${url.protocol}//${url.host}${path}`;
}

/**
 * The base URLs of the nodes of one cluster, in the order in which to try them.
 * @param input one address or several, separated by commas or white space
 * @throws CredentialError
 */
export function clusterUrls(input: string): string[] {
	const parts = input.split(/[\s,]+/).filter((part) => part !== '');
	return [...new Set((parts.length > 0 ? parts : ['']).map(clusterUrl))];
}

const isLoopback = (host: string): boolean =>
	host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
