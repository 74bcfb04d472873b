/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { generate } from 'selfsigned';

import { serverCertificate } from '../../tools/emulator/certificate';
import { openLab, type Lab } from '../support/lab';

const TYPES = ['proxmoxVeApi', 'proxmoxVePasswordApi'] as const;
type Type = (typeof TYPES)[number];

let lab: Lab;
const servers: Server[] = [];
beforeEach(async () => {
	lab = await openLab({ http: false });
});
afterEach(async () => {
	for (const server of servers.splice(0)) server.close();
	await lab.close();
});

/** Starts another host. @returns its port */
async function listen(server: Server): Promise<number> {
	servers.push(server);
	await new Promise<void>((resolve) => void server.listen(0, '0.0.0.0', resolve));
	return (server.address() as AddressInfo).port;
}
const answering = async (...args: Parameters<typeof answerOf>): Promise<string> =>
	`http://127.0.0.1:${await listen(createHttpServer(answerOf(...args)))}`;
const answerOf =
	(status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
	(_request, response) =>
		void response.writeHead(status, headers).end(body);

const test = async (type: Type, changes: ICredentialDataDecryptedObject = {}) =>
	await lab.engine.testCredential(type, { ...lab.credentials[type], ...changes });
/** @returns the message, which holds no secret */
async function messageOf(type: Type, changes: ICredentialDataDecryptedObject): Promise<string> {
	const { status, message } = await test(type, changes);
	expect(status).toBe('Error');
	for (const secret of [lab.emulator.token.secret, lab.emulator.passwords['root@pam'] ?? ''])
		expect(message).not.toContain(secret);
	return message;
}
const asked = (): string[] => lab.emulator.requests.map(({ method, path }) => `${method} ${path}`);

describe.each(TYPES)('the credential test of %s', (type) => {
	it('is green with two requests', async () => {
		expect(await test(type)).toMatchObject({ status: 'OK' });
		const [first] = {
			proxmoxVeApi: ['GET /api2/json/access/permissions'],
			proxmoxVePasswordApi: ['POST /api2/json/access/ticket'],
		}[type];
		expect(asked()).toEqual([first, 'GET /api2/json/version']);
	});
	it('is green without a check of the certificate, if that is chosen', async () => {
		expect(await test(type, { ca: '', ignoreSslIssues: true })).toMatchObject({ status: 'OK' });
	});

	it('names a refused connection', async () => {
		expect(await messageOf(type, { url: 'https://127.0.0.1:9' })).toBe(
			'127.0.0.1:9 could not be reached: connection refused. Check host and port in Cluster URL of the credential: Proxmox VE listens on port 8006. A firewall may also reject the connection.',
		);
	});
	it('names an unknown host', async () => {
		expect(await messageOf(type, { url: 'pve.invalid' })).toMatch(
			/^pve\.invalid:8006 could not be reached: host name (?:not found|lookup failed)\. .*IP address/,
		);
	});
	it('names an untrusted certificate', async () => {
		expect(await messageOf(type, { ca: '' })).toMatch(
			/^The certificate of 127\.0\.0\.1:\d+ is not trusted: (?:SELF_SIGNED|UNABLE_TO)\w+\. Paste the CA of the cluster \(\/etc\/pve\/pve-root-ca\.pem of any node\) into CA Certificate/,
		);
	});
	it('names a certificate of another name, and its names', async () => {
		const { key, cert } = await serverCertificate();
		const port = await listen(createHttpsServer({ key, cert }, answerOf(200)));
		expect(await messageOf(type, { url: `https://127.0.0.2:${port}` })).toMatch(
			/^The certificate of 127\.0\.0\.2:\d+ is for another name: ERR_TLS_CERT_ALTNAME_INVALID\. Enter a name or address of the certificate in Cluster URL of the credential \(.*127\.0\.0\.1.*\)\.$/,
		);
	});
	it('names an expired certificate', async () => {
		const { cert, private: key } = await generate([{ name: 'commonName', value: 'pve1' }], {
			notBeforeDate: new Date('2020-01-01'),
			notAfterDate: new Date('2021-01-01'),
			algorithm: 'sha256',
			extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
		});
		const port = await listen(createHttpsServer({ key, cert }, answerOf(200)));
		expect(await messageOf(type, { url: `https://127.0.0.1:${port}`, ca: cert })).toMatch(
			/has expired: CERT_HAS_EXPIRED\. Renew it in Proxmox VE/,
		);
	});
	it('names a port without https', async () => {
		const port = await listen(createHttpServer(answerOf(200)));
		expect(await messageOf(type, { url: `https://127.0.0.1:${port}` })).toMatch(
			/could not be reached: the port does not use https\./,
		);
	});

	it.each([
		[200, '<html>Welcome</html>'],
		[404, ''],
		[501, 'not here'],
		[200, '{"version":"1"}'],
	])('names a host that is no Proxmox VE: %i %j', async (status, body) => {
		const url = await answering(status, body, { 'content-type': 'application/json' });
		expect(await messageOf(type, { url })).toMatch(
			/^127\.0\.0\.1:\d+ responded, but not as a Proxmox VE API\. Check host and port/,
		);
	});
	it('names a redirect and its target', async () => {
		const url = await answering(302, '', { location: 'https://login.example.com/x?y' });
		expect(await messageOf(type, { url })).toMatch(
			/redirects to login\.example\.com\. Enter that address as Cluster URL, or if an access proxy asks for a login there, enter its headers under Extra Headers\.$/,
		);
	});
	it('hides the target of a redirect that repeats the secret', async () => {
		const { tokenSecret, password } = { tokenSecret: 'abcd-1234', password: 'abcd-1234' };
		const url = await answering(302, '', { location: 'https://abcd-1234.example.com/' });
		expect(await messageOf(type, { url, tokenSecret, password })).toMatch(
			/redirects to another address/,
		);
	});
	it('leaves out a host name that n8n would replace by its own text', async () => {
		expect(await messageOf(type, { url: 'https://eaccess.invalid:8006' })).toMatch(
			/^Proxmox VE could not be reached: host name/,
		);
		const url = await answering(302, '', { location: 'https://deeperm.example.com/' });
		expect(await messageOf(type, { url })).toMatch(/ redirects to another address\. Enter/);
	});
	it.each([
		[403, /answered 403: access is forbidden\. If an access proxy/],
		[503, /answered 503: Proxmox VE or a proxy in front of it cannot answer now/],
	])('names a response %i', async (status, message) => {
		expect(await messageOf(type, { url: await answering(status) })).toMatch(message);
	});

	it.each(['https://127.0.0.1:9', 'https://pve.invalid:8006'])(
		'is green if the first host is down and another one responds: %s',
		async (down) => {
			expect(await test(type, { url: `${down}, ${lab.emulator.url}` })).toMatchObject({
				status: 'OK',
			});
			expect(lab.emulator.requests).toHaveLength(2);
		},
	);
	it('names every host if none responds, and each advice once', async () => {
		const message = await messageOf(type, {
			url: 'https://127.0.0.1:9, https://127.0.0.1:10, https://pve.invalid:8006',
		});
		expect(message).toMatch(
			/^127\.0\.0\.1:9 could .*refused\. 127\.0\.0\.1:10 could .*refused\. pve\.invalid:8006 could/,
		);
		expect(message.match(/Check host and port/g)).toHaveLength(1);
	});
	it('stops at a host that rejects the login, as an execution does', async () => {
		const other = lab.emulator.url.replace('127.0.0.1', 'localhost');
		const wrong = { tokenSecret: '99999999-9999-4999-8999-999999999999', password: 'wrong' };
		const message = await messageOf(type, { ...wrong, url: `${lab.emulator.url}, ${other}` });
		expect(message).toMatch(/^Proxmox VE rejected the (?:token|login)\. Check /);
		expect(lab.emulator.requests).toHaveLength(1);
	});

	it('names a user or token without privileges, and the next step', async () => {
		lab.emulator.state.acl.splice(0);
		const isToken = type === 'proxmoxVeApi';
		const password = lab.emulator.passwords['n8n@pve'] ?? '';
		const [tokenId = '', tokenSecret = ''] =
			Object.entries(lab.emulator.tokens).find(([id]) => !id.startsWith('root@pam')) ?? [];
		const account: ICredentialDataDecryptedObject = isToken
			? { tokenId, tokenSecret }
			: { username: 'n8n@pve', password };
		expect(await messageOf(type, account)).toMatch(
			isToken
				? /^Proxmox VE accepted the token, but it has no privileges\. With Privilege Separation.*→ API Token Permission/
				: /^Proxmox VE accepted the login, but the user has no privileges .*→ User Permission/,
		);
	});
	it.each([
		[{ url: 'http://pve.example.com:8006' }, /unencrypted/],
		[{ ca: '/etc/pve/pve-root-ca.pem' }, /^CA Certificate: /],
		[{ extraHeaders: 'Cookie: x' }, /^Extra Headers: line 1 /],
		[{ tokenId: 'root', username: 'root' }, /^(?:Token ID|User): it must have the form/],
	])('names a wrong field before any request: %j', async (changes, message) => {
		expect(await messageOf(type, changes)).toMatch(message);
		expect(asked()).toEqual([]);
	});
	it('is green with Allowed Domains of other hosts, except for a login', async () => {
		const result = await test(type, {
			allowedHttpRequestDomains: 'domains',
			allowedDomains: 'example.com',
		});
		if (type === 'proxmoxVeApi') expect(result).toMatchObject({ status: 'OK' });
		else expect(result.message).toMatch(/^Allowed Domains: n8n blocks the login/);
	});
});

describe('a request of another node with an API token', () => {
	it('that fails is sent once, and nothing is tested', async () => {
		const { requestWithAuthentication } = lab.engine.requestHelpers(lab.credentials);
		const sign = requestWithAuthentication as unknown as (
			type: string,
			options: object,
		) => Promise<unknown>;
		await expect(sign('proxmoxVeApi', { url: '/nowhere', json: true })).rejects.toThrow();
		expect(asked()).toEqual(['GET /api2/json/nowhere']);
	});
});
