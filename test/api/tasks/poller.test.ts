/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import {
	createDurationMemory,
	pollInterval,
} from '../../../nodes/ProxmoxVe/api/tasks/pollInterval';
import { json } from '../../reliability/faults/ingredients';
import { openLab, postApi, type Lab } from '../../support/lab';

/** The times at which a task is looked at, until one comes after its end. */
function looksAt(length: number, expected?: number, ceiling = 5_000): number[] {
	const times: number[] = [];
	for (let now = 0; now < length; times.push(now)) now += pollInterval(now, expected, ceiling);
	return times;
}
const lateness = (length: number, expected?: number): number =>
	(looksAt(length, expected).at(-1) ?? 0) - length;

describe('the poll plan', () => {
	it('is late by 0.3 s at most for tasks up to 6 s, and by 5 % beyond, up to the ceiling', () => {
		for (let length = 10; length <= 600_000; length = Math.ceil(length * 1.01)) {
			expect(lateness(length)).toBeLessThanOrEqual(Math.min(Math.max(300, length * 0.05), 5_000));
		}
	});

	it('looks at a task of an hour not much more often than at one of ten minutes', () => {
		expect(looksAt(600_000).length).toBeLessThan(200);
		expect(looksAt(3_600_000, undefined, 60_000).length).toBeLessThan(looksAt(600_000).length * 2);
	});

	it('needs three looks for a task of 3 s like those before it, and is late by 0.3 s at most', () => {
		expect(looksAt(3_000, 3_050)).toHaveLength(3);
		expect(lateness(3_000, 3_050)).toBeLessThanOrEqual(300);
		expect(lateness(3_200, 3_050)).toBeLessThanOrEqual(300);
	});

	it('notices when tasks become shorter', () => {
		const memory = createDurationMemory();
		memory.remember('create', 9_000);
		for (let run = 0; run < 12; run++)
			memory.remember('create', looksAt(400, memory.expected('create')).at(-1) ?? 0);
		expect(memory.expected('create')).toBeLessThanOrEqual(700);
	});

	it('does not rely on what is remembered of long tasks: the next may be short', () => {
		expect(lateness(60_000, 3_600_000)).toBeLessThanOrEqual(3_000);
	});
});

describe('the first wait for a kind of task', () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab();
	});
	afterEach(async () => await lab.close());

	it('goes by how long others took, which Proxmox remembers', async () => {
		const { emulator } = lab;
		emulator.faults.onTask({ type: 'qmstart', times: Infinity, extraMs: 2_000 / 0.03 });
		const looks = () => emulator.requests.filter(({ path }) => /\/tasks\b/.test(path)).length;
		for (const vmid of ['7001', '7002']) await lab.output({ vmIdMode: 'fixed', vmId: vmid });
		// Another client's: this n8n has not waited for it.
		await postApi(emulator, '/nodes/pve1/qemu/7001/status/start');
		await emulator.tasks.settled();

		const before = looks();
		await lab.output({ resource: 'virtualMachine', operation: 'start', vm: '7002', options: {} });
		expect(looks() - before).toBeLessThanOrEqual(4);
	});
});

describe('many waits', () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await openLab();
	});
	afterEach(async () => await lab.close());

	const statusCalls = () =>
		lab.emulator.requests.filter(({ path }) => path.endsWith('/status')).length;
	const listCalls = () => lab.emulator.requests.filter(({ path }) => /\/tasks\?/.test(path)).length;

	it('share their looks', async () => {
		lab.emulator.faults.onTask({ type: 'qmcreate', times: 40, extraMs: 30_000 });
		const { items, error } = await lab.run(
			{ options: { maxParallel: 40 } },
			Array.from({ length: 40 }, () => ({})),
		);
		expect(error).toBeUndefined();
		expect(items[0]?.every(({ json }) => json.taskStatus === 'ok')).toBe(true);
		expect(listCalls()).toBeGreaterThan(0);
		expect(statusCalls() + listCalls()).toBeLessThanOrEqual(60);
	});

	it('ask one by one where the list may not be read', async () => {
		lab.emulator.faults.onRequest({
			path: /\/tasks$/,
			times: 100,
			effect: json(200, 'OK', { data: [] }),
		});
		const { items, error } = await lab.run(
			{},
			Array.from({ length: 5 }, () => ({})),
		);
		expect(error).toBeUndefined();
		expect(items[0]?.every(({ json }) => json.taskStatus === 'ok')).toBe(true);
	});

	it('do not wait for a list that lags behind', async () => {
		// Whatever is made, the list has it running still.
		const upids = new Set<string>();
		const stale = () => [...upids].map((upid) => ({ upid, status: 'RUNNING' }));
		const watch = setInterval(() => {
			for (const { upid } of lab.emulator.tasks.all()) upids.add(upid);
			lab.emulator.faults.clear();
			lab.emulator.faults.onRequest({
				path: /\/tasks$/,
				times: 1000,
				effect: json(200, 'OK', { data: stale() }),
			});
		}, 5);
		const { items, error } = await lab.run(
			{},
			Array.from({ length: 5 }, () => ({})),
		);
		clearInterval(watch);
		expect(error).toBeUndefined();
		expect(items[0]?.every(({ json }) => json.taskStatus === 'ok')).toBe(true);
	});

	it('take a failure whole from the task itself', async () => {
		lab.emulator.faults.onTask({
			type: 'qmcreate',
			times: 1,
			failsBefore: 'a long reason, '.repeat(20),
		});
		const { items } = await lab.run(
			{},
			Array.from({ length: 5 }, () => ({})),
			{ onError: 'continueRegularOutput' },
		);
		const errors = (items[0] ?? []).flatMap(({ json }) =>
			json.error === undefined ? [] : [String((json.error as { description: string }).description)],
		);
		expect(errors).toHaveLength(1);
		expect(errors[0]).toContain('a long reason, '.repeat(20).trimEnd());
	});
});
