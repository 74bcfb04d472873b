import type {
	ICredentialDataDecryptedObject,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { clusterUrls } from './clusterUrl';
import { CredentialError } from './credentialError';
import { findingOf, isTestRequest } from './credentialTest';
import { readExtraHeaders } from './extraHeaders';

/** The field for the address of the cluster. */
export const addressProperty: INodeProperties = {
	displayName: 'Cluster URL',
	name: 'url',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://pve.example.com:8006',
	description:
		'Any node of the cluster. A host name or IP address alone means https on port 8006. You can enter several nodes, separated by commas: if one is down, the next is used.',
};

/** The fields for the certificate of the cluster. */
export const trustProperties: INodeProperties[] = [
	{
		displayName: 'CA Certificate',
		name: 'ca',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: '-----BEGIN CERTIFICATE-----',
		description:
			'CA certificate (PEM) to trust instead of the public CAs. For a cluster with its own certificates, paste /etc/pve/pve-root-ca.pem from any node.',
		hint: 'Requires n8n 2.20 or newer; on older versions, set NODE_EXTRA_CA_CERTS instead.',
	},
	{
		displayName: 'Ignore SSL Issues (Insecure)',
		name: 'ignoreSslIssues',
		type: 'boolean',
		default: false,
		description:
			'Whether to connect without checking the certificate of the host. Not needed with a CA Certificate.',
	},
];

/** A request in n8n's form, with `uri` of the older form that HTTP Request uses. */
type Asked = IHttpRequestOptions & { readonly uri?: unknown };

/** Where Proxmox's API is below a Cluster URL. */
const API = '/api2/';
const BASE_PATH = `${API}json`;

/**
 * Addresses a request to the API of the cluster: to the host that it names if that host belongs to the cluster, else
 * to the first host. A user who may use a credential in a workflow may not see its secret, and must not be able to send
 * it elsewhere. So the request goes to one absolute URL that was compared with the Cluster URL, with the certificate
 * settings of the credential, without redirects and without a proxy of the workflow.
 * @returns the options to send, without anything that could change the target or the certificate settings
 * @throws CredentialError if the credential's URL or CA is invalid, or the request is not for the cluster's API
 */
export function addressed(
	credentials: ICredentialDataDecryptedObject,
	options: Asked,
): IHttpRequestOptions {
	const { uri, baseURL, proxy, agentOptions, ...others } = options;
	const target = targetOf(credentials, options.url ?? uri, baseURL);
	if (proxy) {
		throw new CredentialError(
			'Proxy: with this credential a request cannot choose its own proxy. Remove the option, and set HTTPS_PROXY for n8n',
		);
	}
	// A reverse proxy may return the request headers for these methods, and so the secret.
	if (/^\s*(?:trace|track|connect)\s*$/i.test(String(options.method ?? ''))) {
		throw new CredentialError(`Method: this credential cannot be used with ${options.method}`);
	}
	const ca = pemOf(String(credentials.ca ?? ''));
	const isUnchecked = credentials.ignoreSslIssues === true;
	// A reverse proxy may require a client certificate; other options could name another host.
	const { cert, key, pfx, passphrase } = agentOptions ?? {};
	const agent = Object.entries({ cert, key, pfx, passphrase, ca: ca || undefined }).filter(
		([, value]) => value !== undefined,
	);
	const sent = {
		...others,
		url: target,
		auth: undefined,
		// A redirect would send the secret to another host. The older form of a request has other names for this.
		disableFollowRedirect: true,
		followRedirect: false,
		followAllRedirects: false,
		maxRedirects: 0,
		skipSslCertificateValidation: isUnchecked,
		rejectUnauthorized: !isUnchecked,
		...(agent.length > 0 ? { agentOptions: Object.fromEntries(agent) } : {}),
	};
	return sent;
}

/**
 * Adds the headers that sign a request, and those of the field Extra Headers.
 * @param options of a request that was addressed to the cluster, the only origin that these headers may reach
 * @throws CredentialError if the request has a Host header, which a reverse proxy could use to forward it elsewhere
 */
export function signed(
	credentials: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
	signatureHeaders: Readonly<Record<string, string>> = {},
): IHttpRequestOptions {
	const signature = { ...readExtraHeaders(credentials), ...signatureHeaders };
	const names = new Set(Object.keys(signature).map((name) => name.toLowerCase()));
	const given = Object.entries(options.headers ?? {});
	if (given.some(([name]) => name.trim().toLowerCase() === 'host')) {
		throw new CredentialError(
			'Header Host: with this credential a request cannot set it. Remove it',
		);
	}
	return {
		...options,
		headers: {
			...Object.fromEntries(given.filter(([name]) => !names.has(name.toLowerCase()))),
			...signature,
		},
	};
}

/**
 * The absolute URL of a request.
 * @param asked absolute, or relative to `baseURL` or, without that, to the API of the cluster's first host
 * @throws CredentialError if it is not a URL of the cluster's API
 */
function targetOf(
	credentials: ICredentialDataDecryptedObject,
	asked: unknown,
	baseURL: unknown,
): string {
	const urls = clusterUrls(String(credentials.url ?? ''));
	const [first = ''] = urls;
	const base = isTestRequest(credentials, { baseURL })
		? (findingOf(credentials)?.url ?? first) + BASE_PATH
		: String(baseURL || first + BASE_PATH);
	const text = joined(base, String(asked ?? ''));
	const url = URL.canParse(text) ? new URL(text) : undefined;
	const isOfCluster =
		url !== undefined &&
		!url.username &&
		!url.password &&
		!hasDotSegment(text) &&
		urls
			.map((one) => new URL(one))
			.some(({ protocol, host, pathname }) => {
				return (
					url.protocol === protocol &&
					url.host === host &&
					url.pathname.startsWith(pathname.replace(/\/$/, '') + API)
				);
			});
	if (!isOfCluster) {
		throw new CredentialError(
			`This credential is only for the API of its Proxmox VE cluster: use a URL that begins with ${first}${API}`,
		);
	}
	url.hash = '';
	return url.href;
}

/** Appends a relative URL to its base. `//host`, `\\\\host` and `https:/host` are absolute too. */
function joined(base: string, asked: string): string {
	const nowhere = 'https://nowhere.invalid';
	const isRelative =
		URL.canParse(asked, nowhere) &&
		new URL(asked, nowhere).origin === nowhere &&
		!/^\s*[a-z][a-z0-9+.-]*:/i.test(asked);
	if (!isRelative) return asked;
	return asked === '' ? base : `${base.replace(/\/+$/, '')}/${asked.replace(/^\/+/, '')}`;
}

/** How many times to decode a path before checking it: proxies decode it once or twice. */
const DECODINGS = 3;

/** Whether a path has a `.` or `..` segment, encoded or not, which a proxy could resolve to leave the API. */
function hasDotSegment(url: string): boolean {
	// URL parsers remove these three characters.
	let path = url.replace(/[\t\n\r]/g, '').split(/[?#]/, 1)[0] ?? '';
	for (let round = 0; round <= DECODINGS; round++) {
		if (/(?:^|[/\\])\.{1,2}(?:[/\\;]|$)/.test(path)) return true;
		path = path.replace(/%(25|2e|2f|5c|3b)/gi, (code) => decodeURIComponent(code));
	}
	return false;
}

/**
 * Normalizes a pasted certificate, even if it is on one line.
 * @throws CredentialError if it is not a certificate
 */
function pemOf(pasted: string): string {
	const text = pasted.trim();
	if (text === '') return '';
	const certificates = [
		...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g),
	];
	if (certificates.length === 0) {
		throw new CredentialError(
			'CA Certificate: it must be PEM text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----',
		);
	}
	return certificates
		.map(([, body = '']) => {
			const lines = body.replace(/\s+/g, '').match(/.{1,64}/g) ?? [];
			return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
		})
		.join('');
}
