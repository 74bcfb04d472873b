import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

import { readToken } from './account';
import { addressed, addressProperty, versionTest, signed, trustProperties } from './connection';

/** An API token of one Proxmox VE cluster, and how far its certificate is trusted. */
export class ProxmoxVeApi implements ICredentialType {
	name = 'proxmoxVeApi';

	displayName = 'Proxmox VE API';

	icon: Icon = { light: 'file:../icons/proxmox-ve.svg', dark: 'file:../icons/proxmox-ve.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-proxmox-ve/n8n-nodes-proxmox-ve#api-token';

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
	];

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
		const { tokenId, secret } = readToken(credentials);
		// Proxmox decodes the header's value, which ends at a semicolon.
		const encoded = tokenId.replace(/[^\x21-\x7e]+|[%;]/g, encodeURIComponent);
		return signed(addressed(credentials, requestOptions), {
			Authorization: `PVEAPIToken=${encoded}=${secret}`,
		});
	};

	test: ICredentialTestRequest = versionTest(
		'Proxmox VE rejected the token. Check Token ID and Token Secret, and that the token and its user are enabled and not expired.',
	);
}
