import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { out } from './paths.mjs';

const running = new Set();

/** Starts a program whose output goes to `.out/<name>.log`; it ends with this process at the latest. */
export function start(name, command, args, { env = {}, uid, gid, cwd } = {}) {
	const log = join(out, `${name}.log`);
	const file = openSync(log, 'w');
	const child = spawn(command, args, {
		cwd,
		uid,
		gid,
		env: { ...process.env, ...env },
		stdio: ['ignore', file, file],
	});
	const ended = new Promise((resolve) => {
		child.once('exit', resolve);
		child.once('error', resolve);
	});
	const started = {
		name,
		pid: child.pid,
		ended,
		log: () => readFileSync(log, 'utf8'),
		isRunning: () => child.exitCode === null && child.signalCode === null,
		kill: (signal) => child.kill(signal),
	};
	running.add(started);
	void ended.then(() => running.delete(started));
	return started;
}

/** Asks a program to end, and makes it end after 20 seconds. */
export async function stop(program) {
	program.kill('SIGTERM');
	const late = setTimeout(() => program.kill('SIGKILL'), 20_000);
	await program.ended;
	clearTimeout(late);
}

/** Ends everything that `start` began, the newest first. */
export async function stopAll() {
	for (const program of [...running].reverse()) await stop(program);
}

process.once('exit', () => {
	for (const program of running) program.kill('SIGKILL');
});

/** Looks until something is there; what it throws counts as not yet. */
export async function until(what, look, seconds = 60) {
	const end = Date.now() + seconds * 1000;
	let last = '';
	while (Date.now() < end) {
		try {
			const found = await look();
			if (found) return found;
		} catch (error) {
			last = `: ${error.message}`;
		}
		await sleep(100);
	}
	throw new Error(`not within ${seconds} s: ${what}${last}`);
}

/** A port that is free at this moment. */
export const freePort = () =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
