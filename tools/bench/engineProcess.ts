/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { resolve } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { StoredCredentials } from '../harness/createCredentialsHelper';
import { listSearch } from '../harness/listSearch';
import { loadNodeTypes } from '../harness/loadNodeTypes';
import { runNode } from '../harness/runNode';
import { runWorkflow, type ExecutionResult } from '../harness/runWorkflow';
import type { Access } from './emulatorProcess';
import { httpWorkflow, withWait } from './httpWorkflow';
import { item40, PARAMETERS } from './item40';
import { ownShare } from './ownShare';
import { serve } from '../harness/remote';
import { vmParameters } from './vm';

/** What a run took of this process. */
export interface Spent {
	/** When its items were out, in milliseconds since 1970. */
	readonly outAt: number;
	readonly wallMs: number;
	/** User and system time of the whole process: n8n's engine, TLS and the node. */
	readonly cpuMs: number;
	/** Memory of the whole process after it, in MB. */
	readonly residentMb: number;
}

/** What a large run without requests took. */
export interface Large {
	readonly cpuMsPerItem: number;
	/** Of it, in the package's own files. */
	readonly ownMsPerItem: number;
	/** Heap that is still in use when the items are gone, in MB more than before. */
	readonly keptMb: number;
}

/** How long n8n's process did nothing but this node's work. */
export interface Stall {
	/** The longest stretch in which nothing else got a turn, in milliseconds. */
	readonly longestMs: number;
	/** The same while the process had nothing to do. */
	readonly idleMs: number;
	/** Heap that was in use at the end, with the items that came out, in MB. */
	readonly heapMb: number;
}

/** A run of the node. */
export interface NodeRun {
	readonly access: Access;
	readonly parameters: INodeParameters;
	readonly items: IDataObject[];
}

const root = resolve(__dirname, '../..');
const dist = resolve(root, 'dist');
/** What is measured is the code that ships. */
const requireBuilt = createRequire(resolve(dist, 'nodes/ProxmoxVe/ProxmoxVe.node.js'));
const types = loadNodeTypes(root).then(withWait);

const credentialsFor = ({ url, ca, tokenId, tokenSecret }: Access): StoredCredentials => ({
	proxmoxVeApi: { url, ca, tokenId, tokenSecret, ignoreSslIssues: false },
});

async function measured(count: number, run: () => Promise<ExecutionResult>): Promise<Spent> {
	await types;
	globalThis.gc?.();
	const [cpu, begun] = [process.cpuUsage(), Date.now()];
	const { items, error } = await run();
	const outAt = Date.now();
	const { user, system } = process.cpuUsage(cpu);
	if (error) throw error;
	if (items.flat().length !== count)
		throw new Error(`${items.flat().length} items came out instead of ${count}`);
	return {
		outAt,
		wallMs: outAt - begun,
		cpuMs: (user + system) / 1000,
		residentMb: process.memoryUsage.rss() / 2 ** 20,
	};
}

const runOn = async (
	parameters: INodeParameters,
	count: number,
	credentials: StoredCredentials,
): Promise<ExecutionResult> =>
	await runNode(await types, {
		parameters,
		credentials,
		items: Array.from({ length: count }, () => ({})),
	});

/** The longest stretch in which the process did nothing else, in milliseconds. */
async function longestStretch(work: () => Promise<unknown>): Promise<number> {
	const delays = monitorEventLoopDelay({ resolution: 1 });
	delays.enable();
	await work();
	delays.disable();
	return delays.max / 1e6;
}

async function heapMb(): Promise<number> {
	// The last frames of what went before still hold some of it.
	await setImmediate();
	globalThis.gc?.();
	return process.memoryUsage().heapUsed / 2 ** 20;
}

const nowhere: StoredCredentials = {
	proxmoxVeApi: { url: 'https://localhost', tokenId: 'root@pam!bench', tokenSecret: 'x' },
};

