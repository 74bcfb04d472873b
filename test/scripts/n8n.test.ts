/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const root = join(__dirname, '../..');

it('npm run n8n changes nothing if its port is in use, and names another', async () => {
	const requests: string[] = [];
	const server = createServer((socket) => {
		socket.on('data', (data) => void requests.push(data.toString())).on('error', () => undefined);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const child = spawn(process.execPath, ['scripts/n8n.mjs'], {
		cwd: root,
		env: { ...process.env, PORT: String(port) },
	});
	let text = '';
	child.stderr.on('data', (data: Buffer) => (text += data.toString()));
	const [code] = (await once(child, 'close')) as [number];
	server.close();
	expect(code).toBe(1);
	expect(text).toContain(`${port} is in use`);
	expect(text).toContain(`PORT=${port < 65_535 ? port + 1 : port - 1} npm run n8n`);
	expect(text).not.toContain('Installing');
	expect(requests).toEqual([]);
});
