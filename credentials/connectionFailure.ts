/** A request without a response, as the network layer reports it. */
export interface ConnectionFailure {
	/** The error code of Node.js, such as ECONNREFUSED. */
	readonly code?: string;
	readonly message: string;
}

/** Whether an error code says that the host's certificate was rejected, before anything was sent. */
export const isCertificateCode = (code: string): boolean =>
	/CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/.test(code);

const FIREWALL =
	'Check Cluster URL of the credential, and that n8n can reach the host: a firewall may block the port.';
const PORT =
	'Check host and port in Cluster URL of the credential: Proxmox VE listens on port 8006. A firewall may also reject the connection.';

/** Codes of Node.js: what happened, and what to do next. */
const NETWORK: Readonly<Record<string, readonly [what: string, next: string]>> = {
	ECONNREFUSED: ['connection refused', PORT],
	ECONNRESET: ['connection reset', PORT],
	EPROTO: ['the port does not use https', PORT],
	ECONNABORTED: ['no response in time', FIREWALL],
	ETIMEDOUT: ['no response in time', FIREWALL],
	EHOSTUNREACH: ['no route to host', FIREWALL],
	ENETUNREACH: ['no route to host', FIREWALL],
	ENOTFOUND: [
		'host name not found',
		'Check the host name in Cluster URL of the credential: the machine or container that runs n8n must be able to resolve it. An IP address works too.',
	],
	EAI_AGAIN: [
		'host name lookup failed',
		'The DNS server of n8n did not answer: try again, or enter an IP address in Cluster URL of the credential.',
	],
};

/** Certificates that are rejected for another reason than their issuer. */
const CERTIFICATES: Readonly<Record<string, readonly [what: string, next: string]>> = {
	ERR_TLS_CERT_ALTNAME_INVALID: [
		'is for another name',
		'Enter a name or address of the certificate in Cluster URL of the credential',
	],
	CERT_HAS_EXPIRED: ['has expired', 'Renew it in Proxmox VE: node → System → Certificates.'],
	CERT_NOT_YET_VALID: [
		'is not valid yet',
		'Check the clocks of n8n and of the Proxmox VE host, which differ.',
	],
};

const UNTRUSTED = [
	'is not trusted',
	'Paste the CA of the cluster (/etc/pve/pve-root-ca.pem of any node) into CA Certificate of the credential, or for an n8n before 2.20 set NODE_EXTRA_CA_CERTS to its file.',
] as const;

/** What is wrong with a certificate, by its error code, and what to do next. */
const rejectionOf = (code: string): readonly [what: string, next: string] =>
	CERTIFICATES[code] ?? UNTRUSTED;

/**
 * What happened, in one line without a period.
 * @param host as the sentence calls it
 */
export function describeConnection({ code, message }: ConnectionFailure, host?: string): string {
	if (code !== undefined && isCertificateCode(code)) {
		const [what] = rejectionOf(code);
		return `The certificate of ${host ?? 'the Proxmox VE host'} ${what}: ${code}`;
	}
	const why = code === undefined ? message : (NETWORK[code]?.[0] ?? 'the network failed');
	return `${host ?? 'Proxmox VE'} could not be reached: ${why}`;
}

/** Why there was no response, as the end of a sentence. */
export function whyNoResponse({ code, message }: ConnectionFailure): string {
	if (code === undefined) return message;
	if (isCertificateCode(code)) return `the certificate ${rejectionOf(code)[0]}`;
	return NETWORK[code]?.[0] ?? `the network failed (${code})`;
}

/** What to do next, in one or two sentences. */
export function adviseConnection({ code, message }: ConnectionFailure): string {
	if (code === undefined) return FIREWALL;
	if (!isCertificateCode(code)) return NETWORK[code]?.[1] ?? FIREWALL;
	const [, next] = rejectionOf(code);
	if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return next;
	// Node.js lists the names of the certificate at the end.
	const [, names = ''] = /is not in the cert's (?:altnames|list): (.+)$/.exec(message) ?? [];
	return `${next}${names === '' ? '' : ` (${names})`}.`;
}
