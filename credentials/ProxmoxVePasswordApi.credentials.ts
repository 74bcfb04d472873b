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

import { readUser } from './account';
import { askHosts } from './askHosts';
import { addressed, addressProperty, signed, trustProperties } from './connection';
import { CredentialError } from './credentialError';
import {
	checkTest,
	findingOf,
	NotReadyError,
	notProxmox,
	noteFinding,
	versionTest,
} from './credentialTest';
import { extraHeadersProperty } from './extraHeaders';

/** The response to a login. */
interface Login {
	readonly ticket?: string;
	readonly CSRFPreventionToken?: string;
	readonly NeedTFA?: unknown;
	/** The privileges of the user, by kind of object: `vms`, `storage`, `nodes` and others. */
	readonly cap?: Readonly<Record<string, object>>;
}

/** Proxmox answers a wrong password after 3 s, and its own proxy gives up after 30 s. */
const LOGIN_TIMEOUT_MS = 40_000;

const REFUSED =
	'Proxmox VE rejected the login. Check User (with its realm, such as root@pam) and Password.';

const NO_PRIVILEGES =
	'Proxmox VE accepted the login, but the user has no privileges on VMs, storages or nodes. Add them under Datacenter → Permissions → Add → User Permission.';

/** Whether a ticket, `PVE:user@realm:…`, is of another user. Some realms ignore the case. */
const isOfAnotherUser = (ticket: string, user: string): boolean => {
	const [, owner = user] = /^PVE:([^:]+):/.exec(ticket) ?? [];
	return owner.toLowerCase() !== user.toLowerCase();
};

/**
 * User and password of a Proxmox VE cluster, for settings that API tokens cannot change. n8n fetches the ticket,
 * stores it with the credential, and fetches a new one when it has expired (after 2 hours).
 */
export class ProxmoxVePasswordApi implements ICredentialType {
	name = 'proxmoxVePasswordApi';

	displayName = 'Proxmox VE User and Password API';

	icon: Icon = { light: 'file:../icons/proxmox-ve.svg', dark: 'file:../icons/proxmox-ve.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-proxmox-ve/n8n-nodes-proxmox-ve/blob/main/docs/credentials.md#user-and-password';

	properties: INodeProperties[] = [
		addressProperty,
		{
			displayName: 'User',
			name: 'username',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. root@pam',
			description: 'User and realm. Some settings can be changed only by root@pam.',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Users with two-factor authentication are not supported',
		},
		...trustProperties,
		extraHeadersProperty,
		{
			displayName: 'Ticket',
			name: 'ticketSecret',
			type: 'hidden',
			typeOptions: { expirable: true, password: true },
			default: '',
		},
		{
			displayName: 'CSRF Token',
			name: 'csrfToken',
			type: 'hidden',
			typeOptions: { password: true },
			default: '',
		},
	];

	/**
	 * Logs in at the first host of the cluster that responds. Source: `POST /access/ticket`.
	 * @throws CredentialError for a field that cannot be used; Error if Proxmox rejects the login or no host responds
	 */
	async preAuthentication(
		this: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		const form = { username: readUser(credentials), password: String(credentials.password ?? '') };
		const request = (baseURL: string): IHttpRequestOptions =>
			signed(
				credentials,
				addressed(credentials, {
					method: 'POST',
					baseURL,
					url: '/access/ticket',
					body: new URLSearchParams(form),
					timeout: LOGIN_TIMEOUT_MS,
				}),
			);
		const { url, data: answer } = await askHosts(this, credentials, request, REFUSED);
		const data = answer as Login | null;
		if (data?.NeedTFA)
			throw new CredentialError(
				'User: it requires two-factor authentication, which a workflow cannot complete. Use an API token',
			);
		if (!data?.ticket) throw new Error(notProxmox());
		const privileges = Object.values(data.cap ?? { unknown: [true] });
		const isEmpty = privileges.every((kind) => Object.keys(kind).length === 0);
		noteFinding(credentials, { url, ...(isEmpty ? { problem: NO_PRIVILEGES } : {}) });
		return { ticketSecret: data.ticket, csrfToken: data.CSRFPreventionToken ?? '' };
	}

	/**
	 * Addresses a request to the cluster's API and signs it with the ticket. @throws CredentialError as above, and for a request to another target
	 * A property and not a method: n8n copies only own properties, and offers Custom API Call only if this is one.
	 */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		checkTest(credentials, requestOptions);
		const ticket = String(credentials.ticketSecret ?? '');
		// n8n keeps the ticket when the user is edited.
		const user = String(credentials.username ?? '').trim();
		if (findingOf(credentials) === undefined && isOfAnotherUser(ticket, user))
			throw new NotReadyError('The ticket belongs to another user');
		return signed(credentials, addressed(credentials, requestOptions), {
			Cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`,
			CSRFPreventionToken: String(credentials.csrfToken ?? ''),
		});
	};

	test: ICredentialTestRequest = versionTest(REFUSED);
}
