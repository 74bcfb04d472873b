/**
 * A running editor with the node in it: n8n at http://localhost:5678, an emulated cluster, a credential that
 * works, and the workflows of examples/. Runs until it is interrupted; nothing is kept.
 * `PORT=5679 npm run n8n`, or `npm run n8n -- --port 5679`, uses another port.
 */
import { readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, install, root } from './setup.mjs';

/** Whether a program answers on a port of this machine, or holds it. */
async function isInUse(port) {
	const answers = (host) =>
		new Promise((resolve) => {
			const socket = connect({ host, port }, () => resolve(true)).on('error', () => resolve(false));
			socket
				.on('close', () => resolve(false))
				.setTimeout(2000, () => socket.destroy())
				.on('connect', () => socket.destroy());
		});
	const isHeld = new Promise((resolve) => {
		const server = createServer().on('error', () => resolve(true));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
	});
	return (await answers('127.0.0.1')) || (await answers('::1')) || (await isHeld);
}

/** @throws Error if the port cannot be used */
async function readPort() {
	const { values } = parseArgs({
		options: { port: { type: 'string', default: process.env.PORT ?? '5678' } },
	});
	const port = Number(values.port);
	if (!Number.isInteger(port) || port < 1 || port > 65_535)
		throw new Error(`--port must be a number from 1 to 65535, got "${values.port}"`);
	// If it is another n8n, the credential and the workflows would be put there.
	if (await isInUse(port))
		throw new Error(
			`Port ${port} is in use, perhaps by another n8n. Nothing was changed. Use another port: PORT=${port < 65_535 ? port + 1 : port - 1} npm run n8n`,
		);
	return port;
}

try {
	const PORT = await readPort();
	await install();
	const { installN8n } = await import('../e2e/prepare.mjs');
	await installN8n();
	const { createCredential, OWNER, startN8n, testCredential } = await import('../e2e/lib/n8n.mjs');
	const { userFolder } = await import('../e2e/lib/package.mjs');
	const { credentialData, startEmulator } = await import('../e2e/lib/emulator.mjs');
	const { stopAll } = await import('../e2e/lib/processes.mjs');
	const { create, readExample } = await import('../e2e/lib/workflows.mjs');

	const emulator = await startEmulator({ seed: 'demo' });
	process.stderr.write('Starting n8n …\n');
	const { rest } = await startN8n({ name: 'n8n', userFolder: userFolder(), port: PORT });
	const data = credentialData(emulator);
	const credential = await createCredential(rest, data);
	const { status, message } = await testCredential(rest, credential, data);
	if (status !== 'OK') throw new Error(`The credential does not work: ${message}`);
	const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.json'));
	for (const file of examples) await create(rest, readExample(file, credential));

	console.log(`Editor:     http://localhost:${PORT}`);
	console.log(`Sign in:    ${OWNER.email}  ${OWNER.password}`);
	console.log(`Cluster:    ${emulator.url} (the emulator)`);
	console.log(`Credential: ${credential.name}, tested`);
	console.log(`Workflows:  ${examples.length} of examples/`);
	console.log('Stop it with Ctrl+C.');
	for (const signal of ['SIGINT', 'SIGTERM']) {
		process.once(signal, async () => {
			await stopAll();
			await emulator.close();
			process.exit(0);
		});
	}
} catch (error) {
	fail(error);
}
