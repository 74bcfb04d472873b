import { dirname } from 'node:path';
import { freePort, start, until } from './processes.mjs';
import { current } from './paths.mjs';

export const OWNER = { email: 'owner@example.com', password: 'Proxmox-VE-1' };

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
	// Of the password above, by bcrypt. Another hash would end the sessions of a restarted n8n.
	N8N_INSTANCE_OWNER_PASSWORD_HASH: '$2a$10$DSdWlCSaVPZrY0htMGP/1uC7GJ/nqMfgfFzsVGGWI064sbzDQ4VpO',
};

/** Starts n8n and waits until it is ready; `env` adds to its settings. */
export async function startN8n({ name, userFolder, port, env = {}, installed = current }) {
	const at = port ?? (await freePort());
	const program = start(name, installed.node, [installed.n8n, 'start'], {
		env: {
			...QUIET,
			...OWNED,
			...common(userFolder, installed),
			N8N_PORT: String(at),
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			N8N_SECURE_COOKIE: 'false',
			...env,
		},
	});
	const url = `http://localhost:${at}`;
	const begun = Date.now();
	await ready(program, `http://127.0.0.1:${at}/healthz/readiness`);
	return {
		program,
		url,
		seconds: (Date.now() - begun) / 1000,
		rest: await signIn(`http://127.0.0.1:${at}`),
	};
}

/** Starts a queue mode worker with its own user folder, and waits until it is ready. */
export async function startWorker({ name, userFolder, env }) {
	const port = await freePort();
	const program = start(name, current.node, [current.n8n, 'worker', '--concurrency=10'], {
		env: {
			...QUIET,
			...common(userFolder, current),
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(port),
			...env,
		},
	});
	await ready(program, `http://127.0.0.1:${port}/healthz/readiness`);
	return program;
}

const common = (userFolder, { node }) => ({
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'key-of-the-end-to-end-tests',
	PATH: `${dirname(node)}:${process.env.PATH}`,
});

const ready = (program, url) =>
	until(
		`${program.name} ready`,
		async () => {
			if (!program.isRunning()) return true;
			return (await fetch(url)).ok;
		},
		120,
	).then(() => {
		if (!program.isRunning())
			throw new Error(`${program.name} ended at once:\n${program.log().slice(-2000)}`);
	});

/** n8n's own API as the owner, by paths below /rest or, with //, below the root; what it refuses is thrown. */
async function signIn(url) {
	let cookie = '';
	const rest = async (method, path, body) => {
		const response = await fetch(
			path.startsWith('//') ? `${url}${path.slice(1)}` : `${url}/rest${path}`,
			{
				method,
				headers: { 'content-type': 'application/json', 'browser-id': 'e2e', cookie },
				body: body === undefined ? undefined : JSON.stringify(body),
			},
		);
		const cookies = response.headers.getSetCookie();
		if (cookies.length > 0) cookie = cookies.map((text) => text.split(';')[0]).join('; ');
		const answer = await response.json();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message}`);
		return answer.data ?? answer;
	};
	// Old versions are ready before their API is, and take no owner from the environment.
	const { userManagement } = await until('the API', () => rest('GET', '/settings'));
	if (userManagement.showSetupOnFirstLoad)
		await rest('POST', '/owner/setup', { ...OWNER, firstName: 'Olivia', lastName: 'Owner' });
	else await rest('POST', '/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
	return rest;
}

const NODES = ['proxmoxVe', 'proxmoxVeTrigger', 'proxmoxVeNotificationTrigger'];
const CREDENTIALS = ['proxmoxVeApi', 'proxmoxVePasswordApi'];

/** The types of ours that n8n offers; all must be there. @param prefix the name that n8n gives the package */
export async function ourTypes(rest, prefix) {
	const namesOf = async (kind) =>
		(await rest('GET', `//types/${kind}.json`)).map(({ name }) => name);
	const nodes = (await namesOf('nodes'))
		.filter((name) => name.startsWith(prefix))
		.map((name) => name.slice(prefix.length));
	const credentials = (await namesOf('credentials')).filter((name) => name.startsWith('proxmoxVe'));
	const missing = [...NODES, ...CREDENTIALS].filter(
		(name) => !nodes.includes(name) && !credentials.includes(name),
	);
	if (missing.length > 0)
		throw new Error(
			`n8n does not offer ${missing.join(', ')}, only ${[...nodes, ...credentials].join(', ')}`,
		);
	return [...new Set([...nodes, ...credentials])].sort();
}

/** Makes a credential; its ID and name, as nodes refer to it. */
export async function createCredential(
	rest,
	data,
	{ type = 'proxmoxVeApi', name = 'Proxmox VE account' } = {},
) {
	const { id } = await rest('POST', '/credentials', { name, type, data });
	return { id, name };
}

/** What n8n says of a token that Proxmox does not take. */
export const REFUSED = /^Proxmox VE rejected the token\./;
/** What n8n says of a certificate that it does not trust. */
export const UNTRUSTED =
	/^The certificate of \S+ is not trusted: (?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)\. Paste the CA of the cluster/;

/** Makes a credential; n8n's verdict on it. */
export const verdictOn = async (rest, data, type) =>
	await testCredential(rest, await createCredential(rest, data, { type }), data, type);

/** n8n's verdict on a credential, as its editor asks for it. */
export const testCredential = (rest, { id, name }, data, type = 'proxmoxVeApi') =>
	rest('POST', '/credentials/test', { credentials: { id, name, type, data } });
