import {
	advance,
	floorOf,
	nothing,
	type Listing,
	type NodeState,
} from '../../nodes/ProxmoxVeTrigger/advance';
import { startOf, type ListedTask } from '../../nodes/ProxmoxVeTrigger/task';

/** A task of a simulated node; all times in seconds of the true time. */
export interface PlannedTask {
	start: number;
	duration: number;
	/** How long Proxmox takes to notice the end; until then it lists the task as running. */
	lag: number;
	wanted: boolean;
}

/** A poll: it reads the running tasks, then the finished ones, then the logs, and ends; each so many seconds after the last. */
export interface PlannedPoll {
	start: number;
	untilArchive: number;
	untilEnd: number;
	/** Every so many tasks it finds no time for the log of one; 0 for none. */
	skipsEvery: number;
}

export interface Plan {
	tasks: PlannedTask[];
	polls: PlannedPoll[];
	/** When n8n crashes and starts anew, which begins with a poll. */
	restarts: number[];
	/** When the node cannot be reached, and for how long. */
	outages: Array<{ start: number; duration: number }>;
	/** How far the clocks are off the true time: n8n's, and the node's. */
	n8nOffset: number;
	nodeOffset: number;
	/** When the node's clock is set back, and by how much, if at all. */
	setBack: { at: number; by: number };
	/** Proxmox lists by the start or by the end: nothing may hang on that. */
	listsByStart: boolean;
}

export interface Outcome {
	/** How often each of the planned tasks was emitted. */
	emitted: number[];
	/** Before this nothing may be emitted, after this everything must; between the two it is open. */
	switchedOn: { from: number; until: number };
	/** The most that was ever remembered, UPIDs. */
	mostRemembered: number;
	/** What is remembered at the end. */
	state: NodeState | undefined;
}

