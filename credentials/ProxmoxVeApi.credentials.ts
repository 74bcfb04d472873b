import type {
	IAuthenticateRuleResponseSuccessBody,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

import { clusterUrl } from './clusterUrl';

const NOT_PROXMOX =
	'The host answers, but not as a Proxmox VE API. Check host and port (8006 unless a proxy is in front).';
const TOKEN_ID = /^[^\s@!]+@[^\s@!]+![^\s@!]+$/;

/** An API token of one Proxmox VE cluster, and how far its certificate is trusted. */
export class ProxmoxVeApi implements ICredentialType {
	name = 'proxmoxVeApi';

	displayName = 'Proxmox VE API';

	icon: Icon = { light: 'file:../icons/proxmox-ve.svg', dark: 'file:../icons/proxmox-ve.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-proxmox-ve/n8n-nodes-proxmox-ve#api-token';

	properties: INodeProperties[] = [
		{
			displayName: 'Cluster URL',
			name: 'url',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'https://pve.example.com:8006',
			description: 'Any node of the cluster. A host alone means https on port 8006.',
		},
		{
			displayName: 'Token ID',
			name: 'tokenId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'n8n@pve!workflows',
			description: 'User, realm and token name, as Datacenter → Permissions → API Tokens shows them',
		},
		{
			displayName: 'Token Secret',
			name: 'tokenSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Proxmox shows it only once, when the token is made',
		},
		{
			displayName: 'CA Certificate',
			name: 'ca',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: '-----BEGIN CERTIFICATE-----',
			description:
				'Certificate (PEM) to trust beside the public ones. For a cluster with its own certificates paste /etc/pve/pve-root-ca.pem of any node.',
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

	/**
	 * Addresses a request to the cluster and signs it with the token.
	 * A function, because a CA given as PEM and a URL in any spelling are more than n8n's generic form can say.
	 */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const tokenId = String(credentials.tokenId ?? '').trim();
		const secret = String(credentials.tokenSecret ?? '').trim();
		const ca = String(credentials.ca ?? '').trim();
		if (!TOKEN_ID.test(tokenId)) {
			throw new Error('Token ID: it must have the form user@realm!name, such as n8n@pve!workflows');
		}
		return {
			...requestOptions,
			baseURL: `${clusterUrl(String(credentials.url ?? ''))}/api2/json`,
			headers: { ...requestOptions.headers, Authorization: `PVEAPIToken=${tokenId}=${secret}` },
			skipSslCertificateValidation: credentials.ignoreSslIssues === true,
			...(ca ? { agentOptions: { ...requestOptions.agentOptions, ca } } : {}),
		};
	}

	test: ICredentialTestRequest = {
		request: { baseURL: '={{$credentials.url}}', url: '/version' },
		// n8n reads each rule by its own type; only its array type wants them all alike.
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'Proxmox VE refused the token. Check Token ID and Token Secret, and that neither the token nor its user is disabled or expired.',
				},
			},
			{
				type: 'responseCode',
				properties: { value: 404, message: NOT_PROXMOX },
			},
			{
				type: 'responseSuccessBody',
				properties: { key: 'data.version', value: undefined, message: NOT_PROXMOX },
			},
		] as IAuthenticateRuleResponseSuccessBody[],
	};
}
