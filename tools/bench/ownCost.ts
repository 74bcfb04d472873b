import { startEngine, type Lab } from './contenders';
import type { Large } from './engineProcess';

/** What the node itself costs n8n, an item. */
export interface OwnCost {
	/** CPU to read and encode an item of 40 parameters, in milliseconds. */
	readonly readAndEncodeMs: number;
	/** CPU in the package's own files for each of 100 VMs, in a process that has made none before, in milliseconds. */
	readonly createMs: number;
	/** Items of 40 parameters through the node, with Preview. */
	readonly large: Large & { readonly items: number };
}

const VMS = 100;
const REPETITIONS = 5_000;

/** @param items how many go through the node at once */
export async function ownCost(lab: Lab, items: number, latencyMs: number): Promise<OwnCost> {
	const engine = startEngine(lab);
	try {
		const access = await lab.emulator.ask('open', { taskSeconds: 0.2, latencyMs });
		const createMs = await engine.ask('ownOfCreate', { access, count: VMS });
		await lab.emulator.ask('close', access.url);
		const readAndEncodeMs = await engine.ask('readAndEncode', REPETITIONS);
		return { createMs, readAndEncodeMs, large: { ...(await engine.ask('preview', items)), items } };
	} finally {
		engine.end();
	}
}
