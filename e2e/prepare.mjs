// Installs what the end-to-end tests need: Node 24, n8n and playwright-core from npm; Chromium, Redis and Postgres by apt-get.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

function run(what, command, args, env = {}) {
	process.stderr.write(`${what} …\n`);
	const begun = Date.now();
	const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, env: { ...process.env, CI: 'true', ...env }, encoding: 'utf8', maxBuffer: 1 << 28 });
	if (status !== 0) throw new Error(`${what}: failed\n${error?.message ?? ''}${(stdout ?? '').slice(-2000)}${(stderr ?? '').slice(-2000)}`);
	process.stderr.write(`  done (${Math.round((Date.now() - begun) / 1000)} s)\n`);
}

function isInstalled(name, version) {
	const file = join(folder, 'node_modules', name, 'package.json');
	return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version;
}

/** n8n under a Node of its own: both come from npm, and the machine's Node stays what it is. */
export function installN8n() {
	const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	const modules = join(folder, 'node_modules');
	if (!Object.entries(dependencies).every(([name, version]) => isInstalled(name, version))) {
		run('Installing Node 24 and n8n (2.8 GB, some minutes)', 'npm', ['install']);
	}
	// Scripts are off in .npmrc: n8n's own would download what is not needed here. These three are.
	if (!existsSync(join(modules, 'node', 'bin', 'node'))) run('Setting up Node 24', 'npm', ['rebuild', 'node', '--ignore-scripts=false']);
	const sqlite = join(modules, 'sqlite3', 'build', 'Release', 'node_sqlite3.node');
	if (!existsSync(sqlite)) run('Building SQLite and isolated-vm', 'npm', ['rebuild', 'sqlite3', 'isolated-vm', '--ignore-scripts=false'], { PATH: `${join(modules, '.bin')}:${process.env.PATH}` });
}

const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Debian packages by what shows that they are there. */
const SYSTEM = {
	chromium: () => process.env.CHROMIUM !== undefined || has('chromium') || has('chromium-browser') || has('google-chrome'),
	'redis-server': () => has('redis-server'),
	postgresql: () => has('initdb') || existsSync('/usr/lib/postgresql'),
};

/** Installs those of the named Debian packages that are missing, where that is allowed. @throws Error naming what to install where it is not */
export function installSystem(names) {
	const missing = [...names].filter((name) => !SYSTEM[name]());
	if (missing.length === 0) return;
	if (process.getuid?.() !== 0 || !has('apt-get')) throw new Error(`Please install: ${missing.join(', ')}`);
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	run('Reading the package lists', 'apt-get', ['update', '-q'], env);
	run(`Installing ${missing.join(', ')}`, 'apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], env);
}
