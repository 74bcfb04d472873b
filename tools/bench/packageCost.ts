/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { INodeType } from 'n8n-workflow';

/** What the package costs before anyone uses it. */
export interface PackageCost {
	/** From n8n-workflow being loaded to the package being loaded, in milliseconds: the median of new processes. */
	readonly loadMs: number;
	/** The same as a part of what loading n8n-workflow takes in the same process: the median, so that machines can be compared. */
	readonly loadPart: number;
	readonly loadedFiles: number;
	readonly unpackedBytes: number;
	/** The description of its nodes, which the editor downloads. */
	readonly descriptionBytes: number;
	readonly gzippedBytes: number;
}

const root = resolve(__dirname, '../..');
const requirePackage = createRequire(resolve(root, 'package.json'));
const run = promisify(execFile);

/** Loads the package as n8n does, and prints how long that took and how many files it was. */
const LOAD = `
	const { nodes, credentials } = require('./package.json').n8n;
	const time = (load) => {
		const startedAt = process.hrtime.bigint();
		load();
		return Number(process.hrtime.bigint() - startedAt) / 1e6;
	};
	const workflow = time(() => require('n8n-workflow'));
	const took = time(() => { for (const file of [...nodes, ...credentials]) require('./' + file); });
	const dist = require('node:path').resolve('dist');
	console.log(JSON.stringify({ took, part: took / workflow, files: Object.keys(require.cache).filter((file) => file.startsWith(dist)).length }));
`;

interface Manifest {
	readonly n8n: { readonly nodes: readonly string[] };
}

const median = (values: readonly number[]): number =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** @param loads how many processes load the package, one after the other */
export async function packageCost(loads: number): Promise<PackageCost> {
	const took: number[] = [];
	const parts: number[] = [];
	let loadedFiles = 0;
	for (let load = 0; load < loads; load++) {
		const { stdout } = await run(process.execPath, ['-e', LOAD], { cwd: root });
		const loaded = JSON.parse(stdout) as { took: number; part: number; files: number };
		took.push(loaded.took);
		parts.push(loaded.part);
		loadedFiles = loaded.files;
	}
	const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
		cwd: root,
		shell: process.platform === 'win32',
	});
	const [packed] = JSON.parse(stdout) as Array<{ unpackedSize: number }>;

	const manifest: Manifest = requirePackage('./package.json');
	const descriptions = manifest.n8n.nodes.map((file) => {
		const classes: Record<string, new () => INodeType> = requirePackage(`./${file}`);
		const Type = classes[basename(file, '.node.js')];
		return Type && new Type().description;
	});
	const json = JSON.stringify(descriptions);

	return {
		loadMs: median(took),
		loadPart: median(parts),
		loadedFiles,
		unpackedBytes: packed?.unpackedSize ?? 0,
		descriptionBytes: Buffer.byteLength(json),
		gzippedBytes: gzipSync(json).length,
	};
}
