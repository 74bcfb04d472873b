import { CredentialError } from './credentialError';

/** The default port of Proxmox VE's API, if the user enters only a host. */
const API_PORT = 8006;

/** An IPv6 address without brackets, with a scheme before and a path after it. */
const BARE_IPV6 = /^([a-z]+:\/\/)?([\da-f]*:[\da-f.]*:[\da-f:.]*)(\/.*)?$/i;
const isIpv6 = (address: string): boolean => URL.canParse(`https://[${address}]`);

/** Puts an IPv6 address in brackets. @throws CredentialError if its end could also be a port */
function bracketed(text: string): string {
	const [, scheme = '', address = '', path = ''] = BARE_IPV6.exec(text) ?? [];
	if (address === '' || !isIpv6(address)) return text;
	const [, host = '', port = ''] = /^(.*):(443|8006)$/.exec(address) ?? [];
	if (isIpv6(host)) {
		throw new CredentialError(
			`Cluster URL: "${address}" can be read in two ways. Write an IPv6 address in brackets: [${host}]:${port} with a port, [${address}] without`,
		);
	}
	return `${scheme}[${address}]${path}`;
}

/**
 * The base URL of a cluster from the text that a user pastes: `pve`, `pve:8006`, `https://pve:8006/`, `fd00::1`,
 * the address of Proxmox's web page, with or without `/api2/json`.
 * A bare host gets https and port 8006; an address with a scheme keeps the port it has or implies,
 * because a reverse proxy listens on 443.
 * @returns scheme, host, port and (for a proxy) path, without a slash at the end
 * @throws CredentialError if it is not a URL or is plain http to another machine
 */
export function clusterUrl(input: string): string {
	const text = bracketed(input.trim());
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
 * The base URLs of the nodes of one cluster, in the order in which to try them. `https://pve` means port 443, where a
 * reverse proxy listens; because many mean Proxmox's own port by it, port 8006 of the same host is tried last.
 * @param input one address or several, separated by commas or white space
 * @throws CredentialError
 */
export function clusterUrls(input: string): string[] {
	const parts = input.split(/[\s,]+/).filter((part) => part !== '');
	const urls = (parts.length > 0 ? parts : ['']).map(clusterUrl);
	const withApiPort = urls
		.filter((url, index) => isPortLeftOut(parts[index] ?? '') && isBareHost(url))
		.map((url) => `${url}:${API_PORT}`);
	return [...new Set([...urls, ...withApiPort])];
}

const isPortLeftOut = (part: string): boolean =>
	/^https:/i.test(part) && !/^https:\/\/[^/?#]*:443(?:[/?#]|$)/i.test(part);
/** Without a port and a path. */
const isBareHost = (url: string): boolean => {
	const { port, pathname } = new URL(url);
	return port === '' && pathname === '/';
};

const isLoopback = (host: string): boolean =>
	host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
