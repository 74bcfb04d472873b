import { byEnd, startOf, type ListedTask } from './task';

/**
 * What is remembered of a node. A task that started before `since` is settled: it was dealt with, or had
 * ended before the trigger was switched on; but for those in `open`. Of those that started later, the
 * settled ones are in `seen`. All times are seconds of the node's own clock.
 */
export type NodeState = {
	since: number;
	seen: string[];
	/** Tasks that ran when they were last heard of. They may take days, `since` does not wait for them. */
	open: string[];
};

/** What a node told. The running tasks must be read first: what ends between the two lists is in both then. */
export interface Listing {
	readonly running: readonly ListedTask[];
	/** All that ended of those that started at `since` or later, and of the `open` ones; in any order, repeated or not. */
	readonly finished: readonly ListedTask[];
	/** Of the `open` ones, those that Proxmox knows nothing of any more. */
	readonly forgotten: readonly string[];
}

/** What becomes of a task that has ended: it is emitted, passed over, or left for the next poll. */
export type Verdict = 'emit' | 'skip' | 'later';

/**
 * How far `since` stays behind the newest task, in seconds: a list may be some seconds old, and a
 * node's clock may be set back.
 */
export const MARGIN = 300;

/** Where a node is first heard of that has told nothing yet. */
export const nothing: NodeState = { since: 0, seen: [], open: [] };

/** How early a task may have started that is still kept in mind one by one. */
export const floorOf = (newest: number, now: number): number =>
	// A node's clock may once have run ahead: what it wrote then must not hide what it does after.
	Math.min(newest, now) - MARGIN;

/**
 * Takes in what a node told. Each task is emitted or skipped once, whatever the order in which polls
 * come and however old the listing is: a poll that began earlier may end later.
 * @param now seconds of this machine's clock, which only ever makes the memory longer
 * @param decide asked for each task that ended and is not settled
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
		!open.has(upid) && (startOf(upid) < state.since || seen.has(upid));

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
			seen: [...state.seen, ...done].filter((upid) => startOf(upid) >= since),
			open: [...open],
		},
		emit: ended.filter((task) => verdicts.get(task) === 'emit').sort(byEnd),
	};
}
