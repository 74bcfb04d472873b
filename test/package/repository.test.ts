/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test, neither shipped nor scanned */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEngine } from '../../tools/harness/engine';

const root = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Entry {
	readonly version?: string;
	readonly link?: boolean;
	readonly dependencies?: Record<string, string>;
	readonly devDependencies?: Record<string, string>;
	readonly optionalDependencies?: Record<string, string>;
	readonly peerDependencies?: Record<string, string>;
	readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
}
type Lock = Record<string, Entry>;

/** What a package needs, but for what `npm ci` does without: peers that are optional. */
function neededBy({
	dependencies,
	devDependencies,
	optionalDependencies,
	peerDependencies = {},
	peerDependenciesMeta = {},
}: Entry): string[] {
	const peers = Object.keys(peerDependencies).filter(
		(name) => peerDependenciesMeta[name]?.optional !== true,
	);
	return [
		...Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }),
		...peers,
	];
}

/** Where Node finds a package that the one at `path` needs: beside it, or in a folder above. */
function lookUp(lock: Lock, path: string, name: string): string | undefined {
	for (
		let folder = path;
		;
		folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))
	) {
		const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
		if (lock[candidate]) return candidate;
		if (folder === '') return undefined;
	}
}

/** The packages that a lock file lacks, those for other platforms included: `npm ci` refuses it for each. */
const lackedBy = (lock: Lock): string[] =>
	Object.entries(lock).flatMap(([path, entry]) =>
		neededBy(entry)
			.filter((name) => lookUp(lock, path, name) === undefined)
			.map((name) => `${path || 'package.json'} → ${name}`),
	);

describe('the lock file', () => {
	const { packages } = JSON.parse(read('package-lock.json')) as { packages: Lock };
	const manifest = JSON.parse(read('package.json')) as Entry & { name: string };

	it('is of this package.json', () => {
		const { '': locked } = packages;
		for (const part of [
			'dependencies',
			'devDependencies',
			'optionalDependencies',
			'peerDependencies',
		] as const) {
			expect(locked?.[part] ?? {}).toEqual(manifest[part] ?? {});
		}
		for (const [name, version] of Object.entries(manifest.devDependencies ?? {})) {
			if (/^\d/.test(version))
				expect([name, packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
		}
	});
	it('has every package that another one needs, on all platforms', () =>
		expect(lackedBy(packages)).toEqual([]));
	it('is rejected without one of another platform', () => {
		const foreign = Object.keys(packages).find((path) =>
			path.startsWith('node_modules/@swc/core-win32'),
		);
		const others = Object.fromEntries(
			Object.entries(packages).filter(([path]) => path !== foreign),
		);
		expect(foreign).toBeDefined();
		expect(lackedBy(others)).not.toEqual([]);
	});
});

describe('the workflows of GitHub', () => {
	const folder = '.github/workflows';
	const files = readdirSync(join(root, folder)).map(
		(file) => [file, read(`${folder}/${file}`)] as const,
	);
	/** The jobs of a workflow, each as its text. */
	const jobsOf = (text: string): string[] =>
		(text.split(/^jobs:\n/m)[1] ?? '')
			.split(/^(?= {2}[\w-]+:$)/m)
			.filter((job) => /^ {2}[\w-]+:/.test(job));
	const commandsOf = (job: string): string[] =>
		[...job.matchAll(/^\s*(?:- )?run: (.*)$/gm)].map(([, command = '']) => command);

	it.each(files)('%s takes each action by the full hash of a commit', (_file, text) => {
		const used = [...text.matchAll(/^\s*(?:- )?uses:\s*(\S+)/gm)].map(([, action = '']) => action);
		expect(used.length).toBeGreaterThan(0);
		expect(used.filter((action) => !/^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
	});
	it.each(files)('%s installs what the lock file says', (_file, text) => {
		expect(
			commandsOf(text).filter((command) => /\bnpm (?:i|install|add|update)\b/.test(command)),
		).toEqual([]);
	});
	it.each(files)(
		'%s grants permissions per job, and write access only to the one that publishes',
		(_file, text) => {
			const [head = ''] = text.split(/^jobs:\n/m);
			expect(head).toMatch(/^permissions:(?: \{\}|\n {2}contents: read)\n/m);
			expect(text).not.toMatch(/\bwrite-all\b|^\s+(?!id-token)[\w-]+: write\b/m);
		},
	);
	it('what may publish runs nothing but npm publish, on the file of the other job', () => {
		const publishing = files
			.flatMap(([, text]) => jobsOf(text))
			.filter((job) => /id-token: write|NPM_TOKEN/.test(job));
		expect(publishing).toHaveLength(1);
		const [job = ''] = publishing;
		expect(commandsOf(job)).toEqual([
			expect.stringMatching(/^npm publish packed\/\*\.tgz --ignore-scripts --provenance\b/),
		]);
		expect([...job.matchAll(/uses: (\S+)@/g)].map(([, action]) => action)).toEqual([
			'actions/setup-node',
			'actions/download-artifact',
		]);
		expect(job).toMatch(/^ {4}needs: pack$/m);
	});
});

describe('the commands', () => {
	it('npm run n8n takes no port that is in use, and says how to take another', async () => {
		let connections = 0;
		const other = createServer(
			(socket) => void socket.on('error', () => {}).on('data', () => connections++),
		);
		await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
		const { port } = other.address() as AddressInfo;
		const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
			execFile(
				process.execPath,
				[join(root, 'scripts/n8n.mjs'), '--port', String(port)],
				(error, _stdout, stderr) => resolve({ code: error?.code, stderr }),
			);
		});
		other.close();
		expect(ended).toEqual({
			code: 1,
			stderr: expect.stringMatching(
				new RegExp(`^Port ${port} is in use.*PORT=${port + 1} npm run n8n\n$`, 's'),
			) as string,
		});
		expect(connections).toBe(0);
	});
	it('the engine says so if the package is not built', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'not-built-'));
		writeFileSync(
			join(folder, 'package.json'),
			JSON.stringify({ name: 'n8n-nodes-none', n8n: { nodes: ['dist/None.node.js'] } }),
		);
		await expect(createEngine({ packageDir: folder })).rejects.toThrow('run "npm run build" first');
		rmSync(folder, { recursive: true });
	});
});
