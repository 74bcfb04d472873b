/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, no-console -- a command line tool, neither shipped nor scanned */
// Usage: npm run emulator -- [--port 8006] [--host 127.0.0.1] [--http] [--task-seconds N] [--seed demo|cluster|recorded]
// Runs until it is interrupted. Prints where it listens, a token with all rights and the file with its CA.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmulator } from './index';

const USAGE =
	'Usage: npm run emulator -- [--port 8006] [--host 127.0.0.1] [--http] [--task-seconds N] [--seed demo|cluster|recorded]';

function readNumber(name: string, text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value) || value < 0)
		throw new Error(`--${name} takes a number, not '${text}'`);
	return value;
}

/** Writes the CA where a client can read it; returns the file's path. */
function writeCa(ca: string): string {
	const file = join(mkdtempSync(join(tmpdir(), 'proxmox-ve-emulator-')), 'ca.pem');
	writeFileSync(file, ca);
	return file;
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '8006' },
			host: { type: 'string', default: '127.0.0.1' },
			http: { type: 'boolean', default: false },
			'task-seconds': { type: 'string', default: '1' },
			seed: { type: 'string', default: 'demo' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		console.log(USAGE);
		return;
	}
	const { seed } = values;
	if (seed !== 'demo' && seed !== 'cluster' && seed !== 'recorded')
		throw new Error(`--seed takes demo, cluster or recorded, not '${seed}'`);
	const emulator = await startEmulator({
		seed,
		port: readNumber('port', values.port),
		host: values.host,
		http: values.http,
		taskSeconds: readNumber('task-seconds', values['task-seconds']),
	});
	console.log(`URL:          ${emulator.url}`);
	console.log(`Token ID:     ${emulator.token.tokenId}`);
	console.log(`Token secret: ${emulator.token.secret}`);
	if (emulator.ca !== undefined) console.log(`CA file:      ${writeCa(emulator.ca)}`);
	console.log('Stop it with Ctrl+C.');
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => {
			emulator.close().finally(() => process.exit(0));
		});
	}
}

main().catch((error: unknown) => {
	console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
	process.exitCode = 1;
});
