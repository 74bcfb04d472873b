/** Shortest pause, in milliseconds. */
const LEAST_MS = 50;
/** Most that a look may come after the end of a short task, in milliseconds. */
const STEP_MS = 300;
/** The same for a long one, as a part of its length. */
const LATE_PART = 0.05;
/** Between the looks at a task of which only long ones are remembered this much may pass, in milliseconds. */
const LONG_STEP_MS = 1_000;
/** Tasks up to this length are short. */
const SHORT_TASK_MS = 10_000;
/** How many tasks of a kind are remembered. */
const REMEMBERED = 5;
/** How many kinds are. */
const KINDS = 200;

/**
 * How long to wait before the next look at a task.
 *
 * A look costs Proxmox c (some 30 ms of CPU); looking each p costs T/p looks for a task of length T and
 * comes late by p at most, p/2 on average. With a fixed p the looks grow with T while the lateness, as
 * part of T, shrinks to nothing: wasted. With p = a·t the lateness is at most a·T, and the looks only
 * ln(T/p0)/a. So: p0 = 0.3 s, which goes unnoticed, until a·t is more than that (6 s for a = 5 %), and
 * a·t from there on, up to the ceiling.
 *
 * That is still ten looks at a task of 3 s, most of them at a time when no task of its kind has ever
 * ended. Where the last ones of its kind are remembered, the looks before the shortest of them are
 * two: one at half of it, so that it is noticed when tasks become shorter, and one when it is over.
 * Where n8n remembers none, Proxmox mostly does: the first look asks for others of the kind, too.
 * Half of a long one is too long to be late by: where all of them were long, p0 is a·T, but 1 s at most.
 *
 * @param elapsed since the task started, in milliseconds
 * @param expected the shortest of the last tasks of its kind, if any is remembered
 * @param ceiling longest pause that the user allows
 */
export function pollInterval(
	elapsed: number,
	expected: number | undefined,
	ceiling: number,
): number {
	const isLong = expected !== undefined && expected > SHORT_TASK_MS;
	const marks = expected === undefined || isLong ? [] : [expected / 2, expected];
	const mark = marks.find((time) => time > elapsed);
	if (elapsed >= STEP_MS && mark !== undefined)
		return Math.min(Math.max(mark - elapsed, LEAST_MS), ceiling);
	const step = isLong ? Math.min(expected * LATE_PART, LONG_STEP_MS) : STEP_MS;
	return Math.min(Math.max(step, elapsed * LATE_PART), ceiling);
}

/** What is known of how long tasks of a kind take. */
export interface DurationMemory {
	/** Whether nothing was known or asked of a kind before. */
	isNew(kind: string): boolean;
	/** The shortest of the last ones, in milliseconds. */
	expected(kind: string): number | undefined;
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
		expected(kind) {
			const known = durations.get(kind) ?? [];
			return known.length === 0 ? undefined : Math.min(...known);
		},
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
