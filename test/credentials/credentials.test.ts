/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { clusterUrl } from '../../credentials/clusterUrl';
import { openLab, type Lab } from '../support/lab';

describe('the cluster URL', () => {
	it.each([
		['pve', 'https://pve:8006'],
		[' pve.example.com ', 'https://pve.example.com:8006'],
		['pve:8006', 'https://pve:8006'],
		['pve/api2/json', 'https://pve:8006'],
		['pve:8006/api2/json/', 'https://pve:8006'],
		['192.0.2.10', 'https://192.0.2.10:8006'],
		['[2001:db8::10]:8006', 'https://[2001:db8::10]:8006'],
		['pve:443', 'https://pve'],
		['https://pve:8006/', 'https://pve:8006'],
		['https://pve:8006/api2/json', 'https://pve:8006'],
		['https://pve:8006/api2/extjs/', 'https://pve:8006'],
		['HTTPS://pve:8006/#v1:0:=node%2Fpve:4:5', 'https://pve:8006'],
		['https://proxy.example.com/', 'https://proxy.example.com'],
		['https://proxy.example.com/pve/api2/json', 'https://proxy.example.com/pve'],
		['http://localhost:8006', 'http://localhost:8006'],
		['http://127.0.0.1:8006/', 'http://127.0.0.1:8006'],
		['http://[::1]:8006/', 'http://[::1]:8006'],
	])('%s is %s', (given, url) => expect(clusterUrl(given)).toBe(url));

	it.each([
		['http://pve:8006', 'http would send the secret unencrypted to pve'],
		['http://localhost.example.com', 'unencrypted'],
		['ftp://pve', 'must begin with https://'],
		['https://root:secret@pve:8006', 'must not contain a user or password'],
		['https://root@pve:8006', 'must not contain a user or password'],
		['https://:secret@pve:8006', 'must not contain a user or password'],
		['', 'is not a valid address'],
		['pve example', 'is not a valid address'],
	])('%s is refused', (given, reason) => expect(() => clusterUrl(given)).toThrow(reason));
});

describe('the credential test of n8n', () => {
	let lab: Lab;
	let other: Server;
	beforeAll(async () => {
		lab = await openLab({ http: false });
		other = createServer((request, response) => {
			response
				.writeHead(request.url?.startsWith('/none') ? 404 : 200, { 'content-type': 'text/html' })
				.end('<html>Welcome</html>');
		});
		await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
	});
	afterAll(async () => {
		other.close();
		await lab.close();
	});

	const test = async (changes: object) =>
		await lab.engine.testCredential('proxmoxVeApi', {
			...lab.credentials.proxmoxVeApi,
			...changes,
		});
	const otherUrl = (path: string) =>
		`http://127.0.0.1:${(other.address() as AddressInfo).port}${path}`;

	it('is green for a token that Proxmox takes, with the CA of the cluster', async () => {
		expect(await test({})).toMatchObject({ status: 'OK' });
	});
	it('is green without checking where that is asked for', async () => {
		expect(await test({ ca: '', ignoreSslIssues: true })).toMatchObject({ status: 'OK' });
	});
	it.each([
		[
			'a wrong secret',
			() => ({ tokenSecret: '99999999-9999-4999-8999-999999999999' }),
			/rejected the token/,
		],
		['a malformed token ID', () => ({ tokenId: 'root@pam' }), /user@realm!name/],
		['an unreachable host', () => ({ url: 'https://127.0.0.1:9' }), /ECONNREFUSED/],
		[
			'an untrusted certificate',
			() => ({ ca: '' }),
			/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
		],
		['a host that is no Proxmox', () => ({ url: otherUrl('') }), /not as a Proxmox VE API/],
		['a path where nothing is', () => ({ url: otherUrl('/none') }), /not as a Proxmox VE API/],
		['plain http', () => ({ url: 'http://pve.example.com:8006' }), /unencrypted/],
	])('tells %s', async (_what, changes, message) => {
		const result = await test(changes());
		expect(result).toEqual({ status: 'Error', message: expect.stringMatching(message) as string });
	});
});

describe('the login with a password', () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab();
	});
	afterEach(async () => await lab.close());

	const run = async (changes: object) =>
		await lab.engine.runNode({
			parameters: { resource: 'virtualMachine', operation: 'getAll', authentication: 'password' },
			credentials: {
				proxmoxVePasswordApi: { ...lab.credentials.proxmoxVePasswordApi, ...changes },
			},
		});
	const logins = () =>
		lab.emulator.requests.filter(({ path }) => path.endsWith('/access/ticket')).length;
	const answered = (data: unknown) =>
		lab.emulator.faults.onRequest({
			path: '/access/ticket',
			times: 9,
			effect: {
				status: 200,
				body: JSON.stringify({ data }),
				headers: { 'Content-Type': 'application/json' },
			},
		});

	it('passes over a host that is down', async () => {
		const { error } = await run({ url: `https://127.0.0.1:9, ${lab.emulator.url}` });
		expect(error).toBeUndefined();
		expect(logins()).toBe(1);
	});

	it('asks no other host where one refuses it', async () => {
		const password = 'wrong';
		await run({ password });
		const once = logins();
		const other = lab.emulator.url.replace('127.0.0.1', 'localhost');
		const { error } = await run({ password, url: `${lab.emulator.url}, ${other}` });
		expect(error).toBeDefined();
		expect(logins()).toBe(2 * once);
	});

	it('says that two-factor authentication cannot be used', async () => {
		answered({ ticket: 'PVE:!tfa!x', NeedTFA: 1 });
		expect((await run({})).error?.message).toContain('two-factor authentication');
	});

	it.each([null, {}])('fails where the host answers %j, without a ticket', async (data) => {
		answered(data);
		expect((await run({})).error?.message).toContain('not as a Proxmox VE API');
		expect(lab.emulator.requests.every(({ path }) => path.endsWith('/access/ticket'))).toBe(true);
	});
});
