import type {
	IAuthenticateRuleResponseSuccessBody,
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
	REDIRECTS,
	signed,
	trustProperties,
} from './connection';
import { CredentialError } from './credentialError';

/** What Proxmox answers to a login. */
interface Login {
	readonly data?: {
		readonly ticket?: string;
		readonly CSRFPreventionToken?: string;
		readonly NeedTFA?: unknown;
	} | null;
}

/** Proxmox answers a wrong password after 3 s, and its own proxy gives up after 30 s. */
const LOGIN_TIMEOUT_MS = 40_000;

/** Whether a request failed though the host answered it. */
const hasAnswered = (error: unknown): boolean =>
	typeof error === 'object' &&
	error !== null &&
	'response' in error &&
	error.response !== undefined;

/**
 * User and password of a Proxmox VE cluster, for what no API token may do. n8n fetches the ticket,
 * keeps it with the credential, and fetches a new one when Proxmox no longer takes it (after 2 hours).
 */
export class ProxmoxVeTicketApi implements ICredentialType {
	name = 'proxmoxVeTicketApi';

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
	 * Logs in, at the first of the cluster's hosts that answers. Source: `POST /access/ticket`.
	 * @throws CredentialError for a field that cannot be used; Error where Proxmox refuses or no host answers
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
				// A host that is down is passed over; one that refuses has the last word.
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
	 * Addresses a request to the cluster's API and signs it with the ticket. @throws CredentialError as above, and for a request to anything else
	 * A property and not a method: n8n copies the own properties of a credential, and offers Custom API Call only where this is one.
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

	test: ICredentialTestRequest = {
		request: { baseURL: '={{$credentials.url}}', url: '/version' },
		// n8n reads each rule by its own type; only its array type wants them all alike.
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'Proxmox VE rejected the login. Check User (with its realm, such as root@pam) and Password.',
				},
			},
			...[301, 302, 307, 308].map((value) => ({
				type: 'responseCode',
				properties: { value, message: REDIRECTS },
			})),
			...[404, 501].map((value) => ({
				type: 'responseCode',
				properties: { value, message: NOT_PROXMOX },
			})),
			{
				type: 'responseSuccessBody',
				properties: { key: 'data.version', value: undefined, message: NOT_PROXMOX },
			},
		] as IAuthenticateRuleResponseSuccessBody[],
	};
}
