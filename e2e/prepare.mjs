// Installs what the end-to-end tests need: Node 24, n8n and playwright-core from npm; Chromium, Redis and Postgres by apt-get.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../scripts/setup.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

function isInstalled(cwd, name, version) {
	const file = join(cwd, 'node_modules', name, 'package.json');
	return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version;
}

/** Installs an n8n with its own Node.js: both come from npm, and the machine's Node.js is not changed. */
async function installIn(cwd, what, natives, env = {}) {
	const { dependencies } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
	const modules = join(cwd, 'node_modules');
	if (!Object.entries(dependencies).every(([name, version]) => isInstalled(cwd, name, version)))
		await run(`Installing ${what}, up to ten minutes`, 'npm', ['install'], { cwd });
	// Scripts are off in .npmrc: n8n's own would download what is not needed here. These are.
	const rebuild = async (label, names, more = {}) =>
		await run(label, 'npm', ['rebuild', ...names, '--ignore-scripts=false'], { cwd, env: more });
	if (!existsSync(join(modules, 'node', 'bin', 'node')))
		await rebuild('Setting up its Node', ['node']);
	const sqlite = join(modules, 'sqlite3', 'build', 'Release', 'node_sqlite3.node');
	if (!existsSync(sqlite))
		await rebuild(`Building ${natives.join(' and ')}, some minutes`, natives, env);
}

/** The n8n that is tested. */
export const installN8n = async () =>
	await installIn(folder, 'Node 24 and n8n (2.8 GB)', ['sqlite3', 'isolated-vm'], {
		PATH: `${join(folder, 'node_modules', '.bin')}:${process.env.PATH}`,
	});
/** The oldest n8n. What it builds runs on any Node, and npm wants a newer one than 18. */
export const installOldest = async () =>
	await installIn(join(folder, 'oldest'), 'Node 18 and n8n 1.85 (1.4 GB)', ['sqlite3']);

const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Debian packages by what shows that they are there. */
const SYSTEM = {
	chromium: () =>
		process.env.CHROMIUM !== undefined ||
		has('chromium') ||
		has('chromium-browser') ||
		has('google-chrome'),
	'redis-server': () => has('redis-server'),
	postgresql: () => has('initdb') || existsSync('/usr/lib/postgresql'),
};

/** Installs those of the named Debian packages that are missing, where that is allowed. @throws Error naming what to install where it is not */
export async function installSystem(names) {
	const missing = [...names].filter((name) => !SYSTEM[name]());
	if (missing.length === 0) return;
	if (process.getuid?.() !== 0 || !has('apt-get'))
		throw new Error(`Please install: ${missing.join(', ')}`);
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	await run('Reading the package lists', 'apt-get', ['update', '-q'], { env });
	await run(
		`Installing ${missing.join(', ')}`,
		'apt-get',
		['install', '-y', '-q', '--no-install-recommends', ...missing],
		{ env },
	);
}
