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
import { clusterUrls } from './clusterUrl';
import {
	addressed,
	addressProperty,
	NOT_PROXMOX,
	versionTest,
	signed,
	trustProperties,
} from './connection';
import { CredentialError } from './credentialError';

/** The response to a login. */
interface Login {
	readonly data?: {
		readonly ticket?: string;
		readonly CSRFPreventionToken?: string;
		readonly NeedTFA?: unknown;
	} | null;
}

/** Proxmox answers a wrong password after 3 s, and its own proxy gives up after 30 s. */
const LOGIN_TIMEOUT_MS = 40_000;

/** Whether a request failed with a response of the host. */
const hasAnswered = (error: unknown): boolean =>
	typeof error === 'object' &&
	error !== null &&
	'response' in error &&
	error.response !== undefined;

/** Whether n8n did not send a request because of the credential's "Allowed HTTP Request Domains". */
const isBlocked = (error: unknown): boolean =>
	error instanceof Error &&
	/^(?:Domain not allowed:|No allowed domains specified)/.test(error.message);

/**
 * User and password of a Proxmox VE cluster, for settings that API tokens cannot change. n8n fetches the ticket,
 * stores it with the credential, and fetches a new one when it has expired (after 2 hours).
 */
export class ProxmoxVePasswordApi implements ICredentialType {
	name = 'proxmoxVePasswordApi';

	displayName = 'Proxmox VE User and Password API';

	icon: Icon = { light: 'file:../icons/proxmox-ve.svg', dark: 'file:../icons/proxmox-ve.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-proxmox-ve/n8n-nodes-proxmox-ve#user-and-password';

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
		const logIn = async ([url = '', ...others]: string[]): Promise<Login> => {
			const request = addressed(credentials, {
				method: 'POST',
				baseURL: `${url}/api2/json`,
				url: '/access/ticket',
				body: new URLSearchParams(form),
				disableFollowRedirect: true,
				timeout: LOGIN_TIMEOUT_MS,
			});
			return (await this.helpers.httpRequest(request).catch(async (error: unknown) => {
				if (isBlocked(error)) {
					throw new CredentialError(
						`Allowed Domains: n8n blocks the login, because ${new URL(url).hostname} of Cluster URL is not among them. Add it, or set Allowed HTTP Request Domains to All or None`,
					);
				}
				// Skip a host that is down; if a host rejects the login, stop.
				if (others.length === 0 || hasAnswered(error)) throw error;
				return await logIn(others);
			})) as Login;
		};

		const { data } = await logIn(clusterUrls(String(credentials.url ?? '')));
		if (data?.NeedTFA)
			throw new CredentialError(
				'User: it requires two-factor authentication, which a workflow cannot complete. Use an API token',
			);
		if (!data?.ticket) throw new Error(NOT_PROXMOX);
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
		return signed(addressed(credentials, requestOptions), {
			Cookie: `PVEAuthCookie=${encodeURIComponent(String(credentials.ticketSecret ?? ''))}`,
			CSRFPreventionToken: String(credentials.csrfToken ?? ''),
		});
	};

	test: ICredentialTestRequest = versionTest(
		'Proxmox VE rejected the login. Check User (with its realm, such as root@pam) and Password.',
	);
}
