/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import axios from 'axios';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { resolve } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { clusterUrl } from '../../credentials/clusterUrl';
import { describeError } from './describeError';
import { describeProgress } from './describeProgress';
import { createEngine } from './engine';
import { openCluster, type ApiAccess } from './openCluster';
import { readWorkflow } from './readWorkflow';

const example = 'examples/create-vm.json';

/** `npm start`: the example workflow from its trigger to its notification, and what came of it. */
async function main(): Promise<void> {
	const cluster = await openCluster(readAccess());
	try {
		say(
			`${cluster.isEmulated ? 'An emulated Proxmox VE API' : 'Proxmox VE'} at ${cluster.access.url}`,
		);
		say(`Running ${example} on n8n's engine\n`);
		const engine = await createEngine();
		const { items, error } = await engine.runWorkflow(
			readWorkflow(resolve(__dirname, '../..', example)),
			{
				credentials: cluster.credentials,
				onProgress: (event) => {
					const line = describeProgress(event);
					if (line) say(line);
				},
			},
		);
		if (error) throw new Error(describeError(error));

		const vm = items.flat()[0]?.json;
		if (!vm?.node || !vm.vmid) throw new Error(`${example} did not end with a VM's item`);
		print('The item of the last node', vm);
		const path = `/nodes/${String(vm.node)}/qemu/${String(vm.vmid)}/config`;
		print(`GET ${path}`, await get(cluster.access, path));
	} finally {
		await cluster.close();
	}
}

/** Asks the API itself, past the node. */
async function get(
	{ url, tokenId, tokenSecret, ca, insecure }: ApiAccess,
	path: string,
): Promise<IDataObject> {
	const { data } = await axios.get<{ data: IDataObject }>(`${clusterUrl(url)}/api2/json${path}`, {
		headers: { Authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` },
		httpsAgent: new Agent({ ca, rejectUnauthorized: !insecure }),
	});
	return data.data;
}

function readAccess(): ApiAccess | undefined {
	const {
		PVE_URL: url,
		PVE_TOKEN_ID: tokenId,
		PVE_TOKEN_SECRET: tokenSecret,
		PVE_CA,
		PVE_INSECURE,
	} = process.env;
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

function print(title: string, value: IDataObject): void {
	say(`\n${title}:\n${JSON.stringify(value, null, 2)}`);
}

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

main().catch((error: Error) => {
	process.stderr.write(`\n${describeError(error)}\n`);
	process.exitCode = 1;
});
