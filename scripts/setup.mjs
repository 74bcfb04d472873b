/**
 * Gets a checkout ready to run, with nothing but Node: npm runs no pre and post scripts here
 * (see .npmrc), so every command of package.json that needs it starts with `setUp()`.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs and builds where that is needed, and says so on stderr. Throws if either fails. */
export async function setUp() {
	await install();
	if (isBuilt()) return;
	try {
		await npm('Building the node', ['run', 'build']);
	} catch (error) {
		// Half a build is newer than the sources, and would pass for a whole one next time.
		rmSync(join(root, 'dist'), { recursive: true, force: true });
		throw error;
	}
}

/** Installs what the lock file says where that is needed; enough for what does without the built node. */
export async function install() {
	if (isInstalled()) return;
	const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
	await npm('Installing dependencies (about 1 GB, a minute or two)', args);
	writeFileSync(stamp, lockHash());
}

/** Runs a TypeScript file of this repository in this process; its arguments are this process's own. Returns its exports. */
export async function runTypeScript(file) {
	const require = createRequire(import.meta.url);
	require('./typescript.cjs');
	return require(join(root, file));
}

/** Ends the process with the error's text, without a stack that says nothing to its reader. */
export function fail(error) {
	process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
	process.exit(1);
}

/** Whether the last installation here was of this very lock file, or node_modules holds all that it names. */
function isInstalled() {
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true;
	const wanted = readLock('package-lock.json');
	const installed = readLock('node_modules/.package-lock.json');
	return Object.entries(wanted).every(([path, { version, optional, devOptional, link }]) => {
		if (path === '' || link) return true;
		return installed[path] ? installed[path].version === version : Boolean(optional || devOptional);
	});
}

// npm may leave out packages of the lock file that nothing needs, so what it made of it is remembered.
const stamp = join(root, 'node_modules/.installed-lock');
const lockHash = () =>
	createHash('sha256')
		.update(readFileSync(join(root, 'package-lock.json')))
		.digest('hex');

function readLock(file) {
	const path = join(root, file);
	return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

/** Whether every file package.json promises n8n is there, and none is older than the newest source. */
function isBuilt() {
	const { n8n } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const built = [...n8n.nodes, ...n8n.credentials].map((file) => modified(join(root, file)));
	const sources = ['package.json', 'tsconfig.json', 'nodes', 'credentials', 'icons'].map((file) =>
		newest(join(root, file)),
	);
	return Math.min(...built) >= Math.max(...sources);
}

// A folder's own time counts too: it changes when a file in it is deleted or renamed.
function newest(path) {
	if (!existsSync(path)) return 0;
	if (!statSync(path).isDirectory()) return modified(path);
	return Math.max(modified(path), ...readdirSync(path).map((name) => newest(join(path, name))));
}

function modified(path) {
	return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** Runs npm in the repository's root. */
async function npm(what, args) {
	const [command, ...first] = npmCommand();
	const shell = first.length === 0 && process.platform === 'win32';
	await run(what, command, [...first, ...args, '--loglevel=error'], { shell });
}

/**
 * Runs a program that takes a while: says so on stderr every 15 seconds, and shows its output only if it fails.
 * @param what it does, for the reader
 * @param options cwd (the repository's root unless given), env (added to this process's), shell
 * @throws Error with the program's output, if it fails
 */
export async function run(what, command, args, { cwd = root, env = {}, shell = false } = {}) {
	process.stderr.write(`${what} …\n`);
	const start = Date.now();
	const seconds = () => Math.round((Date.now() - start) / 1000);
	const timer = setInterval(
		() => process.stderr.write(`  still running (${seconds()} s)\n`),
		15_000,
	);
	const output = [];
	const code = await new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd,
			stdio: ['ignore', 'pipe', 'pipe'],
			// For CI: no animated spinners, and output that fits into an error message.
			env: { ...process.env, CI: 'true', ...env },
			shell,
		});
		child.stdout.on('data', (chunk) => output.push(chunk));
		child.stderr.on('data', (chunk) => output.push(chunk));
		child.on('error', reject).on('close', resolve);
	}).finally(() => clearInterval(timer));
	if (code !== 0)
		throw new Error(
			`${Buffer.concat(output)}\n${what}: failed (${command} ${args.join(' ')}, exit code ${code})`,
		);
	process.stderr.write(`  done (${seconds()} s)\n`);
}

// The npm that runs this script, if one does; on Windows `npm` is a batch file, which needs a shell.
function npmCommand() {
	const { npm_execpath: path } = process.env;
	return path?.endsWith('npm-cli.js') ? [process.execPath, path] : ['npm'];
}
