import type { ICredentialDataDecryptedObject, IHttpRequestOptions, INodeProperties } from 'n8n-workflow';

import { clusterUrls } from './clusterUrl';

/** Where the cluster is, as the user sees it. */
export const addressProperty: INodeProperties = {
	displayName: 'Cluster URL',
	name: 'url',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'https://pve.example.com:8006',
	description:
		'Any node of the cluster. A host alone means https on port 8006. Several nodes, separated by commas, stand in for one another when one is down.',
};

/** How far its certificate is trusted. */
export const trustProperties: INodeProperties[] = [
	{
		displayName: 'CA Certificate',
		name: 'ca',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: '-----BEGIN CERTIFICATE-----',
		description:
			'Certificate (PEM) to trust instead of the public ones. For a cluster with its own certificates paste /etc/pve/pve-root-ca.pem of any node.',
		hint: 'Needed where the test says UNABLE_TO_VERIFY_LEAF_SIGNATURE or SELF_SIGNED_CERT. Only n8n 2.20 and newer use it; with an older one set NODE_EXTRA_CA_CERTS instead.',
	},
	{
		displayName: 'Ignore SSL Issues (Insecure)',
		name: 'ignoreSslIssues',
		type: 'boolean',
		default: false,
		description:
			'Whether to connect to whoever answers, without checking the certificate. With a CA Certificate there is no need to.',
	},
];

/** A request that a credential has addressed: to which base URL, and whom to trust there. */
type Addressed = IHttpRequestOptions & { baseURL: string };

/**
 * Addresses a request to the cluster: to the node that it names by its base URL, if that is one of the
 * cluster's, else to the first.
 * @throws Error in words for the user, where the credential's URL is none, or the request is for another host
 */
export function addressed(credentials: ICredentialDataDecryptedObject, options: IHttpRequestOptions): Addressed {
	const urls = clusterUrls(String(credentials.url ?? ''));
	// n8n's HTTP Request node can use this credential too, with any URL: the secret stays with the cluster.
	if (/^[a-z]+:/i.test(options.url) && !urls.some((url) => options.url.startsWith(`${url}/`))) {
		throw new Error('This credential is only for the Proxmox VE cluster that its Cluster URL names');
	}
	const bases = urls.map((url) => `${url}/api2/json`);
	const ca = pemOf(String(credentials.ca ?? ''));
	const [first = ''] = bases;
	return {
		...options,
		baseURL: bases.find((base) => base === options.baseURL) ?? first,
		// A redirect would carry the secret to whatever host it names.
		disableFollowRedirect: true,
		skipSslCertificateValidation: credentials.ignoreSslIssues === true,
		...(ca ? { agentOptions: { ...options.agentOptions, ca } } : {}),
	};
}

/**
 * A certificate as it was pasted, perhaps on one line.
 * @throws Error in words for the user, where it is none
 */
function pemOf(pasted: string): string {
	const text = pasted.trim();
	if (text === '') return '';
	const certificates = [...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
	if (certificates.length === 0) {
		throw new Error('CA Certificate: it must be PEM text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----');
	}
	return certificates
		.map(([, body = '']) => {
			const lines = body.replace(/\s+/g, '').match(/.{1,64}/g) ?? [];
			return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
		})
		.join('');
}

/** What the credential test says where the host sends one elsewhere. */
export const REDIRECTS = 'The host redirects to another address. Enter that one as Cluster URL.';

/** What the credential test says where something answers that is no Proxmox. */
export const NOT_PROXMOX =
	'The host answers, but not as a Proxmox VE API. Check host and port (8006 unless a proxy is in front).';
