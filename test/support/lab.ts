/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import axios from 'axios';
import { Agent } from 'node:https';
import { sleep } from 'n8n-workflow';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import { startEmulator, type Emulator, type EmulatorOptions } from '../../tools/emulator';
import { createEngine, type Engine } from '../../tools/harness/engine';
import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import { speedUpTime } from '../reliability/faults/fastTime';
import type { ExecutionResult } from '../../tools/harness/runWorkflow';

/** The node on n8n's engine, and a Proxmox VE for it to work on. */
export interface Lab {
	readonly engine: Engine;
	readonly emulator: Emulator;
	readonly credentials: StoredCredentials;
	/** Runs the node once for each item. */
	run(
		parameters: INodeParameters,
		items?: IDataObject[],
		settings?: Partial<INode>,
	): Promise<ExecutionResult>;
	/** Runs the node with another token of the emulator's state. */
	runAs(tokenId: string, parameters: INodeParameters): Promise<ExecutionResult>;
	/** Runs the node and gives the only item's JSON. @throws where the node fails */
	output(parameters: INodeParameters, items?: IDataObject[]): Promise<IDataObject>;
	/** Creates a VM from the given parameters and reads its config from the API. */
	configOf(parameters: INodeParameters): Promise<IDataObject>;
	close(): Promise<void>;
}

/** None of what the panel has for a new VM: only what the test gives. */
export const emptyVm: INodeParameters = {
	profile: 'none',
	diskSource: 'none',
	bridge: { __rl: true, mode: 'name', value: '' },
	// Every group is shown, as if all had been chosen.
	moreSettings: [
		'general',
		'network',
		'cloudInit',
		'processor',
		'additional',
		'memory',
		'firmware',
		'disks',
		'display',
		'boot',
		'passthrough',
		'ports',
		'security',
		'advanced',
	],
};

/** What every Create and Restore in the tests has in common; see `inPanel`. */
export const onPve1: INodeParameters = {
	resource: 'virtualMachine',
	operation: 'create',
	node: { __rl: true, mode: 'list', value: 'pve1' },
	vmIdMode: 'next',
	specifyVm: 'fields',
	...emptyVm,
	options: { maxPollInterval: 0.1 },
};

/**
 * Parameters of any operation, where its panel has them: Create has the node and a fixed VM ID under Options, and
 * JSON as a profile.
 */
export function inPanel(parameters: INodeParameters): INodeParameters {
	const { operation, resource, node, vmIdMode, vmId, specifyVm, profile, options, ...rest } =
		parameters;
	if (operation !== 'create' || resource !== 'virtualMachine') return parameters;
	const valueOf = (given: unknown): unknown =>
		typeof given === 'object' && given !== null && 'value' in given ? given.value : given;
	const isSet = node !== undefined && valueOf(node) !== '';
	return {
		operation,
		resource,
		...rest,
		...(specifyVm === 'json' ? { profile: 'json', jsonProfile: profile } : { profile }),
		options: {
			...(isSet ? { node } : {}),
			...(vmIdMode === 'fixed' ? { vmId: valueOf(vmId) } : {}),
			...(options as IDataObject | undefined),
		},
	} as INodeParameters;
}

export interface LabOptions extends EmulatorOptions {
	/** Lets time pass as it does: where other processes are clients, too, whose time cannot be changed. */
	realTime?: boolean;
}

/** All labs of a file share it: it keeps nothing between executions. */
let loadedEngine: Promise<Engine> | undefined;

/**
 * While a lab is open, waits take no time (see fastTime.ts), and tasks take some 30 ms of it. Plain HTTP, since
 * TLS costs a third of the time; tests of connections and of their failures give `http: false`.
 */
export async function openLab({ realTime, ...options }: LabOptions = {}): Promise<Lab> {
	// First: where it fails, no emulator keeps the process from ending.
	const engine = await (loadedEngine ??= createEngine());
	const restoreTime = realTime ? undefined : speedUpTime();
	const emulator = await startEmulator({ http: true, taskSeconds: 0.03, ...options });
	const credentials: StoredCredentials = {
		proxmoxVeApi: {
			url: emulator.url,
			tokenId: emulator.token.tokenId,
			tokenSecret: emulator.token.secret,
			ca: emulator.ca ?? '',
			ignoreSslIssues: false,
		},
		proxmoxVePasswordApi: {
			url: emulator.url,
			username: 'root@pam',
			password: emulator.passwords['root@pam'] ?? '',
			ca: emulator.ca ?? '',
			ignoreSslIssues: false,
		},
	};
	const run: Lab['run'] = async (parameters, items, settings) =>
		await engine.runNode({
			parameters: inPanel({ ...onPve1, ...parameters }),
			items,
			settings,
			credentials,
		});
	const output: Lab['output'] = async (parameters, items) => {
		const result = await run(parameters, items);
		if (result.error) throw result.error;
		const [first] = result.items[0] ?? [];
		if (!first) throw new Error('the node put out no item');
		return first.json;
	};
	return {
		engine,
		emulator,
		credentials,
		run,
		runAs: async (tokenId, parameters) =>
			await engine.runNode({
				parameters: inPanel({ ...onPve1, ...parameters }),
				credentials: {
					proxmoxVeApi: {
						...credentials.proxmoxVeApi,
						tokenId,
						tokenSecret: emulator.tokens[tokenId] ?? '',
					},
				},
			}),
		output,
		async configOf(parameters) {
			const { node, vmid } = await output(parameters);
			return await readApi(emulator, `/nodes/${String(node)}/qemu/${String(vmid)}/config`);
		},
		async close() {
			await emulator.close();
			restoreTime?.();
		},
	};
}

/** Adds a second node, pve2, to the cluster of a lab. */
export function addNode({ emulator: { state } }: Lab): void {
	const first = state.nodes.get('pve1');
	if (!first) throw new Error('the emulator has no node pve1');
	state.nodes.set('pve2', { ...first, name: 'pve2', address: '192.0.2.2' });
}

/** Waits until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await sleep(5);
}

/** Reads the API past the node, as another client would. */
export async function readApi(emulator: Emulator, path: string): Promise<IDataObject> {
	return (await axios.get<{ data: IDataObject }>(urlOf(emulator, path), access(emulator))).data
		.data;
}

/** Posts to the API past the node. @returns the UPID of the task */
export async function postApi(
	emulator: Emulator,
	path: string,
	form: Record<string, string> = {},
): Promise<string> {
	return (
		await axios.post<{ data: string }>(
			urlOf(emulator, path),
			new URLSearchParams(form),
			access(emulator),
		)
	).data.data;
}

const urlOf = ({ url }: Emulator, path: string): string => `${url}/api2/json${path}`;
const access = ({ ca, token }: Emulator) => ({
	headers: { Authorization: `PVEAPIToken=${token.tokenId}=${token.secret}` },
	httpsAgent: new Agent({ ca }),
});
