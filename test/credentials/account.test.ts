import type { NodeApiError } from 'n8n-workflow';

import { ProxmoxVeApi } from '../../credentials/ProxmoxVeApi.credentials';
import { ProxmoxVePasswordApi } from '../../credentials/ProxmoxVePasswordApi.credentials';
import { identityOf, readToken, readUser, splitAuthId } from '../../credentials/account';
import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import { emptyVm, openLab, type Lab } from '../support/lab';

const VALUE = '12345678-1234-4234-8234-123456789abc';
const OTHER = '99999999-9999-4999-8999-999999999999';

describe('the fields Token ID and Token Secret', () => {
	it.each([
		['n8n@pve!workflows', VALUE],
		['  n8n@pve!workflows ', ` ${VALUE}\n`],
		['john@example.com@entra!n8n', VALUE],
		['a!b@pve!x-1_2.3', VALUE],
		['a@pve!x@entra!n8n', VALUE],
		['DOM\\jo=e@corp.example!n8n', VALUE],
		['müller@ad!n8n', VALUE],
	])('%s is a token', (tokenId, tokenSecret) => {
		expect(readToken({ tokenId, tokenSecret })).toEqual({ tokenId: tokenId.trim(), secret: VALUE });
		expect(identityOf({ tokenId, tokenSecret })).toBe(tokenId.trim());
	});

	it.each([
		[`n8n@pve!w1=${VALUE}`, ''],
		[`n8n@pve!w1=${VALUE}`, VALUE],
		[`n8n@pve!w1:${VALUE}`, VALUE],
		[`PVEAPIToken=n8n@pve!w1=${VALUE}`, ''],
		[`pveapitoken n8n@pve!w1=${VALUE}`, ''],
		[`Authorization: PVEAPIToken=n8n@pve!w1=${VALUE}`, ''],
		['PVEAPIToken=n8n@pve!w1', VALUE],
		['n8n@pve!w1', `PVEAPIToken=n8n@pve!w1=${VALUE}`],
		['n8n@pve!w1', `n8n@pve!w1=${VALUE}`],
		[`n8n@pve!w1=`, VALUE],
	])('%s with "%s" is understood', (tokenId, tokenSecret) => {
		expect(readToken({ tokenId, tokenSecret })).toEqual({ tokenId: 'n8n@pve!w1', secret: VALUE });
		expect(identityOf({ tokenId, tokenSecret })).toBe('n8n@pve!w1');
	});

	it.each([
		['', VALUE, /^Token ID: it must have the form user@realm!name/],
		['root@pam', VALUE, /^Token ID: it must have the form/],
		['root!full', VALUE, /^Token ID: it must have the form/],
		['root@pam!', VALUE, /^Token ID: it must have the form/],
		['root@pam!two words', VALUE, /^Token ID: it must have the form/],
		['ro:ot@pam!full', VALUE, /^Token ID: it must have the form/],
		['ro/ot@pam!full', VALUE, /^Token ID: it must have the form/],
		['a!b@pve', VALUE, /^Token ID: it must have the form/],
		[
			`n8n@pve!w1=${VALUE}`,
			OTHER,
			/^Token ID: it contains a secret that is not the one in Token Secret/,
		],
		['n8n@pve!w1', `other@pve!w1=${VALUE}`, /^Token Secret: it contains the ID of another token/],
		['n8n@pve!w1', ' ', /^Token Secret: it is empty/],
		['n8n@pve!w1=', '', /^Token Secret: it is empty/],
	])('%s with "%s" is refused', (tokenId, tokenSecret, message) => {
		expect(() => readToken({ tokenId, tokenSecret })).toThrow(message);
		expect(() => readToken({ tokenId, tokenSecret })).toThrow(
			expect.objectContaining({
				message: expect.not.stringMatching(/1234|9999/) as string,
			}) as Error,
		);
		expect(identityOf({ tokenId, tokenSecret })).not.toMatch(/1234|9999/);
	});
});

