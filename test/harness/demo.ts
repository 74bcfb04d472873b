/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import axios from 'axios';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { describeError } from './describeError';
import { describeProgress } from './describeProgress';
import { createEngine } from './engine';
import { openCluster, type ApiAccess, type Cluster } from './openCluster';
import { readWorkflow } from './readWorkflow';
import type { ExecutionResult, ExportedWorkflow } from './runWorkflow';

const example = 'examples/create-vm.json';
const nodeType = 'n8n-nodes-proxmox-ve.proxmoxVe';

interface Inbox {
	url: string;
	messages: IDataObject[];
	close(): void;
}

/** `npm start`: the example workflow from its trigger to the notification, and what came of it. */
async function main(): Promise<void> {
	const cluster = await openCluster(readAccess());
	const inbox = await openInbox();
	try {
		say(cluster.isEmulated ? `Emulated Proxmox VE API at ${cluster.access.url}` : `Proxmox VE at ${cluster.access.url}`);
		say(`Running ${example} on n8n's engine\n`);
		const workflow = notify(inbox, readWorkflow(resolve(__dirname, '../..', example)));
		const engine = await createEngine();
		const result = await engine.runWorkflow(workflow, {
			credentials: cluster.credentials,
			onProgress: (event) => {
				const line = describeProgress(event);
				if (line) say(line);
			},
		});
		if (result.error) throw new Error(describeError(result.error));
		await show(result, workflow, cluster, inbox);
	} finally {
		inbox.close();
		await cluster.close();
	}
}

async function show(result: ExecutionResult, workflow: ExportedWorkflow, cluster: Cluster, inbox: Inbox): Promise<void> {
	const creator = workflow.nodes.find(({ type }) => type === nodeType);
	const vm = creator && result.runData[creator.name]?.[0]?.data?.main?.[0]?.[0]?.json;
	if (!vm) throw new Error(`${example}: no node of type ${nodeType} put out an item`);
	print(`The item of "${creator.name}"`, vm);
	print(`GET /nodes/${String(vm.node)}/qemu/${String(vm.vmid)}/config`, await readConfig(cluster.access, vm));
	for (const message of inbox.messages) print('The notification, as it was received', message);
}

async function readConfig({ url, tokenId, tokenSecret, ca, insecure }: ApiAccess, vm: IDataObject): Promise<IDataObject> {
	const { data } = await axios.get<{ data: IDataObject }>(
		new URL(`/api2/json/nodes/${String(vm.node)}/qemu/${String(vm.vmid)}/config`, url).href,
		{
			headers: { Authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` },
			httpsAgent: new Agent({ ca, rejectUnauthorized: !insecure }),
		},
	);
	return data.data;
}

/** A stand-in for the chat or ticket system that the example tells of its work. */
async function openInbox(): Promise<Inbox> {
	const messages: IDataObject[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			messages.push(JSON.parse(Buffer.concat(chunks).toString()) as IDataObject);
			response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
		});
	});
	await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
	const { port } = server.address() as AddressInfo;
	return { url: `http://localhost:${port}/`, messages, close: () => server.close() };
}

// Where the example would post to is a placeholder.
function notify({ url }: Inbox, workflow: ExportedWorkflow): ExportedWorkflow {
	const nodes = workflow.nodes.map((node) =>
		node.type === 'n8n-nodes-base.httpRequest' ? { ...node, parameters: { ...node.parameters, url } } : node,
	);
	return { ...workflow, nodes };
}

function readAccess(): ApiAccess | undefined {
	const { PVE_URL: url, PVE_TOKEN_ID: tokenId, PVE_TOKEN_SECRET: tokenSecret, PVE_CA, PVE_INSECURE } = process.env;
	if (!url) return undefined;
	if (!tokenId || !tokenSecret) throw new Error('PVE_URL needs PVE_TOKEN_ID and PVE_TOKEN_SECRET');
	return { url, tokenId, tokenSecret, ca: PVE_CA ? readFileSync(PVE_CA, 'utf8') : undefined, insecure: PVE_INSECURE === '1' };
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
