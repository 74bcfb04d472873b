/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test, neither shipped nor scanned */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from 'n8n-workflow';

import { clusterState, startEmulator } from '../../../tools/emulator';
import type { CloudInit, Emulator } from '../../../tools/emulator';
import { guestOf } from '../../../tools/emulator/guest/guestSystem';
import { askApi } from '../../support/askApi';

const FORMAT = 'ds=nocloud;dsmode=net;s=';
const RESULT = '/run/cloud-init/result.json';
const HOST = '/etc/ssh/ssh_host_ed25519_key.pub';

let emulator: Emulator;
let server: Server;
let origin: string;
/** `GET /seed/meta-data`, and what was posted. */
let requests: Array<{ line: string; body: string; agent?: string }>;
/** By path; else 404. A number of times a status comes first. */
let files: Record<string, string>;
let failures: number[];

beforeEach(async () => {
	requests = [];
	failures = [];
	files = { '/seed/network-config': '', '/seed/meta-data': '', '/seed/vendor-data': '' };
	server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const body = Buffer.concat(chunks).toString();
			const agent = request.headers['user-agent'];
			requests.push({ line: `${request.method} ${request.url}`, body, agent });
			const found = files[request.url ?? ''];
			const status = failures.shift() ?? (found === undefined ? 404 : 200);
			response.writeHead(status).end(status === 200 ? found : '');
		});
	});
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	await emulator.close();
	server.close();
});

const vm = () => {
	const found = emulator.state.vms.get(900);
	if (!found) throw new Error('there is no VM 900');
	return found;
};
const guest = () => guestOf(vm());
const lines = () => requests.map(({ line }) => line);
const resultOf = () => guest().files.get(RESULT)?.toString();

async function open(serial: string, cloudInit: CloudInit = {}): Promise<void> {
	const smbios1 = `base64=1,serial=${Buffer.from(serial).toString('base64')}`;
	const state = clusterState({
		nodes: [{ name: 'pve1' }],
		guests: [{ vmid: 900, node: 'pve1', config: { name: 'vm', agent: '1', smbios1 } }],
	});
	state.boot = () => ({ agentSeconds: 1, cloudInit: { seconds: 1, ...cloudInit } });
	emulator = await startEmulator({ http: true, taskSeconds: 0.001, state });
}

/** Starts the VM, and waits until cloud-init has ended. */
async function boot(): Promise<void> {
	await askApi(emulator, { method: 'POST', path: '/nodes/pve1/qemu/900/status/start' });
	while (resultOf() === undefined) await sleep(2);
}

async function turnOff(): Promise<void> {
	await askApi(emulator, { method: 'POST', path: '/nodes/pve1/qemu/900/status/stop' });
	await emulator.tasks.settled();
	guest().files.delete(RESULT);
}