describe('the field User', () => {
	it.each([
		' root@pam ',
		'john@example.com@entra',
		'a!b@pve',
		'DOM\\joe@ad',
		'müller@corp-1.example',
	])('%s is a user', (username) => {
		expect(readUser({ username })).toBe(username.trim());
		expect(identityOf({ username })).toBe(username.trim());
	});
	it.each([
		['', /^User: it must have the form user@realm/],
		['root', /^User: it must have the form/],
		['root@', /^User: it must have the form/],
		['two words@pve', /^User: it must have the form/],
		['root@pam!full', /^User: this is a token ID/],
	])('"%s" is refused', (username, message) =>
		expect(() => readUser({ username })).toThrow(message),
	);
});

it.each([
	['root@pam', 'root@pam', null],
	['root@pam!full', 'root@pam', 'full'],
	['john@example.com@entra', 'john@example.com@entra', null],
	['john@example.com@entra!n8n', 'john@example.com@entra', 'n8n'],
	['a!b@pve', 'a!b@pve', null],
	['a!b@pve!n8n', 'a!b@pve', 'n8n'],
	['a@pve!x@entra!n8n', 'a@pve!x@entra', 'n8n'],
])('%s is user %s and token %s', (authId, user, token) =>
	expect(splitAuthId(authId)).toEqual({ user, token }),
);

