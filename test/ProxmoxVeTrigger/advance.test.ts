import fc from 'fast-check';

import { advance, MARGIN, nothing, type Listing } from '../../nodes/ProxmoxVeTrigger/advance';
import { keyOf, type ListedTask } from '../../nodes/ProxmoxVeTrigger/task';
import { settings } from '../wire/properties/settings';
import { simulate, type Plan } from './simulate';

const upid = (start: number, pid = 1): string =>
	`UPID:pve1:${pid.toString(16).padStart(8, '0')}:00000001:${start.toString(16).padStart(8, '0')}:qmstart:100:root@pam:`;
const ended = (start: number, end: number, pid = 1): ListedTask => ({
	upid: upid(start, pid),
	endtime: end,
	status: 'OK',
});
const listing = (parts: Partial<Listing>): Listing => ({
	running: [],
	finished: [],
	forgotten: [],
	...parts,
});

/** Two hours of a node, more or less. */
const hours = 7_200;
const seconds = (max: number) => fc.integer({ min: 0, max });
const plans: fc.Arbitrary<Plan> = fc.record({
	tasks: fc.array(
		fc.record({
			start: fc.integer({ min: -hours, max: hours }),
			duration: fc.oneof(seconds(5), seconds(120), seconds(2 * hours)),
			lag: seconds(10),
			wanted: fc.oneof(
				{ weight: 4, arbitrary: fc.constant(true) },
				{ weight: 1, arbitrary: fc.constant(false) },
			),
		}),
		{ maxLength: 60 },
	),
	polls: fc.array(
		fc.record({
			start: seconds(2 * hours),
			untilArchive: seconds(20),
			untilEnd: seconds(300),
			skipsEvery: fc.integer({ min: 0, max: 3 }),
		}),
		{ maxLength: 60 },
	),
	restarts: fc.array(fc.integer({ min: 1, max: 2 * hours }), { maxLength: 4 }),
	outages: fc.array(
		fc.record({ start: fc.integer({ min: 1, max: 2 * hours }), duration: seconds(hours) }),
		{ maxLength: 3 },
	),
	n8nOffset: fc.oneof(fc.constant(0), fc.integer({ min: -86_400, max: 86_400 })),
	nodeOffset: fc.oneof(fc.constant(0), fc.integer({ min: -86_400, max: 86_400 })),
	setBack: fc.record({ at: seconds(hours), by: seconds(MARGIN - 30) }),
	listsByStart: fc.boolean(),
});

describe('what the trigger remembers of a node', () => {
	it('emits each task that finishes after activation exactly once, and no other', () => {
		let emissions = 0;
		fc.assert(
			fc.property(plans, (plan) => {
				const { emitted, switchedOn } = simulate(plan);
				plan.tasks.forEach(({ start, duration, lag, wanted }, index) => {
					const noticed = start + duration + lag;
					const times = emitted[index] ?? 0;
					emissions += times;
					if (!wanted || noticed <= switchedOn.from)
						expect({ index, times }).toEqual({ index, times: 0 });
					else if (noticed > switchedOn.until)
						expect({ index, times }).toEqual({ index, times: 1 });
					else expect(times).toBeLessThanOrEqual(1);
				});
			}),
			settings(2000),
		);
		expect(emissions).toBeGreaterThan(settings(2000).numRuns / 2);
	});

	it('keeps only recent and running tasks', () => {
		const everyMinute = Array.from({ length: 480 }, (_, minute) => minute * 60);
		const { emitted, mostRemembered, state } = simulate({
			tasks: everyMinute.flatMap((start) => [
				{ start: start + 7, duration: 20, lag: 1, wanted: true },
				{
					start: start + 30,
					duration: start % 3600 === 0 ? 16_000 : 45,
					lag: 3,
					wanted: start % 120 === 0,
				},
			]),
			polls: everyMinute.map((start) => ({ start, untilArchive: 1, untilEnd: 5, skipsEvery: 0 })),
			restarts: [6_000, 17_000],
			outages: [{ start: 10_000, duration: 4_000 }],
			n8nOffset: 3,
			nodeOffset: -40,
			setBack: { at: 15_000, by: 60 },
			listsByStart: true,
		});
		expect(emitted.filter((times) => times !== 1)).toHaveLength(240);
		// Two tasks a minute in an outage of more than an hour, those of the margin, and those that take hours.
		expect(mostRemembered).toBeLessThan(200);
		expect(state?.open).toEqual([]);
		expect(state?.seen.length).toBeLessThan((2 * MARGIN) / 30);
	});

	it('ignores tasks that had already finished, and keeps running ones', () => {
		const first = listing({
			running: [{ upid: upid(50), status: 'RUNNING' }],
			finished: [ended(1000, 1001), ended(10, 900, 2)],
		});
		const { state, emit } = advance(nothing, first, 5000, () => 'skip');
		expect(emit).toEqual([]);
		expect(state).toEqual({ since: 1000 - MARGIN, seen: [keyOf(upid(1000))], open: [upid(50)] });
		const next = advance(
			state,
			listing({ finished: [ended(50, 4000), ended(1000, 1001)] }),
			5000,
			() => 'emit',
		);
		expect(next.emit).toEqual([ended(50, 4000)]);
		expect(next.state.open).toEqual([]);
	});

	it('does not reopen a task that an older listing shows as running', () => {
		const state = { since: 500, seen: [keyOf(upid(600))], open: [] };
		const stale = listing({ running: [{ upid: upid(600) }, { upid: upid(400, 2) }] });
		expect(advance(state, stale, 5000, () => 'emit')).toEqual({ state, emit: [] });
	});

	it('keeps postponed tasks for the next poll', () => {
		const state = { since: 500, seen: [], open: [upid(100)] };
		const all = listing({
			finished: [ended(100, 2000), ended(700, 2001, 2), ended(3000, 3001, 3)],
		});
		const step = advance(state, all, 5000, (task) =>
			task.upid === upid(3000, 3) ? 'emit' : 'later',
		);
		expect(step.emit).toEqual([ended(3000, 3001, 3)]);
		expect(step.state).toEqual({ since: 500, seen: [keyOf(upid(3000, 3))], open: [upid(100)] });
		expect(advance(step.state, all, 5000, () => 'emit').emit).toEqual([
			ended(100, 2000),
			ended(700, 2001, 2),
		]);
	});

	it('drops a task that Proxmox no longer knows', () => {
		const state = { since: 500, seen: [], open: [upid(100)] };
		expect(
			advance(state, listing({ forgotten: [upid(100)] }), 5000, () => 'emit').state.open,
		).toEqual([]);
	});

	it('recovers from a clock that once ran ahead', () => {
		const { state } = advance(
			nothing,
			listing({ finished: [ended(90_000, 90_001)] }),
			5000,
			() => 'skip',
		);
		expect(
			advance(state, listing({ finished: [ended(5001, 5002)] }), 5003, () => 'emit').emit,
		).toEqual([ended(5001, 5002)]);
	});

	it('emits tasks in the order in which they finished', () => {
		const state = { since: 0, seen: [], open: [] };
		const mixed = listing({
			finished: [ended(30, 31, 1), ended(10, 99, 2), ended(20, 25, 3), ended(20, 25, 3)],
		});
		expect(advance(state, mixed, 5000, () => 'emit').emit.map(({ endtime }) => endtime)).toEqual([
			25, 31, 99,
		]);
	});
});