const service = {
	/** Resolves when n8n's engine is loaded. */
	async ready(): Promise<void> {
		await types;
	},
	/** This node: so many items, one run. */
	async create({ access, count }: { access: Access; count: number }): Promise<Spent> {
		return await measured(
			count,
			async () => await runOn(vmParameters, count, credentialsFor(access)),
		);
	},
	/** HTTP Request, Wait and IF: one VM. */
	async workflow({ access }: { access: Access }): Promise<Spent> {
		return await measured(1, async () => await runWorkflow(await types, httpWorkflow(access)));
	},
	/** This node with any parameters. @returns milliseconds */
	async run({ access, parameters, items }: NodeRun): Promise<number> {
		await types;
		const startedAt = Date.now();
		const { error } = await runNode(await types, {
			parameters,
			credentials: credentialsFor(access),
			items,
		});
		if (error) throw error;
		return Date.now() - startedAt;
	},
	/** The first page of the list of VMs in the editor. @returns milliseconds, and how many it shows */
	async firstPage(access: Access): Promise<{ ms: number; shown: number }> {
		await types;
		const startedAt = Date.now();
		const { results } = await listSearch(await types, 'searchVirtualMachines', {
			credentials: credentialsFor(access),
		});
		return { ms: Date.now() - startedAt, shown: results.length };
	},
	/** So many items of 40 parameters with Preview, after some that load the code. */
	async stalls(count: number): Promise<Stall> {
		await measured(100, async () => await runOn(item40, 100, nowhere));
		await heapMb();
		const idleMs = await longestStretch(async () => await setTimeout(500));
		const longestMs = await longestStretch(
			async () => await measured(count, async () => await runOn(item40, count, nowhere)),
		);
		return { longestMs, idleMs, heapMb: await heapMb() };
	},
	/** CPU of the package's own files for each VM that is made, in milliseconds. */
	async ownOfCreate({ access, count }: { access: Access; count: number }): Promise<number> {
		await types;
		return (
			(await ownShare(dist, async () => await runOn(vmParameters, count, credentialsFor(access)))) /
			count
		);
	},
	/** Reading and encoding alone, from a plain object instead of n8n's parameters: CPU an item, in milliseconds. */
	async readAndEncode(count: number): Promise<number> {
		const { readRequest }: typeof import('../../nodes/ProxmoxVe/form/readRequest') =
			requireBuilt('./form/readRequest');
		const { createForm }: typeof import('../../nodes/ProxmoxVe/form/Form') =
			requireBuilt('./form/Form');
		const { encodeBody }: typeof import('../../nodes/ProxmoxVe/wire/encodeBody') =
			requireBuilt('./wire/encodeBody');
		const { qemu }: typeof import('../../nodes/ProxmoxVe/catalogue/qemu') =
			requireBuilt('./catalogue/qemu');
		const once = (): number => {
			const form = createForm((name, fallback) => item40[name] ?? fallback);
			const { parameters } = readRequest(qemu, 'create', form);
			form.check();
			return Object.keys(encodeBody(qemu, parameters)).length + 2;
		};
		if (once() !== PARAMETERS)
			throw new Error(`the item has ${once()} parameters, not ${PARAMETERS}`);
		const cpu = process.cpuUsage();
		for (let done = 0; done < count; done++) once();
		return process.cpuUsage(cpu).user / 1000 / count;
	},
	/** So many items of 40 parameters through n8n's engine and the node, with Preview: nothing is sent. */
	async preview(count: number): Promise<Large> {
		const run = async (size: number): Promise<void> => {
			await measured(size, async () => await runOn(item40, size, nowhere));
		};
		// n8n keeps some of what it sees first.
		await run(100);
		const before = await heapMb();
		const cpu = process.cpuUsage();
		await run(count);
		const { user, system } = process.cpuUsage(cpu);
		const keptMb = (await heapMb()) - before;
		const own = await ownShare(dist, async () => await run(count));
		return { cpuMsPerItem: (user + system) / 1000 / count, ownMsPerItem: own / count, keptMb };
	},
};

export type EngineService = typeof service;

serve(service);
