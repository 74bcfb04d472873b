/**
 * A running editor with the node in it: n8n at http://localhost:5678, the emulator as its cluster, a credential
 * that works, and the workflows of examples/. Runs until it is interrupted; nothing is kept.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, install, root } from './setup.mjs';

const PORT = Number(process.env.PORT ?? 5678);

try {
	await install();
	const { installN8n } = await import('../e2e/prepare.mjs');
	installN8n();
	const { createCredential, OWNER, startN8n, testCredential } = await import('../e2e/lib/n8n.mjs');
	const { userFolder } = await import('../e2e/lib/package.mjs');
	const { credentialData, startEmulator } = await import('../e2e/lib/emulator.mjs');
	const { stopAll } = await import('../e2e/lib/processes.mjs');
	const { create, readExample } = await import('../e2e/lib/workflows.mjs');

	const emulator = await startEmulator();
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
