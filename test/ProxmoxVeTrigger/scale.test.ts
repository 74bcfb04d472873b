import type { IDataObject } from 'n8n-workflow';

import { clusterState, manualClock } from '../../tools/emulator';
import { openLab } from '../support/lab';

const MINUTE = 60_000;

/** A cluster on which tasks finish all the time, polled each minute until nothing grows any more. */
async function watch(
	nodes: number,
	offline: number,
	tasksPerHour: number,
	{ logLines = 0, minutes = 8 } = {},
) {
	const clock = manualClock(Date.now() - 5 * 86_400_000);
	const names = Array.from({ length: nodes }, (_, index) => `pve${index + 1}`);
	const spec = names.map((name, index) => ({
		name,
		...(index >= nodes - offline ? { reach: 'no route' as const } : {}),
	}));
	const lab = await openLab({ clock, realTime: true, state: clusterState({ nodes: spec }) });
	const trigger = await lab.engine.activateTrigger({
		type: 'n8n-nodes-proxmox-ve.proxmoxVeTrigger',
		parameters: { options: { logLines } },
		credentials: lab.credentials,
	});
	const started: string[] = [];
	let calls: string[] = [];
	for (let minute = 1; minute <= minutes; minute++) {
		while (started.length < (minute * tasksPerHour) / 60) {
			started.push(
				lab.emulator.tasks.start({
					type: 'qmstart',
					id: '100',
					authId: 'root@pam',
					node: names[started.length % (nodes - offline)] ?? '',
					run: async (worker) => await worker.work(20_000),
				}),
			);
		}
		await clock.advance(MINUTE);
		const { length } = lab.emulator.requests;
		await trigger.tick();
		calls = lab.emulator.requests.slice(length).map(({ path }) => path);
	}
	await lab.close();
	const items = trigger.executions.flat().map(({ json }): IDataObject => json);
	const emitted = new Set(items.map(({ upid }) => upid));
	expect([emitted.size, items.length]).toEqual([started.length, started.length]);
	return {
		lists: calls.filter((path) => !path.includes('/log')).length,
		logs: calls.filter((path) => path.includes('/log')).length,
		stored: JSON.stringify(trigger.saved).length,
		items,
	};
}

describe('a poll each minute', () => {
	it.each([
		[1, 0, 100],
		[32, 4, 20_000],
	])(
		'of %i nodes, %i of them offline, with %i tasks an hour',
		async (nodes, offline, tasksPerHour) => {
			const { lists, logs, stored } = await watch(nodes, offline, tasksPerHour);
			// One list of the nodes, and one of the tasks of each that is online.
			expect({ lists, logs }).toEqual({ lists: 1 + nodes - offline, logs: 0 });
			// The tasks of some six minutes, and the nodes.
			expect(stored).toBeLessThan(200 + 100 * nodes + 24 * (tasksPerHour / 60) * 7);
		},
	);

	it('reads the logs of 100 tasks, and emits the others without', async () => {
		const { logs, items } = await watch(1, 0, 9_000, { logLines: 2, minutes: 1 });
		expect(logs).toBe(200);
		const unread = items.filter(({ log }) => String(log).startsWith('(not read: more than 100'));
		expect(unread).toHaveLength(50);
	});
});
