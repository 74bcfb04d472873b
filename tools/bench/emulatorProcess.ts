import { clusterState, startEmulator, type Emulator } from '../emulator';
import type { TaskList } from '../emulator/tasks/types';
import { serve } from '../harness/remote';
import { openApi, type Access } from './schedules';
import { vmForm } from './vm';

export type { Access };

/** How a cluster is to behave. */
export interface Stage {
	/** Seconds that it takes to create a VM with one disk. */
	readonly taskSeconds: number;
	/** Milliseconds by which each answer is late. */
	readonly latencyMs: number;
}

/** A cluster of nodes pve1, pve2 …, on which guests from 10000 on are spread. */
export interface ClusterStage extends Stage {
	readonly nodes: number;
	readonly guests: number;
}

/** The ID of the first guest of such a cluster. */
export const FIRST_GUEST = 10_000;

/** Which requests a cluster got. */
export interface Requests {
	readonly calls: number;
	/** Lists of all guests of the cluster. */
	readonly lists: number;
	/** Requests to create a VM that were refused. */
	readonly refused: number;
	/** Bytes of all responses. */
	readonly bytes: number;
}

/** What a cluster saw. */
export interface Seen {
	/** Requests, whatever became of them. */
	readonly calls: number;
	/** How many tasks have ended OK. */
	readonly made: number;
	/** When the last task ended, in milliseconds since 1970. */
	readonly lastEnd: number;
}

interface Cluster {
	readonly emulator: Emulator;
	readonly ends: number[];
	/** Requests before the measurement. */
	readonly callsBefore: number;
}

const clusters = new Map<string, Cluster>();

function clusterAt(url: string): Cluster {
	const cluster = clusters.get(url);
	if (!cluster) throw new Error(`no cluster at ${url}`);
	return cluster;
}

/** Notes when tasks end: the list itself tells it in whole seconds only. */
function noteEnds(tasks: TaskList, ends: number[]): void {
	const { start } = tasks;
	tasks.start = (task) => {
		const upid = start(task);
		void tasks.find(upid)?.done.then(() => ends.push(Date.now()));
		return upid;
	};
}

const service = {
	/** A cluster of its own for each measurement, all in this one process. Another has made one such VM there before. */
	async open({ taskSeconds, latencyMs }: Stage): Promise<Access> {
		const emulator = await startEmulator({ taskSeconds });
		// Every wait of the emulator is scaled by the length of its tasks, this one too.
		emulator.faults.onRequest({ times: Infinity, effect: { delayMs: latencyMs / taskSeconds } });
		const { url, ca = '', token } = emulator;
		const access = { url, ca, tokenId: token.tokenId, tokenSecret: token.secret };
		const api = openApi(access);
		await api.post('/nodes/pve1/qemu', { vmid: '9999', ...vmForm });
		api.close();
		await emulator.tasks.settled();
		const ends: number[] = [];
		noteEnds(emulator.tasks, ends);
		clusters.set(url, { emulator, ends, callsBefore: emulator.requests.length });
		return access;
	},
	/** A cluster with guests, for what grows with it. */
	async openCluster({ nodes, guests, taskSeconds, latencyMs }: ClusterStage): Promise<Access> {
		const names = Array.from({ length: nodes }, (_, index) => `pve${index + 1}`);
		const emulator = await startEmulator({
			taskSeconds,
			state: clusterState({
				nodes: names.map((name) => ({ name, memory: 2 ** 40 })),
				guests: Array.from({ length: guests }, (_, index) => ({
					vmid: FIRST_GUEST + index,
					node: names[index % nodes] ?? 'pve1',
					config: { name: `web-${index}` },
				})),
			}),
		});
		emulator.faults.onRequest({ times: Infinity, effect: { delayMs: latencyMs / taskSeconds } });
		const { url, ca = '', token } = emulator;
		clusters.set(url, { emulator, ends: [], callsBefore: 0 });
		return { url, ca, tokenId: token.tokenId, tokenSecret: token.secret };
	},
	async requests(url: string): Promise<Requests> {
		const { requests } = clusterAt(url).emulator;
		return {
			calls: requests.length,
			lists: requests.filter(({ path }) => path.includes('/cluster/resources')).length,
			refused: requests.filter(
				({ method, path, status }) => method === 'POST' && path.endsWith('/qemu') && status >= 400,
			).length,
			bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
		};
	},
	async look(url: string): Promise<Seen> {
		const { emulator, ends, callsBefore } = clusterAt(url);
		return {
			calls: emulator.requests.length - callsBefore,
			made: emulator.tasks.all().filter(({ exitstatus }) => exitstatus === 'OK').length - 1,
			lastEnd: Math.max(...ends),
		};
	},
	async close(url: string): Promise<void> {
		await clusterAt(url).emulator.close();
		clusters.delete(url);
	},
};

export type EmulatorService = typeof service;

serve(service);
