import type { Exchange } from './records';
import { isRecord } from './json';

interface Moment {
	node: string;
	pid: number;
	pstart: number;
}

/** When and as which process the task of an answer was started, from its UPID. */
function momentOf({ responses }: Exchange): Moment | undefined {
	const body = responses[0]?.body;
	const data = isRecord(body) ? String(body.data) : '';
	const [, node, pid, pstart] = /^UPID:([^:]+):([0-9A-F]+):([0-9A-F]+):/.exec(data) ?? [];
	if (node === undefined || pid === undefined || pstart === undefined) return undefined;
	return { node, pid: Number.parseInt(pid, 16), pstart: Number.parseInt(pstart, 16) };
}

/** Consecutive exchanges of one group. */
export function splitGroups(exchanges: Exchange[]): Exchange[][] {
	const groups: Exchange[][] = [];
	for (const exchange of exchanges) {
		const last = groups.at(-1);
		if (last?.[0]?.group === exchange.group) last.push(exchange);
		else groups.push([exchange]);
	}
	return groups;
}

/** Groups that were recorded on a server of their own, for what they need spoils it for others. */
const ownServer = new Set(['daemon', 'cluster', 'no-quorum', 'ownership']);

/**
 * Splits recordings into runs of one server each. A run ends where a group needs a server of its own, and where a
 * task's process ID or start lies before the last one: the server was set up anew in between.
 */
export function splitSessions(exchanges: Exchange[]): Exchange[][][] {
	const sessions: Exchange[][][] = [];
	let last = new Map<string, Moment>();
	let lastGroup: string | undefined;
	for (const group of splitGroups(exchanges)) {
		const name = group[0]?.group ?? '';
		const moments = group.flatMap((exchange) => momentOf(exchange) ?? []);
		const first = moments[0];
		// Each node counts for itself.
		const before = first && last.get(first.node);
		// Where the time is recorded, one server did it all; several hands may have been at work.
		const isTimed = group[0]?.at !== undefined;
		const isReset =
			!isTimed &&
			first !== undefined &&
			before !== undefined &&
			(first.pid < before.pid || first.pstart < before.pstart);
		const isApart = ownServer.has(name) || (lastGroup !== undefined && ownServer.has(lastGroup));
		if (isReset || isApart || sessions.length === 0) sessions.push([group]);
		else sessions.at(-1)?.push(group);
		if (isReset || isApart) last = new Map();
		for (const moment of moments) last.set(moment.node, moment);
		lastGroup = name;
	}
	return sessions;
}