interface Task extends PlannedTask {
	readonly index: number;
	readonly upid: string;
	/** When the list has it as finished, true time. */
	readonly noticed: number;
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** Some date, so that clocks can be off to both sides. */
const EPOCH = 1_790_000_000;

/** Plays a plan second by second, with polls that overlap, and tells what was emitted. */
export function simulate(plan: Plan): Outcome {
	const nodeClock = (time: number): number =>
		Math.floor(EPOCH + time + plan.nodeOffset - (time >= plan.setBack.at ? plan.setBack.by : 0));
	const n8nClock = (time: number): number => Math.floor(EPOCH + time + plan.n8nOffset);
	const tasks = plan.tasks.map((task, index): Task => {
		const upid = `UPID:pve1:${hex(index + 1)}:${hex(index)}:${hex(nodeClock(task.start))}:qmstart:100:root@pam:`;
		return { ...task, index, upid, noticed: task.start + task.duration + task.lag };
	});
	const byUpid = new Map(tasks.map((task) => [task.upid, task]));

	const archivedRow = ({ upid, noticed }: Task): ListedTask => ({
		upid,
		endtime: nodeClock(noticed),
		status: 'OK',
	});
	const activeAt = (time: number): ListedTask[] =>
		tasks
			.filter(({ start, noticed }) => start <= time && noticed > time)
			.map(({ upid }) => ({ upid, status: 'RUNNING' }));
	const archiveAt = (time: number, since: number): ListedTask[] =>
		tasks
			.filter(({ noticed, upid }) => noticed <= time && startOf(upid) >= since)
			.sort((a, b) => (plan.listsByStart ? b.start - a.start : b.noticed - a.noticed))
			.map(archivedRow);
	const isDown = (time: number): boolean =>
		plan.outages.some(({ start, duration }) => time >= start && time < start + duration);

	let state: NodeState | undefined;
	let saved: NodeState | undefined;
	let life = 0;
	let mostRemembered = 0;
	const switchedOn = { from: Infinity, until: Infinity };
	const emitted = tasks.map(() => 0);
	const events: Array<{ time: number; happen: () => void }> = [];

	function firstFloor(time: number): number {
		const [last] = archiveAt(time, 0);
		return last === undefined ? 0 : Math.max(0, floorOf(startOf(last.upid), n8nClock(time)));
	}

	function begin(
		time: number,
		{ untilArchive, untilEnd, skipsEvery }: Omit<PlannedPoll, 'start'>,
		isActivation: boolean,
	): void {
		const own = life;
		const before = state;
		const now = n8nClock(time);
		// What started earlier and is not remembered is not listed.
		const active = activeAt(time).filter(
			({ upid }) => !before || startOf(upid) >= before.since || before.open.includes(upid),
		);
		const later = (delay: number, happen: () => void): void =>
			void events.push({ time: time + delay, happen: () => own === life && happen() });
		later(untilArchive, () => {
			const archiveTime = time + untilArchive;
			if (isDown(time) || isDown(archiveTime)) return;
			const archive = archiveAt(archiveTime, before?.since ?? firstFloor(archiveTime));
			const listed = new Set([...active, ...archive].map(({ upid }) => upid));
			const looked = (before?.open ?? [])
				.filter((upid) => !listed.has(upid))
				.flatMap((upid) => byUpid.get(upid) ?? [])
				.map(
					(task): ListedTask =>
						task.noticed <= archiveTime
							? archivedRow(task)
							: { upid: task.upid, status: 'RUNNING' },
				);
			const all = [...active, ...archive, ...looked];
			const listing: Listing = {
				running: all.filter(({ endtime }) => endtime === undefined),
				finished: all.filter(({ endtime }) => endtime !== undefined),
				forgotten: [],
			};
			later(untilArchive + untilEnd, () =>
				end(listing, { before, now, skipsEvery, isActivation, read: [time, archiveTime] }),
			);
		});
	}

	function end(
		listing: Listing,
		{
			before,
			now,
			skipsEvery,
			isActivation,
			read,
		}: {
			before: NodeState | undefined;
			now: number;
			skipsEvery: number;
			isActivation: boolean;
			read: [number, number];
		},
	): void {
		const isWanted = ({ upid }: ListedTask): boolean => byUpid.get(upid)?.wanted ?? false;
		const ready = new Set(
			(before
				? advance(before, listing, now, (task) => (isWanted(task) ? 'emit' : 'skip')).emit
				: []
			)
				.filter((_, index) => skipsEvery === 0 || (index + 1) % skipsEvery !== 0)
				.map(({ upid }) => upid),
		);
		if (state === undefined) {
			state = advance(nothing, listing, now, () => 'skip').state;
			[switchedOn.from, switchedOn.until] = read;
		} else {
			const step = advance(state, listing, now, (task) =>
				!isWanted(task) ? 'skip' : ready.has(task.upid) ? 'emit' : 'later',
			);
			state = step.state;
			for (const { upid } of step.emit) emitted[byUpid.get(upid)?.index ?? -1]! += 1;
			// n8n saves with an execution, and not where a poll finds nothing.
			if (step.emit.length > 0) saved = state;
		}
		if (isActivation) saved = state;
		mostRemembered = Math.max(mostRemembered, state.seen.length + state.open.length);
	}

	const atOnce = { untilArchive: 0, untilEnd: 0, skipsEvery: 0 };
	events.push({ time: 0, happen: () => begin(0, atOnce, true) });
	for (const { start, ...poll } of plan.polls)
		events.push({ time: start, happen: () => begin(start, poll, false) });
	for (const time of plan.restarts) {
		events.push({
			time,
			happen: () => {
				life += 1;
				state = saved;
				begin(time, atOnce, true);
			},
		});
	}
	const last =
		Math.max(
			0,
			...tasks.map(({ noticed }) => noticed),
			...plan.outages.map(({ start, duration }) => start + duration),
			...plan.polls.map(({ start }) => start),
		) + 3600;
	for (const time of [last, last + 60])
		events.push({ time, happen: () => begin(time, atOnce, false) });

	for (let done = 0; done < events.length; done++) {
		// Events are added on the way: the rest is sorted anew; equal times keep their order.
		events.push(...events.splice(done).sort((a, b) => a.time - b.time));
		events[done]?.happen();
	}
	return { emitted, switchedOn, mostRemembered, state };
}
