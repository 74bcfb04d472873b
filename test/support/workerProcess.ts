import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import type { StoredCredentials } from '../../tools/harness/createCredentialsHelper';
import { createEngine } from '../../tools/harness/engine';
import { serve } from '../../tools/harness/remote';

/** One run of the node. */
export interface Run {
	readonly parameters: INodeParameters;
	readonly credentials: StoredCredentials;
	/** How many items it gets, all of them empty, unless `items` are given. */
	readonly count: number;
	readonly items?: IDataObject[];
	readonly settings?: Partial<INode>;
}

/** What came of it. */
export interface Ran {
	/** The JSON of the items that came out. */
	readonly output: IDataObject[];
	/** The error's message and description, where the node failed. */
	readonly error?: string;
}

const engine = createEngine();

const service = {
	/** Resolves when n8n's engine is loaded. */
	async ready(): Promise<void> {
		await engine;
	},
	async run({
		parameters,
		credentials,
		count,
		items: given = Array.from({ length: count }, () => ({})),
		settings,
	}: Run): Promise<Ran> {
		const { items, error } = await (
			await engine
		).runNode({ parameters, credentials, items: given, settings });
		const output = items.flat().map(({ json }) => json);
		if (!error) return { output };
		return {
			output,
			error: [error.message, 'description' in error ? error.description : ''].join('\n'),
		};
	},
};

/** n8n with this node in a process of its own, as a worker of n8n's queue mode is. */
export type WorkerService = typeof service;

serve(service);
