/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { IDataObject } from 'n8n-workflow';

import { addressed } from '../../credentials/connection';
import { serverCertificate } from '../../tools/emulator/certificate';
import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import { openLab, type Lab } from '../support/lab';

// A credential may be used in a workflow by people who may not see its secret: n8n's HTTP Request node and all else
// that takes a "predefined credential type" signs requests by n8n's own helpers, which are used here.

const CREDENTIALS = ['proxmoxVeApi', 'proxmoxVePasswordApi'] as const;
const HELPERS = ['requestWithAuthentication', 'httpRequestWithAuthentication'] as const;
const WAYS = CREDENTIALS.flatMap((credential) => HELPERS.map((helper) => ({ credential, helper })));
type Way = (typeof WAYS)[number];

/** One of n8n's helpers, bound to its context. */
type Signing = (credential: string, options: object) => Promise<IDataObject | string>;

const portOf = (server: Server | HttpServer): number => (server.address() as AddressInfo).port;
const listening = async <Kind extends Server | HttpServer>(server: Kind): Promise<Kind> => {
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
	return server;
};

let lab: Lab;
/** Another host: it counts who connects, whatever is said then. */
let foreign: Server;
let connections = 0;

beforeAll(async () => {
	lab = await openLab({ http: false });
	foreign = await listening(
		createServer((socket) => {
			connections++;
			socket.on('error', () => {});
			socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
		}),
	);
});
beforeEach(() => {
	connections = 0;
	lab.emulator.requests.length = 0;
});
afterAll(async () => {
	foreign.close();
	await lab.close();
});

/** Sends a request with a credential; n8n's error is thrown. */
async function send(
	{ credential, helper }: Way,
	options: object,
	stored: StoredCredentials = lab.credentials,
): Promise<IDataObject | string> {
	const sign = lab.engine.requestHelpers(structuredClone(stored))[helper] as Signing;
	return await sign(credential, { method: 'GET', json: true, ...options });
}

/** The message and those of the errors behind it. */
const wordsOf = (error: unknown): string => {
	const words: string[] = [];
	for (let layer = error; layer instanceof Error; layer = layer.cause) words.push(layer.message);
	return words.join('\n');
};
const refusalOf = async (way: Way, options: object, stored?: StoredCredentials): Promise<string> =>
	await send(way, options, stored).then(() => 'it was sent', wordsOf);

/** What the cluster was asked, but for logins. */
const asked = (): string[] =>
	lab.emulator.requests
		.map(({ method, path }) => `${method} ${path}`)
		.filter((request) => !request.includes('/access/ticket'));

/** CLUSTER and OTHER stand for the hosts and ports, which are known only when the tests run. */
const placed = <Value>(value: Value): Value =>
	JSON.parse(
		JSON.stringify(value)
			.replaceAll('CLUSTER', `127.0.0.1:${lab.emulator.port}`)
			.replaceAll('OTHER', `127.0.0.1:${portOf(foreign)}`),
	) as Value;

const ELSEWHERE = [
	'https://OTHER/api2/json/version',
	'http://OTHER/api2/json/version',
	'HTTPS://OTHER/api2/json/version',
	' https://OTHER/api2/json/version',
	'\u0001https://OTHER/api2/json/version',
	'ht\ttps://OTHER/api2/json/version',
	'https:\n//OTHER/api2/json/version',
	'//OTHER/api2/json/version',
	'\t//OTHER/api2/json/version',
	'\\\\OTHER/api2/json/version',
	'/\\OTHER/api2/json/version',
	'https:\\\\OTHER\\api2\\json\\version',
	'https:/OTHER/api2/json/version',
	'https:OTHER/api2/json/version',
	'http:OTHER/api2/json/version',
	'https://CLUSTER@OTHER/api2/json/version',
	'https://CLUSTER%40OTHER/api2/json/version',
	'https://CLUSTER\\@OTHER/api2/json/version',
	'https://CLUSTER.example.invalid/api2/json/version',
	'https://OTHER#@CLUSTER/api2/json/version',
	'https://OTHER?https://CLUSTER/api2/json/version',
	'https://root:x@CLUSTER/api2/json/version',
	'https://root@CLUSTER/api2/json/version',
	'https://:x@CLUSTER/api2/json/version',
	'https://localhost/api2/json/version',
	'http://CLUSTER/api2/json/version',
	'https://CLUSTER',
	'https://CLUSTER/',
	'https://CLUSTER/api2',
	'https://CLUSTER/api2json/version',
	'https://CLUSTER/other/api2/json/version',
	'https://CLUSTER/api2/../other',
	'https://CLUSTER/api2/json/../../other',
	'https://CLUSTER/api2/json/%2e%2e/%2E./other',
	'https://CLUSTER/api2/json/..%2f..%2fother',
	'https://CLUSTER/api2/json/%2e%2e%2f%2e%2e%2fother',
	'https://CLUSTER/api2/json/%252e%252e%252fother',
	'https://CLUSTER/api2/json/..\\..\\other',
	'https://CLUSTER/api2/json/..%5cother',
	'https://CLUSTER/api2/json/..;/other',
	'https://CLUSTER/api2/json/.\t./../other',
	'blob:https://CLUSTER/api2/json/version',
	'data:application/json,{}',
	'file:///etc/hostname',
	'ftp://OTHER/api2/json/version',
];

