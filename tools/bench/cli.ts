/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

import { compare, type Plan, type Result } from './compare';
import type { Lab } from './contenders';
import type { EmulatorService } from './emulatorProcess';
import { growth } from './growth';
import { ownCost } from './ownCost';
import { packageCost } from './packageCost';
import { typeDefinition } from './typeDefinition';
import { startRemote } from '../harness/remote';
import { report, type Tests } from './report';

const USAGE = `Measures calls, lateness, time, growth and own cost beside other tools, and writes docs/performance.md.

  npm run bench [-- options]

  --quick       about two minutes instead of twelve; prints the report instead of writing it
  --longest S   a run that would take more seconds is computed (40, with --quick 20)
  --out FILE    where the report goes
`;

const LATENCY_MS = 20;

/** What is measured is the code that ships. */
const { ProxmoxVe }: typeof import('../../nodes/ProxmoxVe/ProxmoxVe.node') = createRequire(
	__filename,
)('../../dist/nodes/ProxmoxVe/ProxmoxVe.node.js');

function readPlan(isQuick: boolean, longest: string | undefined): Plan {
	const longestSeconds = longest === undefined ? (isQuick ? 20 : 40) : Number(longest);
	if (!(longestSeconds > 0)) throw new Error(USAGE);
	const common = { latencyMs: LATENCY_MS, longestSeconds };
	return isQuick
		? { ...common, lengths: [0.2, 3], counts: [1, 10, 100], aloneFrom: Infinity }
		: { ...common, lengths: [0.2, 3, 30], counts: [1, 10, 100, 1000], aloneFrom: 100 };
}

function machine(): string {
	const all = cpus();
	return `${all.length} cores of ${all[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node.js ${process.version}`;
}

/** `npm test` in this checkout, which is installed and built. */
async function timeTests(): Promise<Tests> {
	const start = Date.now();
	const { stdout } = await promisify(execFile)(
		process.execPath,
		[resolve(__dirname, '../../scripts/test.mjs'), '--silent'],
		{ maxBuffer: 2 ** 28 },
		// The last line says how many failed.
	).catch((error: { stdout: string }) => error);
	return { ms: Date.now() - start, result: stdout.trim().split('\n').pop() ?? '' };
}

function tell({ name, taskSeconds, count, wallMs, measured }: Result): void {
	const details = measured
		? `${measured.callsPerVm.toFixed(2)} calls a VM, late by ${Math.round(measured.lateMs)} ms`
		: 'computed';
	process.stderr.write(
		`${taskSeconds} s, ${count} VMs, ${name}: ${(wallMs / 1000).toFixed(1)} s, ${details}\n`,
	);
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			quick: { type: 'boolean', default: false },
			longest: { type: 'string' },
			out: { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return void process.stdout.write(USAGE);
	const plan = readPlan(values.quick, values.longest);
	const begun = Date.now();

	const folder = mkdtempSync(join(tmpdir(), 'bench-'));
	const emulator = startRemote<EmulatorService>(resolve(__dirname, 'emulatorProcess.ts'));
	try {
		const { ca, url } = await emulator.ask('open', { taskSeconds: 1, latencyMs: LATENCY_MS });
		await emulator.ask('close', url);
		const lab: Lab = { emulator, caFile: join(folder, 'ca.pem') };
		writeFileSync(lab.caFile, ca);

		const cost = await packageCost(values.quick ? 5 : 15);
		const types = typeDefinition(new ProxmoxVe().description);
		const start = Date.now();
		await promisify(execFile)(process.execPath, [resolve(__dirname, '../../scripts/start.mjs')]);
		const startMs = Date.now() - start;
		const own = await ownCost(lab, values.quick ? 2_000 : 10_000, LATENCY_MS);
		const results = await compare(lab, plan, tell);
		const grown = await growth(lab, values.quick);
		const tests = values.quick ? undefined : await timeTests();
		const text = report({
			machine: machine(),
			date: new Date().toISOString().slice(0, 10),
			command: `npm run bench${values.quick ? ' -- --quick' : ''}`,
			plan,
			results,
			own,
			package: cost,
			types,
			startMs,
			growth: grown,
			tests,
		});
		process.stdout.write(text);
		const out =
			values.out ?? (values.quick ? undefined : resolve(__dirname, '../../docs/performance.md'));
		if (out !== undefined) writeFileSync(out, text);
		process.stderr.write(
			`\n${Math.round((Date.now() - begun) / 1000)} s${out === undefined ? '' : `, written to ${out}`}\n`,
		);
	} finally {
		emulator.end();
		rmSync(folder, { recursive: true });
	}
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
