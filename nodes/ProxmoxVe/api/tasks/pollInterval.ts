/** A task is noticed this late at most without anybody minding, in milliseconds. */
const STEP_MS = 300;
/** For longer tasks, the same as a part of their length. */
const LATE_PART = 0.05;
/** Most that a look may come after the end of a task that lasts as long as others did, in milliseconds. */
const LATEST_MS = 5_000;
/** While nothing is known of a kind, the pause is this part of the time that the task has run. */
const UNKNOWN_PART = 0.3;
/** How many tasks of a kind are remembered. */
const REMEMBERED = 5;
/** How many kinds are. */
const KINDS = 200;

/**
 * How long to wait before the next look at a task.
 *
 * A look costs Proxmox some 30 ms of CPU. What it is worth depends on how likely the task has just ended,
 * and tasks of one kind on one node mostly take as long as the last ones did. So there are three phases:
 *
 * - Before the shortest known duration d a task mostly ends because it failed, or because there was less to
 *   do. Each look comes at four times the one before, later after half of what is left until d: 3 looks for
 *   d = 3 s, 6 for 30 s, 10 for an hour, the one at d included.
 * - At a known duration and right after it, looks come every 5 % of the time, 0.3 s at least, 5 s at most: a task
 *   that takes as long as one before is noticed no later than that.
 * - The longer it takes after that, the less is known: a pause is the time since the last known duration, so
 *   that a task that takes up to 5 % longer is still late by no more than 5 %.
 *
 * While no duration is known (n8n remembers none, and Proxmox's list has none either), a pause is 30 % of the
 * time so far, up to 5 s, and 5 % of it for tasks of more than 100 s: 17 looks for 30 s, some 100 for an hour.
 *
 * @param elapsed since the task started, in milliseconds
 * @param known durations of the last tasks of its kind, in milliseconds
 * @param ceiling longest pause that the user allows, in milliseconds
 */
export function pollInterval(
	elapsed: number,
	known: readonly number[],
	ceiling = Infinity,
): number {
	return Math.min(known.length === 0 ? unknownPause(elapsed) : knownPause(elapsed, known), ceiling);
}

const unknownPause = (elapsed: number): number =>
	Math.max(STEP_MS, Math.min(elapsed * UNKNOWN_PART, Math.max(LATEST_MS, elapsed * LATE_PART)));

function knownPause(elapsed: number, known: readonly number[]): number {
	const marks = known.map((duration) => Math.max(duration, STEP_MS));
	const passed = marks.filter((mark) => mark <= elapsed);
	const next = Math.min(...marks.filter((mark) => mark > elapsed));
	const left = next - elapsed;
	if (passed.length > 0) {
		const pause = Math.max(finestPause(elapsed), elapsed - Math.max(...passed));
		return pause < left ? pause : Math.max(left, finestPause(elapsed));
	}
	const pause = Math.max(STEP_MS, Math.min(elapsed * 3, left / 2));
	const isNear = left - pause < Math.max(4 * finestPause(next), next / 10);
	return isNear ? Math.max(left, STEP_MS) : pause;
}

const finestPause = (time: number): number =>
	Math.min(Math.max(STEP_MS, time * LATE_PART), LATEST_MS);

/** What is known of how long tasks of a kind take. */
export interface DurationMemory {
	/** Whether nothing was known or asked of a kind before. */
	isNew(kind: string): boolean;
	/** How long the last ones took, in milliseconds. */
	known(kind: string): readonly number[];
	remember(kind: string, duration: number): void;
}

export function createDurationMemory(): DurationMemory {
	const durations = new Map<string, number[]>();
	return {
		isNew(kind) {
			const isNew = !durations.has(kind);
			if (isNew) durations.set(kind, []);
			return isNew;
		},
		known: (kind) => durations.get(kind) ?? [],
		remember(kind, duration) {
			const known = durations.get(kind) ?? [];
			// The map keeps the order of insertion: the kind that was seen last goes to its end.
			durations.delete(kind);
			durations.set(kind, [...known, duration].slice(-REMEMBERED));
			const [oldest] = durations.keys();
			if (durations.size > KINDS && oldest !== undefined) durations.delete(oldest);
		},
	};
}