describe('a secret goes to the API of its cluster and nowhere else', () => {
	describe.each(WAYS)('$credential by $helper', (way) => {
		it.each(ELSEWHERE)('%j is refused', async (url) => {
			const target = placed(url);
			const options =
				way.helper === 'requestWithAuthentication'
					? [{ uri: target }, { url: target }]
					: [{ url: target }];
			for (const option of options)
				expect(await refusalOf(way, option)).toMatch(
					/This credential is only for the API of its Proxmox VE cluster/,
				);
			expect(
				await refusalOf(way, { url: target, baseURL: `${lab.emulator.url}/api2/json` }),
			).toMatch(/This credential is only for/);
			expect({ connections, asked: asked() }).toEqual({ connections: 0, asked: [] });
		});

		it.each([
			['https://CLUSTER/api2/json/version', '/api2/json/version'],
			['HTTPS://CLUSTER/api2/json/version', '/api2/json/version'],
			['https://CLUSTER/api2/json/version#part', '/api2/json/version'],
			[
				'https://CLUSTER/api2/json/cluster/resources?type=vm',
				'/api2/json/cluster/resources?type=vm',
			],
			[
				'https://CLUSTER/api2/json/nodes/pve1/storage/local/content?content=iso',
				'/api2/json/nodes/pve1/storage/local/content?content=iso',
			],
		])('%s is sent', async (url, path) => {
			const target = placed(url);
			expect(
				await send(
					way,
					way.helper === 'requestWithAuthentication' ? { uri: target } : { url: target },
				),
			).toHaveProperty('data');
			expect(asked()).toEqual([`GET ${path}`]);
		});

		it('a relative URL is one of the API', async () => {
			expect(await send(way, { url: '/version' })).toHaveProperty('data.version');
			expect(
				await send(way, { url: 'version', baseURL: `${lab.emulator.url}/api2/json/` }),
			).toHaveProperty('data.version');
			expect(asked()).toEqual(['GET /api2/json/version', 'GET /api2/json/version']);
		});
		it('a base URL elsewhere is refused', async () => {
			for (const baseURL of placed([
				'https://OTHER',
				'https://OTHER/api2/json',
				'//OTHER/api2/json',
				'https://CLUSTER/other',
				'https://CLUSTER/api2/json/..',
			])) {
				expect(await refusalOf(way, { url: '/version', baseURL })).toMatch(/only for the API/);
			}
			expect({ connections, asked: asked() }).toEqual({ connections: 0, asked: [] });
		});
		it('a host in another option is left out or refused', async () => {
			const port = portOf(foreign);
			const uri = `${lab.emulator.url}/api2/json/version`;
			for (const proxy of [
				`http://127.0.0.1:${port}`,
				{ protocol: 'http', host: '127.0.0.1', port },
			]) {
				expect(await refusalOf(way, { url: uri, proxy })).toMatch(/^(.|\n)*Proxy: /);
			}
			for (const name of ['Host', 'host', 'HOST']) {
				expect(
					await refusalOf(way, { url: uri, headers: { [name]: 'other.example.com' } }),
				).toMatch(/Header Host/);
			}
			expect(asked()).toEqual([]);
			const answer = await send(way, {
				url: uri,
				uri: `https://127.0.0.1:${port}/`,
				agentOptions: { host: '127.0.0.1', port, path: '/tmp/none' },
			});
			expect(answer).toHaveProperty('data.version');
			expect(connections).toBe(0);
		});
		it('a method that is answered with the own headers is refused', async () => {
			for (const method of ['TRACE', 'trace', 'TRACK', 'CONNECT'])
				expect(await refusalOf(way, { url: '/version', method })).toMatch(/Method: /);
		});
		it('only the credential says what is trusted', async () => {
			const { ca } = await serverCertificate();
			const untrusting = {
				...lab.credentials,
				[way.credential]: { ...lab.credentials[way.credential], ca: '' },
			};
			const trustIt = {
				rejectUnauthorized: false,
				skipSslCertificateValidation: true,
				agentOptions: { ca, rejectUnauthorized: false },
			};
			expect(await refusalOf(way, { url: '/version', ...trustIt }, untrusting)).toMatch(
				/SELF_SIGNED|self-signed|UNABLE_TO|unable to/,
			);
			expect(asked()).toEqual([]);
			// And what it trusts, is: HTTP Request says so itself, unless its own option is on.
			expect(await send(way, { url: '/version', rejectUnauthorized: true })).toHaveProperty(
				'data.version',
			);
			const careless = {
				...untrusting,
				[way.credential]: { ...untrusting[way.credential], ignoreSslIssues: true },
			};
			expect(
				await send(way, { url: '/version', rejectUnauthorized: true }, careless),
			).toHaveProperty('data.version');
		});
		it('the request cannot bring another signature', async () => {
			const other =
				way.credential === 'proxmoxVeApi'
					? { authorization: 'PVEAPIToken=no@pve!no=no' }
					: { cookie: 'PVEAuthCookie=no', csrfpreventiontoken: 'no' };
			const headers = { ...other, 'x-own': 'kept' };
			expect(
				await send(way, {
					url: '/version',
					headers,
					auth: { user: 'no', username: 'no', pass: 'no', password: 'no' },
				}),
			).toHaveProperty('data.version');
		});
	});

	it.each(WAYS)('a redirect is not followed ($credential by $helper)', async (way) => {
		const seen: string[] = [];
		const redirecting = await listening(
			createHttpServer((request, response) => {
				seen.push(`${request.method} ${request.url}`);
				if (request.url === '/api2/json/access/ticket')
					return void response.end('{"data":{"ticket":"PVE:x","CSRFPreventionToken":"y"}}');
				response
					.writeHead(307, { location: `http://127.0.0.1:${portOf(foreign)}/api2/json/version` })
					.end();
			}),
		);
		const url = `http://127.0.0.1:${portOf(redirecting)}`;
		const stored = {
			...lab.credentials,
			[way.credential]: { ...lab.credentials[way.credential], url },
		};
		const follow = {
			followRedirect: true,
			followAllRedirects: true,
			maxRedirects: 21,
			disableFollowRedirect: false,
		};
		for (const method of ['GET', 'POST', 'HEAD']) {
			await send(
				way,
				{
					url: `${url}/api2/json/version`,
					method,
					simple: false,
					ignoreHttpStatusErrors: true,
					...follow,
				},
				stored,
			).catch(() => {});
		}
		redirecting.close();
		expect(seen).toEqual(
			expect.arrayContaining([
				'GET /api2/json/version',
				'POST /api2/json/version',
				'HEAD /api2/json/version',
			]),
		);
		expect(connections).toBe(0);
	});

	it('behind a proxy with a path, only what is below that path', async () => {
		const cluster = {
			...lab.credentials,
			proxmoxVeApi: { ...lab.credentials.proxmoxVeApi, url: `${lab.emulator.url}/pve/` },
		};
		const way: Way = { credential: 'proxmoxVeApi', helper: 'requestWithAuthentication' };
		for (const path of [
			'/api2/json/version',
			'/pve/../api2/json/version',
			'/pve/%2e%2e/api2/json/version',
			'/pve/..%2fapi2/json/version',
			'/pve2/api2/json/version',
		]) {
			expect(await refusalOf(way, { uri: `${lab.emulator.url}${path}` }, cluster)).toMatch(
				/only for the API .*\/pve\/api2\//,
			);
		}
		expect(asked()).toEqual([]);
		await refusalOf(way, { uri: `${lab.emulator.url}/pve/api2/json/version` }, cluster);
		await refusalOf(way, { url: '/version' }, cluster);
		expect(asked()).toEqual(['GET /pve/api2/json/version', 'GET /pve/api2/json/version']);
	});
	it('each of several hosts of the cluster may be named', async () => {
		const several = {
			...lab.credentials,
			proxmoxVeApi: {
				...lab.credentials.proxmoxVeApi,
				url: `https://pve9.invalid:8006, ${lab.emulator.url}`,
			},
		};
		const way: Way = { credential: 'proxmoxVeApi', helper: 'requestWithAuthentication' };
		expect(
			await send(way, { uri: `${lab.emulator.url}/api2/json/version` }, several),
		).toHaveProperty('data.version');
	});
	it.each([{ resource: '__CUSTOM_API_CALL__' }, { operation: '__CUSTOM_API_CALL__' }])(
		'Custom API Call points to HTTP Request: %j',
		async (parameters) => {
			expect((await lab.run(parameters)).error?.message).toMatch(
				/HTTP Request node: choose Authentication → Predefined Credential Type/,
			);
		},
	);
});

it('a client certificate of the workflow is sent, and no other trust or host', () => {
	const certificate = { cert: 'cert', key: 'key', pfx: 'pfx', passphrase: 'secret' };
	const agentOptions = { ...certificate, ca: 'other', host: '127.0.0.1', servername: 'other' };
	const stored = { url: 'https://pve', ca: '' };
	expect(addressed(stored, { url: '/version', agentOptions } as never).agentOptions).toEqual(
		certificate,
	);
	expect(addressed(stored, { url: '/version' }).agentOptions).toBeUndefined();
});
