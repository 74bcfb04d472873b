import { segment, type PveClient } from '../pve/client';
import { parseUpid, taskPath } from '../pve/upid';

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

/** Whether a task is that of a request of this n8n process whose response arrived. */
export const isRemembered = (upid: string): boolean => known.includes(upid);

/** By what a task is told from others. */
export interface TaskTraits {
	/** The node that lists it. */
	readonly node: string;
	/** The VM in its UPID: of a clone the original. */
	readonly vmid: number;
	/** Its type in its UPID. */
	readonly taskType: string;
	/** The clone that it makes, which stands in its log only. */
	readonly clone?: number;
}

/** A POST whose answer was lost. */
export interface LostPost extends TaskTraits {
	/** When it was sent first, by the clock of n8n in milliseconds. */
	readonly begun: number;
}

/**
 * The task of a POST: same VM, same user or token, begun since, and no other POST's.
 * Source: `GET /nodes/{node}/tasks`.
 * @returns its UPID, if there is one, and whether the list could be read at all
 */
export async function findOwnTask(client: PveClient, { node, vmid, taskType, clone, begun }: LostPost): Promise<{ isRead: boolean; upid?: string }> {
	const query = { source: 'all', vmid, typefilter: taskType };
	const listed = await client.get<Array<{ upid: string }>>(`/nodes/${segment(node)}/tasks`, query).catch(() => undefined);
	if (!listed) return { isRead: false };
	const identity = await client.identity();
	// In Proxmox's time, which the list's own answer has told; UPIDs have whole seconds.
	const since = Math.floor((begun + (client.clockOffset() ?? -CLOCK_SKEW_MS)) / 1000) * 1000;
	const ours = listed.data
		.map(({ upid }) => upid)
		.filter((text) => {
			const upid = parseUpid(text);
			return upid?.user === identity && upid.id === String(vmid) && upid.startedAt.getTime() >= since && !known.includes(text);
		})
		.sort((a, b) => startOf(b) - startOf(a));
	let isRead = true;
	for (const upid of ours) {
		const made = clone === undefined ? undefined : await cloneOf(client, upid);
		if (made === clone) return { isRead, upid };
		// Not told, or not yet: it may be the one.
		if (made === undefined) isRead = false;
	}
	return { isRead };
}

/** Lines in which a clone's task tells what it makes: it may have waited for locks before. */
const FIRST_LINES = 10;

/** The ID of the clone that a task makes, where its log tells. */
async function cloneOf(client: PveClient, upid: string): Promise<number | undefined> {
	const log = await client.get<Array<{ t?: string }>>(`${taskPath(upid)}/log`, { start: 0, limit: FIRST_LINES }).catch(() => undefined);
	const told = (log?.data ?? []).map(({ t }) => /^creating a clone of VM \d+ with ID (\d+)/.exec(t ?? '')?.[1]);
	const vmid = told.find((one) => one !== undefined);
	return vmid === undefined ? undefined : Number(vmid);
}

const startOf = (upid: string): number => parseUpid(upid)?.startedAt.getTime() ?? 0;
