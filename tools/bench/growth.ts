import { checkTimes } from './checkTimes';
import { REFERENCE, startEngine, type Lab } from './contenders';
import { FIRST_GUEST, type ClusterStage, type Requests } from './emulatorProcess';
import type { Stall } from './engineProcess';
import { createEngine } from '../harness/engine';
import { openApi, others, race, type Access } from './schedules';
import { simulateMonth, type Month } from './simulateMonth';
import { vmParameters } from './vm';
import { watchTasks, type Watch, type Watched } from './watchTasks';

/** Items that each get one VM of a cluster. */
export interface LookUp extends Pick<ClusterStage, 'nodes' | 'guests'>, Requests {
	readonly items: number;
	readonly wallMs: number;
}

/** Checks of a task, by how long it takes. */
export interface Waiting {
	readonly taskSeconds: number;
	/** If another task of its kind took as long. */
	readonly known: number;
	readonly knownLateMs: number;
	/** If nothing is known. */
	readonly unknown: number;
	readonly unknownLateMs: number;
}

/** Processes that create VMs at the same time. */
export interface Workers {
	readonly by: string;
	readonly processes: number;
	readonly creates: number;
	readonly refused: number;
	/** VMs that were not created, after all that the tool does. */
	readonly failed: number;
	readonly wallMs: number;
}

/** The first page of the list of VMs in the editor. */
export interface FirstPage {
	readonly guests: number;
	readonly shown: number;
	readonly ms: number;
	/** One request for the whole list, without n8n. */
	readonly limitMs: number;
}

/** The trigger, on a cluster on which tasks finish all the time. */
export type Polled = Watched & Omit<Watch, 'items'> & { readonly emitted: number };

/** How cost grows with items, guests, nodes, processes and the length of tasks. */
export interface Growth {
	readonly lookUps: readonly LookUp[];
	readonly waits: readonly Waiting[];
	readonly stalls: ReadonlyArray<Stall & { readonly items: number }>;
	readonly workers: readonly Workers[];
	readonly pages: readonly FirstPage[];
	readonly polls: readonly Polled[];
	readonly month: Month;
}

/** @param isQuick leaves out what takes long */
export async function growth(lab: Lab, isQuick: boolean): Promise<Growth> {
	return {
		lookUps: await lookUps(lab, isQuick ? [1, 10, 100] : [1, 10, 100, 1000]),
		waits: [3, 30, 600, 3600].map(waiting),
		stalls: await stalls(lab, isQuick ? [10, 100, 1000] : [10, 100, 1000, 10_000]),
		workers: [
			...(await workers(lab, isQuick ? [1, 2] : [1, 2, 4, 8], isQuick ? 50 : 250)),
			...(await otherWorkers(lab, isQuick ? 2 : 8, 10)),
		],
		pages: await pages(lab, [10, 100, 1000, 10_000]),
		polls: await polls(),
		month: simulateMonth(),
	};
}

function waiting(taskSeconds: number): Waiting {
	const length = taskSeconds * 1000;
	const [known, unknown] = [checkTimes(length, [length]), checkTimes(length, [])];
	return {
		taskSeconds,
		known: known.length,
		knownLateMs: (known[known.length - 1] ?? 0) - length,
		unknown: unknown.length,
		unknownLateMs: (unknown[unknown.length - 1] ?? 0) - length,
	};
}

/** Each of these clusters with one item, then the largest with ever more. */
async function lookUps(lab: Lab, counts: readonly number[]): Promise<LookUp[]> {
	const clusters = [
		{ nodes: 1, guests: 10 },
		{ nodes: 4, guests: 1000 },
		{ nodes: 32, guests: 10_000 },
	];
	const largest = clusters[clusters.length - 1];
	const runs = clusters.flatMap((cluster) =>
		(cluster === largest ? counts : counts.slice(0, 1)).map((items) => ({ ...cluster, items })),
	);
	const engine = startEngine(lab);
	const rows: LookUp[] = [];
	try {
		for (const { nodes, guests, items } of runs) {
			const access = await lab.emulator.ask('openCluster', {
				nodes,
				guests,
				taskSeconds: 1,
				latencyMs: 0,
			});
			const wallMs = await engine.ask('run', {
				access,
				parameters: {
					resource: 'virtualMachine',
					operation: 'get',
					vm: { __rl: true, mode: 'id', value: '={{ $json.vmid }}' },
				},
				items: Array.from({ length: items }, (_, index) => ({
					vmid: String(FIRST_GUEST + (index % guests)),
				})),
			});
			rows.push({
				nodes,
				guests,
				items,
				wallMs,
				...(await lab.emulator.ask('requests', access.url)),
			});
			await lab.emulator.ask('close', access.url);
		}
	} finally {
		engine.end();
	}
	return rows;
}

