import type { PveClient } from '../client';
import { taskPath } from '../upid';

/** Lines of a task's log. */
export interface TaskLog {
	/** How many there are in all. */
	readonly total: number;
	/** The last of them, in their order. */
	readonly lines: string[];
}

/** Longest line that is kept: a kvm command has some 3,000 characters. */
const LONGEST_LINE = 4_000;
/** What Proxmox gives for a log without a line. Source: pve-common `Tools.pm`, `dump_logfile`. */
const NO_LINES = 'no content';
/** Lines that are asked for at a time. */
const PAGE = 500;

/**
 * The last lines of a task's log, the closing `TASK …` line included; of a task that runs, those that
 * there are so far. Source: `GET /nodes/{node}/tasks/{upid}/log`.
 * @param most how many lines; all if left out
 * @throws PveError if it may not be read
 */
export async function readTaskLog(
	client: PveClient,
	upid: string,
	most = Infinity,
): Promise<TaskLog> {
	const path = `${taskPath(upid)}/log`;
	// A request for one line returns the total; the tail is requested from there.
	const { total = 0 } = await client.get(path, { start: 0, limit: 1 });
	const lines: string[] = [];
	let start = Math.max(0, total - most);
	while (start < total) {
		const { data } = await client.get<Array<{ t?: string }>>(path, {
			start,
			limit: Math.min(PAGE, total - start),
		});
		if (data.length === 0) break;
		lines.push(...data.map(({ t }) => client.redact(t ?? '').slice(0, LONGEST_LINE)));
		start += data.length;
	}
	return total === 1 && lines[0] === NO_LINES ? { total: 0, lines: [] } : { total, lines };
}
