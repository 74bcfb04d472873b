import { segment, type PveClient } from '../pve/client';
import { parseUpid } from '../pve/upid';

/** How far the clocks of n8n and Proxmox may be apart where no answer tells, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;
/** So many UPIDs are remembered. */
const MOST_KNOWN = 1_000;

/** UPIDs that POSTs of this n8n process got. */
const known: string[] = [];

/** Remembers whose task it is: it is not that of another POST, whose answer was lost. */
export function rememberTask(upid: string): void {
	known.push(upid);
	if (known.length > MOST_KNOWN) known.shift();
}

/** A POST whose answer was lost. */
export interface LostPost {
	readonly node: string;
	readonly vmid: number;
	/** The task's type in UPIDs. */
	readonly taskType: string;
	/** When it was sent first, by the clock of n8n in milliseconds. */
	readonly begun: number;
}

/**
 * The task of a POST: same VM, same user or token, begun since, and no other POST's.
 * Source: `GET /nodes/{node}/tasks`.
 * @returns its UPID, if there is one, and whether the list could be read at all
 */
export async function findOwnTask(client: PveClient, { node, vmid, taskType, begun }: LostPost): Promise<{ isRead: boolean; upid?: string }> {
	const query = { source: 'all', vmid, typefilter: taskType };
	const listed = await client.get<Array<{ upid: string }>>(`/nodes/${segment(node)}/tasks`, query).catch(() => undefined);
	if (!listed) return { isRead: false };
	const identity = await client.identity();
	// In Proxmox's time, which the list's own answer has told; UPIDs have whole seconds.
	const since = Math.floor((begun + (client.clockOffset() ?? -CLOCK_SKEW_MS)) / 1000) * 1000;
	const [newest] = listed.data
		.map(({ upid }) => upid)
		.filter((text) => {
			const upid = parseUpid(text);
			return upid?.user === identity && upid.id === String(vmid) && upid.startedAt.getTime() >= since && !known.includes(text);
		})
		.sort((a, b) => startOf(b) - startOf(a));
	return { isRead: true, ...(newest === undefined ? {} : { upid: newest }) };
}

const startOf = (upid: string): number => parseUpid(upid)?.startedAt.getTime() ?? 0;