async function stalls(lab: Lab, counts: readonly number[]): Promise<Growth['stalls']> {
	const rows = [];
	for (const items of counts) {
		const engine = startEngine(lab);
		rows.push({ items, ...(await engine.ask('stalls', items)) });
		engine.end();
	}
	return rows;
}

const openForWorkers = async ({ emulator }: Lab): Promise<Access> =>
	await emulator.ask('openCluster', { nodes: 4, guests: 500, taskSeconds: 0.2, latencyMs: 0 });

/**
 * Processes that start at the same time, with Next Free ID on four nodes.
 * @param each how many VMs each of them creates: half of them with an idempotency key, in a second run beside the first
 */
async function workers(lab: Lab, processes: readonly number[], each: number): Promise<Workers[]> {
	const rows: Workers[] = [];
	const node = { __rl: true, mode: 'id', value: '={{ $json.node }}' };
	for (const count of processes) {
		const access = await openForWorkers(lab);
		const engines = Array.from({ length: count }, () => startEngine(lab));
		await Promise.all(engines.map(async (engine) => await engine.ask('ready')));
		const took = await Promise.all(
			engines.flatMap((engine, process) =>
				[{}, { idempotencyKey: `=${process}-{{ $json.number }}` }].map(
					async (key) =>
						await engine.ask('run', {
							access,
							parameters: { ...vmParameters, options: { node, ...key } },
							items: Array.from({ length: each / 2 }, (_, number) => ({
								number,
								node: `pve${1 + (number % 4)}`,
							})),
						}),
				),
			),
		);
		for (const engine of engines) engine.end();
		const { refused } = await lab.emulator.ask('requests', access.url);
		await lab.emulator.ask('close', access.url);
		rows.push({
			by: REFERENCE,
			processes: count,
			creates: count * each,
			refused,
			// A run with a failed item throws.
			failed: 0,
			wallMs: Math.max(...took),
		});
	}
	return rows;
}

/** The same by the other tools, on one node. */
async function otherWorkers(lab: Lab, processes: number, each: number): Promise<Workers[]> {
	const rows: Workers[] = [];
	for (const schedule of others) {
		const access = await openForWorkers(lab);
		const startedAt = Date.now();
		const creates = processes * each;
		const made = await race(schedule, access, processes, each);
		const wallMs = Date.now() - startedAt;
		const { refused } = await lab.emulator.ask('requests', access.url);
		await lab.emulator.ask('close', access.url);
		rows.push({ by: schedule.name, processes, creates, refused, failed: creates - made, wallMs });
	}
	return rows;
}

async function pages(lab: Lab, counts: readonly number[]): Promise<FirstPage[]> {
	const engine = startEngine(lab);
	const rows: FirstPage[] = [];
	try {
		// The first one loads the code.
		for (const guests of [10, ...counts]) {
			const access = await lab.emulator.ask('openCluster', {
				nodes: 4,
				guests,
				taskSeconds: 1,
				latencyMs: 0,
			});
			const api = openApi(access);
			await api.get('/version');
			const startedAt = Date.now();
			await api.get('/cluster/resources?type=vm');
			const limitMs = Date.now() - startedAt;
			api.close();
			rows.push({ guests, limitMs, ...(await engine.ask('firstPage', access)) });
			await lab.emulator.ask('close', access.url);
		}
	} finally {
		engine.end();
	}
	return rows.slice(1);
}

async function polls(): Promise<Polled[]> {
	const engine = await createEngine();
	const rows: Polled[] = [];
	for (const [nodes, offline, tasksPerHour] of [
		[1, 0, 100],
		[4, 0, 1_000],
		[32, 0, 1_000],
		[32, 4, 20_000],
	] as const) {
		const watched = { nodes, offline, tasksPerHour };
		const { items, ...found } = await watchTasks(engine, watched);
		rows.push({ ...watched, ...found, emitted: new Set(items.map(({ upid }) => upid)).size });
	}
	return rows;
}
