import { byEnd, keyOf, startOf, startOfKey, type ListedTask } from './task';

/**
 * The stored state of a node. Tasks that started before `since` are done: they were emitted or skipped, or had
 * finished before the trigger was activated, except those in `open`. Of the tasks that started later,
 * `seen` has the keys of those that are done. All times are seconds of the node's clock.
 */
export type NodeState = {
	since: number;
	seen: string[];
	/** Tasks that were running at the last poll. They may take days; `since` does not wait for them. */
	open: string[];
};

/** The task lists of a node. The running tasks must be read first, so that a task which finishes in between is in both lists. */
export interface Listing {
	readonly running: readonly ListedTask[];
	/** All finished tasks that started at `since` or later or are in `open`; in any order, possibly repeated. */
	readonly finished: readonly ListedTask[];
	/** Tasks in `open` that Proxmox no longer knows. */
	readonly forgotten: readonly string[];
}

/** What to do with a finished task: emit it, skip it, or leave it for the next poll. */
export type Verdict = 'emit' | 'skip' | 'later';

/**
 * How far `since` stays behind the newest task, in seconds, because a list can be some seconds old and a
 * node's clock can be set back.
 */
export const MARGIN = 300;

/** The state of a node before its first poll. */
export const nothing: NodeState = { since: 0, seen: [], open: [] };

/** The earliest start time of tasks that are stored individually. */
export const floorOf = (newest: number, now: number): number =>
	// A node's clock may once have been ahead: tasks from then must not hide later ones.
	Math.min(newest, now) - MARGIN;

/**
 * Updates the state with the task lists of a node. Each task is emitted or skipped once, in whatever order polls
 * finish and however old a list is: a poll that started earlier may finish later.
 * @param now seconds of this machine's clock; it can only extend what is stored
 * @param decide called for each finished task that is not done yet
 */
export function advance(
	state: NodeState,
	{ running, finished, forgotten }: Listing,
	now: number,
	decide: (task: ListedTask) => Verdict,
): { state: NodeState; emit: ListedTask[] } {
	const seen = new Set(state.seen);
	const open = new Set(state.open);
	const isSettled = ({ upid }: ListedTask): boolean =>
		!open.has(upid) && (startOf(upid) < state.since || seen.has(keyOf(upid)));

	const ended = [...new Map(finished.map((task) => [task.upid, task])).values()].filter(
		(task) => !isSettled(task),
	);
	const verdicts = new Map(ended.map((task) => [task, decide(task)]));
	const left = ended.filter((task) => verdicts.get(task) === 'later');
	const done = ended.filter((task) => verdicts.get(task) !== 'later').map(({ upid }) => upid);

	for (const task of running) if (!isSettled(task)) open.add(task.upid);
	for (const upid of [...done, ...forgotten]) open.delete(upid);

	const newest = [...running, ...finished].reduce(
		(latest, { upid }) => Math.max(latest, startOf(upid)),
		0,
	);
	const oldestLeft = left.reduce(
		(earliest, { upid }) => Math.min(earliest, startOf(upid)),
		Infinity,
	);
	const since = Math.max(state.since, Math.min(floorOf(newest, now), oldestLeft));
	return {
		state: {
			since,
			seen: [...state.seen, ...done.map(keyOf)].filter((key) => startOfKey(key) >= since),
			open: [...open],
		},
		emit: ended.filter((task) => verdicts.get(task) === 'emit').sort(byEnd),
	};
}
