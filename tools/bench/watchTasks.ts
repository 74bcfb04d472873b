import type { IDataObject } from 'n8n-workflow';

import { clusterState, manualClock, startEmulator } from '../emulator';
import type { Engine } from '../harness/engine';

/** A cluster on which tasks finish all the time, and how it is watched. */
export interface Watched {
	readonly nodes: number;
	readonly offline: number;
	readonly tasksPerHour: number;
	/** Lines of each task's log that the trigger reads. */
	readonly logLines?: number;
	/** By 8, nothing grows any more. */
	readonly minutes?: number;
}

/** What the last poll took, and all that was emitted. */
export interface Watch {
	/** Lists of nodes and of tasks. */
	readonly lists: number;
	/** Calls for logs. */
	readonly logs: number;
	/** Bytes of all responses. */
	readonly bytes: number;
	/** Characters that n8n stores between polls. */
	readonly stored: number;
	/** Tasks that have finished. */
	readonly finished: number;
	readonly items: readonly IDataObject[];
}

const MINUTE = 60_000;

/** Lets the trigger poll the cluster once a minute, on a clock of its own. */
export async function watchTasks(
	engine: Engine,
	{ nodes, offline, tasksPerHour, logLines = 0, minutes = 8 }: Watched,
): Promise<Watch> {
	const clock = manualClock(Date.now() - 5 * 1440 * MINUTE);
	const names = Array.from({ length: nodes }, (_, index) => `pve${index + 1}`);
	const spec = names.map((name, index) => ({
		name,
		...(index >= nodes - offline ? { reach: 'no route' as const } : {}),
	}));
	const emulator = await startEmulator({
		clock,
		http: true,
		state: clusterState({ nodes: spec }),
	});
	const { url, token, tasks, requests } = emulator;
	const trigger = await engine.activateTrigger({
		type: 'n8n-nodes-proxmox-ve.proxmoxVeTrigger',
		parameters: { options: { logLines } },
		credentials: { proxmoxVeApi: { url, tokenId: token.tokenId, tokenSecret: token.secret } },
	});
	let finished = 0;
	let calls: typeof requests = [];
	for (let minute = 1; minute <= minutes; minute++) {
		for (; finished < (minute * tasksPerHour) / 60; finished++)
			tasks.start({
				type: 'qmstart',
				id: '100',
				authId: 'root@pam',
				node: names[finished % (nodes - offline)] ?? '',
				run: async (worker) => await worker.work(20_000),
			});
		await clock.advance(MINUTE);
		const { length } = requests;
		await trigger.tick();
		calls = requests.slice(length);
	}
	await emulator.close();
	const logs = calls.filter(({ path }) => path.includes('/log')).length;
	return {
		lists: calls.length - logs,
		logs,
		bytes: calls.reduce((sum, { bytes }) => sum + bytes, 0),
		stored: JSON.stringify(trigger.saved).length,
		finished,
		items: trigger.executions.flat().map(({ json }): IDataObject => json),
	};
}
