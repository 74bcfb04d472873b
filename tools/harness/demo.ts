/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a test tool, neither shipped nor scanned */
import axios, { AxiosError } from 'axios';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { IDataObject } from 'n8n-workflow';
import { clusterUrl } from '../../credentials/clusterUrl';
import { chooseTarget, type AskFor, type Target } from './chooseTarget';
import { describeError } from './describeError';
import { describeProgress } from './describeProgress';
import { openCluster, type ApiAccess } from './openCluster';
import { readWorkflow } from './readWorkflow';
import type { ExportedWorkflow } from './runWorkflow';

const example = 'examples/create-vm.json';

const toStdout = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * `npm start`: the example workflow from its trigger to its notification, and what came of it.
 * @throws Error with a text that says what to do
 */
export async function demo(
	environment: Readonly<Record<string, string | undefined>> = process.env,
	say = toStdout,
): Promise<void> {
	const cluster = await openCluster(readAccess(environment));
	try {
		say(
			`${cluster.isEmulated ? 'An emulated Proxmox VE API' : 'Proxmox VE'} at ${cluster.access.url}`,
		);
		const workflow = readWorkflow(resolve(__dirname, '../..', example));
		if (!cluster.isEmulated) {
			const target = await chooseTarget(
				async (path) => (await get(cluster.access, path)) as IDataObject[],
				environment,
				process.stdin.isTTY && process.stdout.isTTY ? askFor : undefined,
			);
			place(workflow, target);
			say(
				`Creates a VM on node ${target.node}: disk on ${target.storage}, network ${target.bridge}. The cloud image (some 400 MB) is downloaded to ${target.imageStorage}, if it is not there.`,
			);
		}
		say(`Running ${example} on n8n's engine\n`);
		// Only now: loading n8n takes seconds.
		const { createEngine } = await import('./engine');
		const engine = await createEngine();
		const { items, error } = await engine.runWorkflow(workflow, {
			credentials: cluster.credentials,
			onProgress: (event) => {
				const line = describeProgress(event);
				if (line) say(line);
			},
		});
		if (error) throw new Error(describeError(error));

		const print = (title: string, value: IDataObject): void =>
			say(`\n${title}:\n${JSON.stringify(value, null, 2)}`);
		const vm = items.flat()[0]?.json;
		if (!vm?.node || !vm.vmid) throw new Error(`${example} did not end with a VM's item`);
		print('The item of the last node', vm);
		const path = `/nodes/${String(vm.node)}/qemu/${String(vm.vmid)}/config`;
		print(`GET ${path}`, (await get(cluster.access, path)) as IDataObject);
		say(cluster.isEmulated ? NEXT : leftBehind(vm));
	} finally {
		await cluster.close();
	}
}

const NEXT = [
	'\nThe emulated cluster ends here: nothing is left.',
	'Next: `npm run n8n` opens n8n with the node and all examples on such a cluster. For your own n8n, see "Install it in n8n" in README.md.',
].join('\n');

const leftBehind = ({ vmid, node }: IDataObject): string =>
	[
		`\nVM ${String(vmid)} now runs on node ${String(node)}. To remove it with its disks, run as root on that node:`,
		`  qm stop ${String(vmid)} && qm destroy ${String(vmid)} --purge`,
		'Its cloud-init ISO (cloud-init-seed-…) and the cloud image stay on their storages. The image is used again for the next VM.',
	].join('\n');

const named = (value: string) => ({ __rl: true, mode: 'name', value });

/** Puts the target into the nodes of this package. */
function place({ nodes }: ExportedWorkflow, target: Target): void {
	for (const { type, parameters } of nodes) {
		if (!type.endsWith('.proxmoxVe')) continue;
		const { node, storage, bridge } = target;
		for (const [name, value] of Object.entries({ node, storage, bridge }))
			if (name in parameters) parameters[name] = named(value);
		const shown = parameters.moreSettings as string[];
		parameters.moreSettings = [...shown, 'imageDownload'];
		parameters.imageDownload = { storage: named(target.imageStorage) };
	}
}

const askFor: AskFor = async (what, choices) => {
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	try {
		toStdout(`\nChoose the ${what}:`);
		for (const [index, choice] of choices.entries()) toStdout(`  ${index + 1}  ${choice}`);
		for (;;) {
			const answer = (await terminal.question(`1 to ${choices.length}: `)).trim();
			const chosen = choices[Number(answer) - 1] ?? choices.find((choice) => choice === answer);
			if (chosen !== undefined) return chosen;
		}
	} finally {
		terminal.close();
	}
};

/** Asks the API itself, past the node. @throws Error that says what to change in the environment */
async function get(
	{ url, tokenId, tokenSecret, ca, insecure }: ApiAccess,
	path: string,
): Promise<unknown> {
	try {
		const { data } = await axios.get<{ data: unknown }>(`${clusterUrl(url)}/api2/json${path}`, {
			headers: { Authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` },
			httpsAgent: new Agent({ ca, rejectUnauthorized: !insecure }),
			timeout: 30_000,
		});
		return data.data;
	} catch (error) {
		throw new Error(`Proxmox VE at ${url}: ${problemOf(error)}`);
	}
}

function problemOf(error: unknown): string {
	if (!(error instanceof AxiosError)) return String(error);
	const code = error.code ?? '';
	if (/CERT|SIGNATURE|SELF_SIGNED|ALTNAME/.test(code))
		return `${code}: the certificate is not trusted. Set PVE_CA to a file with the CA (/etc/pve/pve-root-ca.pem of any node), and use a name in PVE_URL that is in the certificate. PVE_INSECURE=1 turns the check off.`;
	if (error.response?.status === 401)
		return '401: the token is not accepted. Check PVE_TOKEN_ID (user@realm!name) and PVE_TOKEN_SECRET.';
	if (error.response) return `${error.response.status} ${error.response.statusText}`;
	return `${code || error.message}: there is no response. Check PVE_URL.`;
}

function readAccess({
	PVE_URL: url,
	PVE_TOKEN_ID: tokenId,
	PVE_TOKEN_SECRET: tokenSecret,
	PVE_CA,
	PVE_INSECURE,
}: Readonly<Record<string, string | undefined>>): ApiAccess | undefined {
	if (!url) return undefined;
	if (!tokenId || !tokenSecret) throw new Error('PVE_URL needs PVE_TOKEN_ID and PVE_TOKEN_SECRET');
	return {
		url,
		tokenId,
		tokenSecret,
		ca: PVE_CA ? readFileSync(PVE_CA, 'utf8') : undefined,
		insecure: PVE_INSECURE === '1',
	};
}
