import type {
	IAuthenticateRuleResponseSuccessBody,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	IHttpRequestOptions,
} from 'n8n-workflow';

/** What is known of a cluster before n8n sends the request of its credential test. */
interface Finding {
	/** Base URL of the host that responded. */
	readonly url?: string;
	/** Why the credential is useless although Proxmox accepts it. */
	readonly problem?: string;
}

/** By the object that n8n passes both to `preAuthentication` and to `authenticate`. */
const findings = new WeakMap<ICredentialDataDecryptedObject, Finding>();

export const findingOf = (credentials: ICredentialDataDecryptedObject): Finding | undefined =>
	findings.get(credentials);

export const noteFinding = (credentials: ICredentialDataDecryptedObject, finding: Finding): void =>
	void findings.set(credentials, finding);

/** Whether a request is that of `versionTest`: only its base is the field as it was typed. */
export const isTestRequest = (
	{ url }: ICredentialDataDecryptedObject,
	{ baseURL }: { readonly baseURL?: unknown },
): boolean => baseURL !== undefined && baseURL !== '' && baseURL === url;

/** Thrown by `authenticate`: n8n takes it for a 401, calls `preAuthentication` and then `authenticate` again. */
export class NotReadyError extends Error {
	readonly response = { status: 401 };
}

/**
 * To be called before a request is signed.
 * @throws NotReadyError for the request of a credential test, if `preAuthentication` was not called before; Error for
 * the user if the test must fail although Proxmox accepts the credential
 */
export function checkTest(
	credentials: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): void {
	if (!isTestRequest(credentials, options)) return;
	const finding = findingOf(credentials);
	if (finding === undefined) throw new NotReadyError('The credential is tested first');
	if (finding.problem !== undefined) throw new Error(finding.problem);
}

/** Message for a redirect. */
export const redirected = (host = 'The host', target = 'another address'): string =>
	`${host} redirects to ${target}. Enter that address as Cluster URL, or if an access proxy asks for a login there, enter its headers under Extra Headers.`;

/** Message for a host that is not a Proxmox VE API. */
export const notProxmox = (host = 'The host'): string =>
	`${host} responded, but not as a Proxmox VE API. Check host and port in Cluster URL: Proxmox VE listens on port 8006, and https:// without a port means 443.`;

/**
 * The request of n8n's credential test. `preAuthentication`, which n8n calls before it, finds most problems; the rules
 * are for what it may not ask (see BlockedError).
 * @param refused what to do when the login is rejected
 * Source: `GET /version`.
 */
export const versionTest = (refused: string): ICredentialTestRequest => ({
	request: { baseURL: '={{$credentials.url}}', url: '/version' },
	// n8n reads each rule by its type; only the type of the array requires equal elements.
	rules: [
		{ type: 'responseCode', properties: { value: 401, message: refused } },
		...[301, 302, 307, 308].map((value) => ({
			type: 'responseCode',
			properties: { value, message: redirected() },
		})),
		...[404, 501].map((value) => ({
			type: 'responseCode',
			properties: { value, message: notProxmox() },
		})),
		{
			type: 'responseSuccessBody',
			properties: { key: 'data.version', value: undefined, message: notProxmox() },
		},
	] as IAuthenticateRuleResponseSuccessBody[],
});
