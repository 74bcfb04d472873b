import { segment, type PveClient } from '../client';
import { parseUpid, type Task } from '../upid';

/** A task in the list of its node. */
export interface ListedTask extends Task {
	/** In seconds since 1970; undefined while it runs. */
	readonly endtime?: number;
	/** Proxmox's word for its end, which may be cut short. */
	readonly status?: string;
}

/** Which tasks to list. */
interface Query {
	readonly source: 'active' | 'all';
	readonly vmid?: number;
	readonly typefilter?: string;
	/** Start times, in seconds since 1970. */
	readonly since?: number;
	readonly until?: number;
}

/**
 * The tasks in the list of a node, in Proxmox's order.
 * Source: `GET /nodes/{node}/tasks`.
 * @param timeoutMs longest that the response may take, in milliseconds
 * @throws PveError
 */
export async function readTasks(
	client: PveClient,
	node: string,
	query: Query,
	timeoutMs?: number,
): Promise<ListedTask[]> {
	const { data } = await client.get<Array<Pick<ListedTask, 'upid' | 'endtime' | 'status'>>>(
		`/nodes/${segment(node)}/tasks`,
		{ ...query },
		timeoutMs,
	);
	return data.flatMap(({ upid, endtime, status }) => {
		const task = parseUpid(upid);
		return task ? [{ ...task, endtime, status }] : [];
	});
}

export const isRunning = ({ endtime }: ListedTask): boolean => endtime === undefined;
