import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { newFolder } from './paths.mjs';
import { freePort, start, until } from './processes.mjs';

const answers = (port) =>
	new Promise((resolve, reject) => {
		const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy()));
		socket.once('error', reject);
	}).then(() => true);

/** Starts Redis on a free port; n8n's settings for it. */
export async function startRedis() {
	const port = await freePort();
	start('redis', 'redis-server', [
		'--port',
		String(port),
		'--bind',
		'127.0.0.1',
		'--save',
		'',
		'--appendonly',
		'no',
		'--dir',
		newFolder('redis'),
	]);
	await until('Redis', () => answers(port));
	return { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(port) };
}

/** Starts Postgres with an empty database on a free port; n8n's settings for it. */
export async function startPostgres() {
	const bin = postgresBin();
	const folder = newFolder('postgres');
	const port = await freePort();
	// Postgres refuses to run as root.
	const as = process.getuid() === 0 ? idsOf('postgres') : {};
	if (as.uid !== undefined) chownSync(folder, as.uid, as.gid);
	execFileSync(
		join(bin, 'initdb'),
		['-D', folder, '-A', 'trust', '-U', 'n8n', '-E', 'UTF8', '--no-sync'],
		{ ...as, cwd: folder, stdio: 'pipe' },
	);
	start(
		'postgres',
		join(bin, 'postgres'),
		['-D', folder, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'fsync=off'],
		{ ...as, cwd: folder },
	);
	await until('Postgres', () =>
		execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], {
			stdio: 'pipe',
		}),
	);
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(port),
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
		DB_POSTGRESDB_PASSWORD: 'n8n',
	};
}

/** Debian keeps the programs of a Postgres server off the PATH. */
export function postgresBin() {
	const debian = '/usr/lib/postgresql';
	if (existsSync(debian)) {
		const newest = readdirSync(debian).sort((a, b) => Number(b) - Number(a))[0];
		if (newest !== undefined && existsSync(join(debian, newest, 'bin', 'initdb')))
			return join(debian, newest, 'bin');
	}
	return '';
}

const idsOf = (user) => ({
	uid: Number(execFileSync('id', ['-u', user])),
	gid: Number(execFileSync('id', ['-g', user])),
});
