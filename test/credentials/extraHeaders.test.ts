/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { readExtraHeaders } from '../../credentials/extraHeaders';
import { openLab, type Lab } from '../support/lab';
import { textsIn } from '../reliability/faults/secrets';

describe('the field Extra Headers', () => {
	it.each([
		['', {}],
		[undefined, {}],
		['A: b', { A: 'b' }],
		[
			'CF-Access-Client-Id: 1234.access\nCF-Access-Client-Secret: 5678',
			{ 'CF-Access-Client-Id': '1234.access', 'CF-Access-Client-Secret': '5678' },
		],
		['\r\n  X-One :  a: b \r\n\r\nX-Two:c\r', { 'X-One': 'a: b', 'X-Two': 'c' }],
	])('%j is %j', (extraHeaders, headers) =>
		expect(readExtraHeaders(extraHeaders === undefined ? {} : { extraHeaders })).toEqual(headers),
	);

	it.each([
		['private-value', /^Extra Headers: line 1 must have the form Name: value/],
		['X-One: a\nprivate-value', /^Extra Headers: line 2 must have the form/],
		['X-One:', /line 1 must have the form/],
		[': private-value', /line 1 must have the form/],
		['X One: private-value', /line 1 must have the form/],
		['X-One: private-välue', /line 1 must have the form/],
		['X-One: private-value\u0000', /line 1 must have the form/],
		['X-One: private-value\u2028X-Two: b', /line 1 must have the form/],
		['X-One: a\nx-one: private-value', /line 2 sets a header of an earlier line again/],
	])('%j is refused, and not repeated', (extraHeaders, message) => {
		expect(() => readExtraHeaders({ extraHeaders })).toThrow(message);
		expect(() => readExtraHeaders({ extraHeaders })).not.toThrow(/private/);
	});

	it.each([
		'Authorization',
		'COOKIE',
		'csrfpreventiontoken',
		'Host',
		'Content-Length',
		'content-type',
		'Transfer-Encoding',
		'Connection',
		'Proxy-Authorization',
		'Expect',
		'Upgrade',
		'Accept-Encoding',
	])('%s is refused', (name) =>
		expect(() => readExtraHeaders({ extraHeaders: `${name}: x` })).toThrow(
			`line 1 sets ${name}, which n8n sets itself. Remove this line`,
		),
	);
});

describe('an access proxy in front of the cluster', () => {
	const ID = 'id-of-the-proxy.access';
	const SECRET = 'secret-of-the-proxy';
	const extraHeaders = `CF-Access-Client-Id: ${ID}\nCF-Access-Client-Secret: ${SECRET}`;

	let lab: Lab;
	let proxy: Server;
	/** How many requests had the headers, and how many had not. */
	let [passed, stopped] = [0, 0];
	beforeAll(async () => {
		lab = await openLab();
		const { port } = lab.emulator;
		proxy = createServer((request, response) => {
			const { method, url: path, headers } = request;
			if (headers['cf-access-client-id'] !== ID || headers['cf-access-client-secret'] !== SECRET) {
				stopped++;
				response.writeHead(302, { location: 'https://team.cloudflareaccess.com/login' }).end();
				return;
			}
			passed++;
			request.pipe(
				forward({ port, method, path, headers }, (answer) => {
					response.writeHead(answer.statusCode ?? 500, answer.statusMessage, answer.headers);
					answer.pipe(response);
				}),
			);
		});
		await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
	});
	beforeEach(() => {
		[passed, stopped] = [0, 0];
	});
	afterAll(async () => {
		proxy.close();
		await lab.close();
	});

	const stored = (changes: object = {}) => {
		const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
		return Object.fromEntries(
			Object.entries(lab.credentials).map(([type, data]) => [
				type,
				{ ...data, url, extraHeaders, ...changes },
			]),
		);
	};

	it.each(['proxmoxVeApi', 'proxmoxVePasswordApi'] as const)(
		'lets every request of %s through',
		async (type) => {
			const credentials = stored();
			expect(await lab.engine.testCredential(type, credentials[type] ?? {})).toMatchObject({
				status: 'OK',
			});
			const authentication = type === 'proxmoxVeApi' ? 'apiToken' : 'password';
			const parameters = { resource: 'virtualMachine', operation: 'getAll', authentication };
			const { error } = await lab.engine.runNode({ parameters, credentials });
			expect(error).toBeUndefined();
			await lab.engine.listSearch('searchNodes', { parameters, credentials });
			const { httpRequestWithAuthentication } = lab.engine.requestHelpers(credentials);
			const sign = httpRequestWithAuthentication as unknown as (
				type: string,
				options: object,
			) => Promise<unknown>;
			const headers = { 'cf-access-client-secret': 'of the workflow' };
			expect(await sign(type, { url: '/version', headers })).toHaveProperty('data.version');
			expect({ passed: passed >= 5, stopped }).toEqual({ passed: true, stopped: 0 });
		},
	);

	it('is named by the credential test', async () => {
		const { proxmoxVeApi = {} } = stored({ extraHeaders: '' });
		expect(await lab.engine.testCredential('proxmoxVeApi', proxmoxVeApi)).toMatchObject({
			status: 'Error',
			message: expect.stringContaining(
				'redirects to the login of Cloudflare Access. Enter the two headers of a service token under Extra Headers.',
			) as string,
		});
	});

	it('may repeat the headers in an error: they are masked', async () => {
		lab.emulator.faults.onRequest({
			path: '/cluster/resources',
			effect: { status: 500, phrase: `no ${SECRET} of ${ID}` },
		});
		const { error } = await lab.engine.runNode({
			parameters: { resource: 'virtualMachine', operation: 'getAll' },
			credentials: stored(),
		});
		expect(error?.message).toContain('no ******** of ********');
		expect(textsIn(error).filter((text) => text.includes('of-the-proxy'))).toEqual([]);
	});
});
