import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort, start, until } from './processes.mjs';
import { n8nBin, newFolder, node24, requireHere, root } from './paths.mjs';

export const PACKAGE = 'n8n-nodes-proxmox-ve';
export const OWNER = { email: 'owner@example.com', password: 'Proxmox-VE-1' };

// The hash of a password has salt, and another hash would end the sessions of a restarted n8n.
const hash = requireHere('bcryptjs').hashSync(OWNER.password, 10);

const QUIET = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_DISABLED_MODULES: 'mcp-registry,instance-ai,agents,chat-hub,insights,mcp,quick-connect',
};

const OWNED = {
	N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
	N8N_INSTANCE_OWNER_EMAIL: OWNER.email,
	N8N_INSTANCE_OWNER_FIRST_NAME: 'Olivia',
	N8N_INSTANCE_OWNER_LAST_NAME: 'Owner',
	N8N_INSTANCE_OWNER_PASSWORD_HASH: hash,
};

/** The repository packed as npm publishes it; the tarball's path. */
export function pack() {
	const folder = newFolder('pack');
	execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' });
	const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, stdio: 'pipe' }));
	return join(folder, filename);
}

/** Unpacks the tarball as a package of its own under a folder of packages. */
export function unpack(tarball, packages) {
	const folder = join(packages, PACKAGE);
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['xzf', tarball, '-C', folder, '--strip-components=1']);
	return folder;
}

/** A user folder as n8n has it after the package was installed. */
export function userFolderWith(tarball) {
	const folder = newFolder('user');
	unpack(tarball, join(folder, '.n8n', 'nodes', 'node_modules'));
	return folder;
}

/** Starts n8n and waits until it is ready; `env` adds to its settings. */
export async function startN8n({ name, userFolder, port, env = {} }) {
	const at = port ?? (await freePort());
	const program = start(name, node24, [n8nBin, 'start'], {
		env: { ...QUIET, ...OWNED, ...common(userFolder), N8N_PORT: String(at), N8N_LISTEN_ADDRESS: '127.0.0.1', N8N_RUNNERS_BROKER_PORT: String(await freePort()), N8N_SECURE_COOKIE: 'false', ...env },
	});
	const url = `http://localhost:${at}`;
	const begun = Date.now();
	await ready(program, `http://127.0.0.1:${at}/healthz/readiness`);
	return { program, url, seconds: (Date.now() - begun) / 1000, rest: await signIn(`http://127.0.0.1:${at}`) };
}

/** Starts a worker of queue mode, with a user folder of its own, and waits until it is ready. */
export async function startWorker({ name, userFolder, env }) {
	const port = await freePort();
	const program = start(name, node24, [n8nBin, 'worker', '--concurrency=10'], {
		env: { ...QUIET, ...common(userFolder), N8N_RUNNERS_BROKER_PORT: String(await freePort()), QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(port), ...env },
	});
	await ready(program, `http://127.0.0.1:${port}/healthz/readiness`);
	return program;
}

const common = (userFolder) => ({
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'key-of-the-end-to-end-tests',
	PATH: `${dirname(node24)}:${process.env.PATH}`,
});

const ready = (program, url) =>
	until(`${program.name} ready`, async () => {
		if (!program.isRunning()) return true;
		return (await fetch(url)).ok;
	}, 120).then(() => {
		if (!program.isRunning()) throw new Error(`${program.name} ended at once:\n${program.log().slice(-2000)}`);
	});

/** n8n's own API as the owner, by paths below /rest or, with //, below the root; what it refuses is thrown. */
async function signIn(url) {
	let cookie = '';
	const rest = async (method, path, body) => {
		const response = await fetch(path.startsWith('//') ? `${url}${path.slice(1)}` : `${url}/rest${path}`, {
			method,
			headers: { 'content-type': 'application/json', 'browser-id': 'e2e', cookie },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const cookies = response.headers.getSetCookie();
		if (cookies.length > 0) cookie = cookies.map((text) => text.split(';')[0]).join('; ');
		const answer = await response.json();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message}`);
		return answer.data ?? answer;
	};
	await rest('POST', '/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
	return rest;
}

/** The names of the node or credential types that n8n offers. */
export async function typesOf(rest, kind) {
	return [...new Set((await rest('GET', `//types/${kind}.json`)).map(({ name }) => name))];
}

/** Makes a credential; its ID and name, as nodes refer to it. */
export async function createCredential(rest, data, { type = 'proxmoxVeApi', name = 'Proxmox VE account' } = {}) {
	const { id } = await rest('POST', '/credentials', { name, type, data });
	return { id, name };
}

/** n8n's verdict on a credential, as its editor asks for it. */
export const testCredential = (rest, { id, name }, data, type = 'proxmoxVeApi') =>
	rest('POST', '/credentials/test', { credentials: { id, name, type, data } });