describe('a guest whose serial number names a web server', () => {
	it('asks for the files in the order of cloud-init 25.1.4, each once', async () => {
		files['/seed/user-data'] = '#cloud-config\nhostname: web-1\n';
		await open(`${FORMAT}${origin}/seed/`);
		await boot();
		expect(lines()).toEqual([
			'GET /seed/network-config',
			'GET /seed/meta-data',
			'GET /seed/user-data',
			'GET /seed/vendor-data',
		]);
		expect(requests[0]?.agent).toBe('Cloud-Init/25.1.4');
		expect(guest().hostname).toBe('web-1');
		expect(resultOf()).toContain(`"DataSourceNoCloudNet [seed=dmi,${origin}/seed/]"`);
		expect(resultOf()).toContain('"errors": []');
	});

	it('asks for no network-config in 22.4.2', async () => {
		files['/seed/user-data'] = '';
		await open(`${FORMAT}${origin}/seed/`, { version: '22.4.2' });
		await boot();
		expect(lines()).toEqual([
			'GET /seed/meta-data',
			'GET /seed/user-data',
			'GET /seed/vendor-data',
		]);
		expect(resultOf()).toContain('[dsmode=net]');
	});

	it('uses the files in 22.4.2 only with dsmode=net', async () => {
		files['/seed/user-data'] = '#cloud-config\nhostname: web-1\n';
		await open(`ds=nocloud;s=${origin}/seed/`, { version: '22.4.2' });
		await boot();
		expect(lines()).toHaveLength(3);
		expect(guest().hostname).toBe('vm');
		expect(resultOf()).toContain('DataSourceNone');
	});

	it.each([
		['25.1.4', '/noslash', '/noslash/meta-data'],
		['22.4.2', '/noslash', '/noslashmeta-data'],
		['25.1.4', '/q?f=', '/q?f=meta-data'],
		['22.4.2', '/q?token=a&file=%s', '/q?token=a&file=meta-data'],
	] as const)('in %s puts the name of the file behind %s', async (version, path, expected) => {
		files = { [expected]: '' };
		await open(`${FORMAT}${origin}${path}`, { version });
		await boot();
		expect(lines()).toContain(`GET ${expected}`);
	});

	it('asks eleven times for what fails, and continues without what it does not need', async () => {
		files = { '/seed/meta-data': '', '/seed/user-data': '' };
		await open(`${FORMAT}${origin}/seed/`);
		await boot();
		const count = (file: string) => lines().filter((line) => line.endsWith(file)).length;
		expect(['network-config', 'meta-data', 'user-data', 'vendor-data'].map(count)).toEqual([
			11, 1, 1, 11,
		]);
		expect(resultOf()).toContain('NoCloudNet');
	});

	it('has no seed without meta-data, and does not ask for user-data then', async () => {
		files = { '/seed/network-config': '', '/seed/user-data': '' };
		await open(`${FORMAT}${origin}/seed/`);
		await boot();
		expect(lines().filter((line) => line.endsWith('user-data'))).toEqual([]);
		expect(resultOf()).toContain('DataSourceNone');
	});

	it('waits for as long as the server answers 503, in new versions', async () => {
		files['/seed/user-data'] = '';
		failures = Array<number>(20).fill(503);
		await open(`${FORMAT}${origin}/seed/`);
		await boot();
		expect(lines().filter((line) => line.endsWith('network-config'))).toHaveLength(21);
		expect(resultOf()).toContain('NoCloudNet');
	});

	it('calls phone_home once, as a form, before it is done', async () => {
		files['/seed/meta-data'] = 'instance-id: iid-42\n';
		files['/seed/user-data'] =
			`#cloud-config\nhostname: web-1\nphone_home:\n  url: "${origin}/wait/7?signature=a%2Bb"\n  post: [instance_id, hostname]\n  tries: 3\n`;
		files['/wait/7?signature=a%2Bb'] = 'ok';
		await open(`${FORMAT}${origin}/seed/`);
		await boot();
		expect(requests.at(-1)).toMatchObject({
			line: 'POST /wait/7?signature=a%2Bb',
			body: 'instance_id=iid-42&hostname=web-1',
		});
		await turnOff();
		await boot();
		expect(lines().filter((line) => line.startsWith('POST'))).toHaveLength(1);
		expect(lines().filter((line) => line.endsWith('user-data'))).toHaveLength(2);
	});

	it('posts its keys too unless configured otherwise, and is degraded after its last try', async () => {
		files['/seed/user-data'] =
			`#cloud-config\n${JSON.stringify({ phone_home: { url: `${origin}/gone`, post: 'all', tries: 3 } })}`;
		await open(`${FORMAT}${origin}/seed/`);
		await boot();
		const posts = requests.filter(({ line }) => line === 'POST /gone');
		expect(posts).toHaveLength(3);
		expect(posts[0]?.body).toMatch(
			/^pub_key_rsa=.+&pub_key_ecdsa=.+&pub_key_ed25519=.+%0A&instance_id=nocloud&hostname=vm&fqdn=vm$/,
		);
		expect(guest().files.get('/run/cloud-init/status.json')?.toString()).toContain(
			`Failed to post phone home data to ${origin}/gone in 3 tries`,
		);
	});

	it('loses its host keys if the server is gone at a later start', async () => {
		files['/seed/user-data'] = '';
		await open(`${FORMAT}${origin}/seed/`);
		await boot();
		const key = guest().files.get(HOST)?.toString();
		await turnOff();
		files = {};
		await boot();
		expect(resultOf()).toContain('DataSourceNone');
		expect(guest().files.get(HOST)?.toString()).not.toBe(key);
	});
});
