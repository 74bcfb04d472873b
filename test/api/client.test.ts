import { PveError } from '../../nodes/ProxmoxVe/api/errors';
import { openLab, type Lab } from '../support/lab';

const CREDENTIALS = { apiToken: 'proxmoxVeApi', password: 'proxmoxVePasswordApi' } as const;
const DOWN = 'https://127.0.0.1:9';

let lab: Lab;
beforeAll(async () => {
	lab = await openLab({ http: false });
});
afterAll(async () => await lab.close());

const run = async (authentication: keyof typeof CREDENTIALS, changes: object) => {
	const type = CREDENTIALS[authentication];
	return await lab.engine.runNode({
		parameters: { resource: 'virtualMachine', operation: 'get', authentication, vm: '100' },
		credentials: { [type]: { ...lab.credentials[type], ...changes } },
	});
};

describe.each(['apiToken', 'password'] as const)('several hosts with %s', (authentication) => {
	it('are linked by the one that responded', async () => {
		const { url } = lab.emulator;
		const { items, error } = await run(authentication, { url: `${DOWN}, ${url}` });
		expect(error).toBeUndefined();
		expect(items[0]?.[0]?.json.url).toBe(`${url}/#v1:0:=qemu%2F100:4`);
	});

	it('do not hide a certificate that is not trusted behind a host that is down', async () => {
		const { url } = lab.emulator;
		for (const hosts of [`${DOWN}, ${url}`, `${url}, ${DOWN}`]) {
			const { error } = await run(authentication, { url: hosts, ca: '' });
			expect(error?.message).toMatch(/^The certificate of the Proxmox VE host is not trusted: /);
		}
	});
});

describe('a request without a response', () => {
	it.each([
		['ECONNABORTED', 'timeout of 1000ms exceeded', 'no response in time'],
		['ECONNRESET', 'socket hang up', 'connection reset'],
		['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9', 'connection refused'],
		['CERT_HAS_EXPIRED', 'certificate has expired', 'the certificate has expired'],
		['EPIPE', 'write EPIPE', 'the network failed (EPIPE)'],
	])('is told in the same words wherever it ends: %s', (code, message, words) => {
		expect(new PveError({ code, message, request: 'GET /nodes' }).message).toBe(words);
	});
});
