import { watchTasks, type Watched } from '../../tools/bench/watchTasks';
import { createEngine } from '../../tools/harness/engine';
import { howMany } from '../support/howMany';

const engine = createEngine();

/** Nothing lost, nothing twice. */
async function watch(watched: Watched) {
	const found = await watchTasks(await engine, watched);
	expect(new Set(found.items.map(({ upid }) => upid)).size).toBe(found.finished);
	expect(found.items).toHaveLength(found.finished);
	return found;
}

describe('a poll each minute', () => {
	it.each([[1, 0, 100], howMany([8, 1, 5_000], [32, 4, 20_000])])(
		'of %i nodes, %i of them offline, with %i tasks an hour',
		async (nodes, offline, tasksPerHour) => {
			const { lists, logs, bytes, stored } = await watch({ nodes, offline, tasksPerHour });
			// One list of the nodes, and one of the tasks of each that is online.
			expect({ lists, logs }).toEqual({ lists: 1 + nodes - offline, logs: 0 });
			// The tasks of some six minutes, and the nodes.
			expect(bytes).toBeLessThan(2_000 + 300 * nodes + 250 * (tasksPerHour / 60) * 7);
			expect(stored).toBeLessThan(200 + 100 * nodes + 24 * (tasksPerHour / 60) * 7);
		},
	);

	it('reads the logs of 100 tasks, and emits the others without a log', async () => {
		const { logs, items } = await watch({
			nodes: 1,
			offline: 0,
			tasksPerHour: 9_000,
			logLines: 2,
			minutes: 1,
		});
		expect(logs).toBe(200);
		const unread = items.filter(({ log }) => String(log).startsWith('(not read: more than 100'));
		expect(unread).toHaveLength(50);
	});
});