describe('on the cluster', () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab({ http: false });
	});
	afterEach(async () => await lab.close());

	/** A user with all rights, and a token of it. */
	function addUser(userid: string, privsep = false): void {
		const tokens = new Map([['n8n', { privsep, expire: 0, secret: VALUE }]]);
		lab.emulator.state.users.set(userid, {
			userid,
			enabled: true,
			expire: 0,
			password: 'open sesame',
			groups: [],
			tokens,
		});
		lab.emulator.state.acl.push({
			path: '/',
			type: 'user',
			ugid: userid,
			roleid: 'Administrator',
			propagate: true,
		});
	}
	const run = async (parameters: Parameters<Lab['run']>[0], changes: StoredCredentials) =>
		await lab.engine.runNode({
			parameters: {
				...emptyVm,
				resource: 'virtualMachine',
				operation: 'create',
				node: { __rl: true, mode: 'list', value: 'pve1' },
				vmIdMode: 'next',
				options: { maxPollInterval: 0.1 },
				...parameters,
			},
			credentials: { ...lab.credentials, ...changes },
		});
	const asToken = (tokenId: string, changes: object = {}): StoredCredentials => ({
		proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, tokenId, tokenSecret: VALUE, ...changes },
	});

	it.each([
		'john@example.com@entra',
		'a!b@pve',
		'a@pve!x@entra',
		'müller@ad',
		'rate%3b@pve',
		'semi;colon@pve',
	])('a token of %s works, and its tasks are found again', async (user) => {
		addUser(user);
		lab.emulator.faults.onRequest({
			method: 'POST',
			path: /\/qemu$/,
			when: 'after',
			effect: 'reset',
			times: 1,
		});
		const { items, error } = await run({}, asToken(`${user}!n8n`));
		expect(error).toBeUndefined();
		const upid = String(items[0]?.[0]?.json.upid);
		expect(upid.endsWith(`:${user}!n8n:`)).toBe(true);
		expect(await lab.output({ resource: 'task', operation: 'get', upid })).toMatchObject({
			user,
			token: 'n8n',
		});
	});
	it('a pasted header works, and its secret appears nowhere', async () => {
		addUser('n8n@pve');
		const { items, error, logs } = await run(
			{},
			asToken('', { tokenId: `PVEAPIToken=n8n@pve!n8n=${VALUE}`, tokenSecret: '' }),
		);
		expect(error).toBeUndefined();
		expect(items[0]?.[0]?.json.upid).toMatch(/:n8n@pve!n8n:$/);
		expect(JSON.stringify([items, logs])).not.toContain(VALUE);
	});
	it('a user named by an e-mail address logs in', async () => {
		addUser('john@example.com@entra');
		const { items, error } = await run(
			{ authentication: 'password' },
			{
				proxmoxVePasswordApi: {
					...lab.credentials.proxmoxVePasswordApi,
					username: 'john@example.com@entra',
					password: 'open sesame',
				},
			},
		);
		expect(error).toBeUndefined();
		expect(items[0]?.[0]?.json.upid).toMatch(/:john@example\.com@entra:$/);
	});

	it.each([
		['proxmoxVeApi', { tokenId: 'root@pam' }, /^Token ID: it must have the form/],
		['proxmoxVeApi', { tokenSecret: '' }, /^Token Secret: it is empty/],
		['proxmoxVeApi', { ca: '/etc/pve/pve-root-ca.pem' }, /^CA Certificate: it must be PEM text/],
		[
			'proxmoxVeApi',
			{ url: 'http://pve.example.com:8006' },
			/^Cluster URL: http would send the secret unencrypted/,
		],
		['proxmoxVePasswordApi', { username: 'root' }, /^User: it must have the form/],
		[
			'proxmoxVePasswordApi',
			{ ca: '/etc/pve/pve-root-ca.pem' },
			/^CA Certificate: it must be PEM text/,
		],
	])('a field of %s that is wrong is bad input: %j', async (credential, changes, message) => {
		const { error } = await run(
			{ authentication: credential === 'proxmoxVeApi' ? 'apiToken' : 'password' },
			{ [credential]: { ...lab.credentials[credential], ...changes } },
		);
		expect(error?.message).toMatch(message);
		expect(String((error as NodeApiError).description)).toBe(
			'Open the credential of this node and correct it.',
		);
		expect(lab.emulator.requests).toEqual([]);
	});
	it('a wrong field is not tried again at another host', async () => {
		const { error } = await run(
			{},
			asToken('root@pam', { url: `https://127.0.0.1:9, ${lab.emulator.url}` }),
		);
		expect(error?.message).toMatch(/^Token ID: /);
	});

	it.each(['', 'example.com, *.example.com'])(
		'a login that n8n blocks, because the domains "%s" do not have the cluster, is named by its field',
		async (allowedDomains) => {
			const stored = {
				...lab.credentials.proxmoxVePasswordApi,
				allowedHttpRequestDomains: 'domains',
				allowedDomains,
			};
			const { error } = await run({ authentication: 'password' }, { proxmoxVePasswordApi: stored });
			expect(error?.message).toMatch(
				/^Allowed Domains: n8n blocks the login, because 127\.0\.0\.1 of Cluster URL is not among them\. Add it/,
			);
			expect(await lab.engine.testCredential('proxmoxVePasswordApi', stored)).toMatchObject({
				status: 'Error',
				message: expect.stringContaining('Allowed Domains: n8n blocks the login') as string,
			});
		},
	);

	it.each([
		['none', ''],
		['domains', 'example.com, 127.0.0.1'],
	])(
		"n8n's own restriction of HTTP Request to %s (%s) does not stop the node",
		async (allowedHttpRequestDomains, allowedDomains) => {
			const restricted = { allowedHttpRequestDomains, allowedDomains };
			for (const [authentication, credential] of [
				['apiToken', 'proxmoxVeApi'],
				['password', 'proxmoxVePasswordApi'],
			] as const) {
				const stored = { ...lab.credentials[credential], ...restricted };
				expect((await run({ authentication }, { [credential]: stored })).error).toBeUndefined();
				expect(await lab.engine.testCredential(credential, stored)).toMatchObject({ status: 'OK' });
			}
		},
	);
});

it.each([
	['token', new ProxmoxVeApi()],
	['user and password', new ProxmoxVePasswordApi()],
])('n8n finds authenticate among the own properties of the credential: %s', (_name, credential) => {
	expect({ ...credential }).toHaveProperty('authenticate', expect.any(Function));
});
