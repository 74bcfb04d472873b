/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test, neither shipped nor scanned */
import {
	createDurationMemory,
	pollInterval,
} from '../../../nodes/ProxmoxVe/api/tasks/pollInterval';
import { json } from '../../reliability/faults/ingredients';
import { openLab, postApi, type Lab } from '../../support/lab';

/** The times at which a task is looked at, until one comes after its end, in milliseconds. */
function looksAt(length: number, known: readonly number[] = [], ceiling?: number): number[] {
	const times: number[] = [];
	for (let now = 0; now < length; times.push(now)) now += pollInterval(now, known, ceiling);
	return times;
}
const lateness = (length: number, known?: readonly number[]): number =>
	(looksAt(length, known).at(-1) ?? 0) - length;

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** Lengths from 0.3 s to an hour, each 3 % longer than the one before. */
const lengths = Array.from({ length: 318 }, (_, step) => 300 * 1.03 ** step);

describe('the poll plan', () => {
	it.each([
		[3 * SECOND, 3],
		[30 * SECOND, 6],
		[600 * SECOND, 9],
		[HOUR, 10],
	])('looks at a task of %d ms that takes as long as the one before %d times', (length, looks) => {
		expect(looksAt(length, [length])).toHaveLength(looks);
	});

	it.each([
		[30 * SECOND, 10],
		[HOUR, 15],
	])('looks at a task of %d ms at most %d times if others took about as long', (length, looks) => {
		for (const part of [0.98, 0.99, 0.995, 1.005, 1.01, 1.02]) {
			const known = [part * length, length * (2 - part)];
			expect(looksAt(length, known).length).toBeLessThanOrEqual(looks);
		}
	});

	it('is late by at most 5 %, and 5 s, for a task that takes as long as one before', () => {
		for (const length of lengths) {
			const most = Math.min(Math.max(300, length * 0.05), 5 * SECOND);
			for (const known of [[length], [length / 2, length], [length / 1.0001, 2 * length]])
				expect(lateness(length, known)).toBeLessThanOrEqual(most);
		}
	});

	it('is late by at most 5 % for a task that takes 5 % longer than all before', () => {
		for (const length of lengths)
			expect(lateness(length, [length / 1.05])).toBeLessThanOrEqual(Math.max(300, length * 0.05));
	});

	it('sees the end of a much shorter task after four times its length at most', () => {
		for (const length of lengths) expect(lateness(length, [HOUR])).toBeLessThanOrEqual(3 * length);
	});

	it('looks at most 20 times within 30 s, and late by 5 s, if no duration is known', () => {
		expect(looksAt(30 * SECOND).length).toBeLessThanOrEqual(18);
		expect(looksAt(HOUR).length).toBeLessThanOrEqual(110);
		for (const length of lengths) {
			const most = Math.max(300, Math.min(length * 0.3, 5 * SECOND), length * 0.05);
			expect(lateness(length)).toBeLessThanOrEqual(most);
		}
	});

	it('never pauses for longer than the user allows', () => {
		const times = looksAt(HOUR, [HOUR], 60 * SECOND);
		expect(times).toHaveLength(64);
	});

	it('continues for a kind whose tasks took no time that the list shows', () => {
		expect(looksAt(30 * SECOND, [0]).length).toBeLessThanOrEqual(20);
		expect(lateness(30 * SECOND, [0])).toBeLessThanOrEqual(15 * SECOND);
	});

	it('notices when tasks become shorter', () => {
		const memory = createDurationMemory();
		memory.remember('create', 9_000);
		for (let run = 0; run < 12; run++)
			memory.remember('create', looksAt(400, memory.known('create')).at(-1) ?? 0);
		expect(Math.max(...memory.known('create'))).toBeLessThanOrEqual(1_200);
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

	it('ask one by one if the list may not be read', async () => {
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
