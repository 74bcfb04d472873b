/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openCluster, type ApiAccess } from './openCluster';
import { describeError } from './describeError';
import { describeProgress } from './describeProgress';
import { readItems, readWorkflow } from './readWorkflow';
import type { ExecutionResult } from './runWorkflow';

const usage = `Runs an exported n8n workflow on n8n's own engine, and prints the items of its last node as JSON.

  npm run --silent workflow -- FILE.json [options]

  --input FILE        items for the trigger: a JSON array of objects, or one object
  --url URL           the Proxmox VE cluster; without it an emulator is started
  --token-id ID       user@realm!name
  --token-secret S    better given as PVE_TOKEN_SECRET in the environment
  --ca FILE           certificate to trust, PEM
  --insecure          trust any certificate
  --verbose           tell on stderr what happens
`;

const options = {
	input: { type: 'string' },
	url: { type: 'string' },
	'token-id': { type: 'string' },
	'token-secret': { type: 'string' },
	ca: { type: 'string' },
	insecure: { type: 'boolean' },
	verbose: { type: 'boolean' },
	help: { type: 'boolean', short: 'h' },
} as const;

type Flags = ReturnType<typeof parse>['values'];

function parse(args: string[]) {
	return parseArgs({ args, options, allowPositionals: true });
}

/**
 * `npm run workflow`.
 * @returns what is printed
 * @throws Error with a text that says what to do
 */
export async function runCommand(args = process.argv.slice(2)): Promise<string> {
	const { values: flags, positionals } = parse(args);
	if (flags.help) return usage;
	const [file, ...others] = positionals;
	if (!file || others.length > 0) throw new Error(usage);

	const { status, items, error } = await run(file, flags);
	if (status !== 'success')
		throw error ? new Error(describeError(error)) : new Error(`The workflow ended as: ${status}`);
	return `${JSON.stringify(
		items.flat().map(({ json }) => json),
		null,
		2,
	)}\n`;
}

async function run(file: string, flags: Flags): Promise<ExecutionResult> {
	const workflow = readWorkflow(file);
	const inputItems = flags.input ? readItems(flags.input) : undefined;
	const cluster = await openCluster(readAccess(flags));
	const stop = new AbortController();
	process.once('SIGINT', () => stop.abort());
	try {
		// Only now: loading n8n takes seconds.
		const { createEngine } = await import('./engine');
		const engine = await createEngine();
		return await engine.runWithWebhooks(workflow, {
			credentials: cluster.credentials,
			inputItems,
			signal: stop.signal,
			onProgress: (event) => {
				const line = flags.verbose && describeProgress(event);
				if (line) process.stderr.write(`${line}\n`);
			},
		});
	} finally {
		await cluster.close();
	}
}

function readAccess(flags: Flags): ApiAccess | undefined {
	if (!flags.url) return undefined;
	const tokenId = flags['token-id'];
	const tokenSecret = flags['token-secret'] ?? process.env.PVE_TOKEN_SECRET;
	if (!tokenId || !tokenSecret)
		throw new Error('--url needs --token-id, and --token-secret or PVE_TOKEN_SECRET');
	return {
		url: flags.url,
		tokenId,
		tokenSecret,
		ca: flags.ca ? readFileSync(flags.ca, 'utf8') : undefined,
		insecure: flags.insecure,
	};
}
