import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

import { readToken } from './account';
import { askHosts, BlockedError } from './askHosts';
import { addressed, addressProperty, signed, trustProperties } from './connection';
import { checkTest, findingOf, noteFinding, versionTest } from './credentialTest';
import { extraHeadersProperty } from './extraHeaders';

const REFUSED =
	'Proxmox VE rejected the token. Check Token ID and Token Secret, and that the token and its user are enabled and not expired.';

const NO_PRIVILEGES =
	"Proxmox VE accepted the token, but it has no privileges. With Privilege Separation, Proxmox's default, a token needs its own: add them under Datacenter → Permissions → Add → API Token Permission. Its user needs them too.";

/** How long a credential test waits for a host, in milliseconds. */
const TEST_TIMEOUT_MS = 20_000;

/** A request to the cluster's API with the token in its header. */
function sign(
	credentials: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): IHttpRequestOptions {
	const { tokenId, secret } = readToken(credentials);
	// Proxmox decodes the header's value, which ends at a semicolon.
	const encoded = tokenId.replace(/[^\x21-\x7e]+|[%;]/g, encodeURIComponent);
	return signed(credentials, addressed(credentials, options), {
		Authorization: `PVEAPIToken=${encoded}=${secret}`,
	});
}

/** An API token of one Proxmox VE cluster, and how far its certificate is trusted. */
export class ProxmoxVeApi implements ICredentialType {
	name = 'proxmoxVeApi';

	displayName = 'Proxmox VE API';

	icon: Icon = { light: 'file:../icons/proxmox-ve.svg', dark: 'file:../icons/proxmox-ve.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-proxmox-ve/n8n-nodes-proxmox-ve/blob/main/docs/credentials.md#api-token';

	properties: INodeProperties[] = [
		addressProperty,
		{
			displayName: 'Token ID',
			name: 'tokenId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. n8n@pve!workflows',
			description:
				'User, realm and token name, as shown under Datacenter → Permissions → API Tokens',
		},
		{
			displayName: 'Token Secret',
			name: 'tokenSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Shown only once by Proxmox, when the token is created',
		},
		...trustProperties,
		extraHeadersProperty,
		{
			// n8n calls preAuthentication only for a type with such a field: after a 401, and if it is empty, which it never is.
			displayName: 'Test',
			name: 'test',
			type: 'hidden',
			typeOptions: { expirable: true },
			default: 'preAuthentication',
		},
	];

	/**
	 * Tests the credential before n8n's own request does (see NotReadyError), because n8n shows only the error code of a
	 * lost connection. n8n also calls this after failed requests: there is nothing to renew.
	 * Source: `GET /access/permissions`.
	 * @throws CredentialError for a field that cannot be used; Error for the user if no host accepts the token
	 */
	async preAuthentication(
		this: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		if (findingOf(credentials) !== undefined) return {};
		const request = (baseURL: string): IHttpRequestOptions =>
			sign(credentials, { baseURL, url: '/access/permissions', timeout: TEST_TIMEOUT_MS });
		try {
			const { url, data } = await askHosts(this, credentials, request, REFUSED);
			const isEmpty = typeof data === 'object' && data !== null && Object.keys(data).length === 0;
			noteFinding(credentials, { url, ...(isEmpty ? { problem: NO_PRIVILEGES } : {}) });
		} catch (error) {
			// Allowed Domains are for other nodes: this one may send its requests.
			if (!(error instanceof BlockedError)) throw error;
			noteFinding(credentials, {});
		}
		return {};
	}

	/**
	 * Addresses a request to the cluster's API and signs it with the token.
	 * A function, because n8n's generic form supports neither a PEM CA nor URLs in different spellings.
	 * A property and not a method: n8n copies only own properties, and offers Custom API Call only if this is one.
	 * @throws CredentialError for an invalid token, CA or URL, and for a request to another target
	 */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		checkTest(credentials, requestOptions);
		if (findingOf(credentials) === undefined) noteFinding(credentials, {});
		return sign(credentials, requestOptions);
	};

	test: ICredentialTestRequest = versionTest(REFUSED);
}
