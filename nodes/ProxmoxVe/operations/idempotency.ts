import { createHash } from 'node:crypto';

import { segment, type PveClient } from '../pve/client';
import type { PveError } from '../pve/errors';
import { waitForTask, type WaitOptions } from '../pve/tasks';
import { parseUpid } from '../pve/upid';
import type { IdRange } from '../pve/vmIds';
import type { Accepted, Candidates } from './submit';

/** Where VMs with a key go, unless the user names a range: six digits, so that they stand apart. */
const DEFAULT_RANGE: IdRange = { lowest: 100_000, highest: 999_999 };

const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);

/** The mark that a VM carries in its notes, which Proxmox shows as Markdown and so leaves out. */
const markOf = (key: string): string => `<!-- n8n-key:${digestOf(key)} -->`;

/** Notes with the mark of a key under them. */
export const marked = (description: string, key: string): string =>
	description === '' ? markOf(key) : `${description}\n\n${markOf(key)}`;

/**
 * The IDs for a key: always the same ones in the same order. Two runs with one key, even at the same
 * moment, ask Proxmox for the same ID, and it gives that to one of them.
 */
export function idsOfKey(key: string, { lowest, highest } = DEFAULT_RANGE): Candidates {
	const span = highest - lowest + 1;
	const first = parseInt(digestOf(key).slice(0, 12), 16) % span;
	let step = 0;
	return {
		next: async () => (step < span ? lowest + ((first + step++) % span) : undefined),
		wasTaken: () => {},
	};
}

/**
 * The VM that has an ID, if it carries the key. One that the same user is just making shows nothing of
 * itself yet but its lock: its task is waited for, and then the VM is looked at.
 * Source: `GET /nodes/{node}/qemu/{vmid}/config`, `GET /nodes/{node}/tasks`.
 * @param error the refusal that names the node where it is
 */
export async function vmOfKey(
	client: PveClient,
	vmid: number,
	error: PveError,
	key: string,
	waiting: WaitOptions,
): Promise<Accepted | undefined> {
	const node = /already exists on node '([^']+)'/.exec(error.failure.message)?.[1];
	if (node === undefined) return undefined;
	const readConfig = async (): Promise<VmConfig> =>
		(await client.get<VmConfig>(`/nodes/${segment(node)}/qemu/${vmid}/config`)).data;

	let config = await readConfig();
	const upid = await makerOf(client, node, vmid);
	if (config.lock === 'create' && config.description === undefined && upid !== undefined) {
		await waitForTask(client, upid, waiting);
		config = await readConfig();
	}
	return config.description?.includes(markOf(key)) ? { vmid, node, upid, existing: true } : undefined;
}

interface VmConfig {
	readonly description?: string;
	readonly lock?: string;
}

/** The newest task of this user or token that made the VM, if Proxmox still knows it. */
async function makerOf(client: PveClient, node: string, vmid: number): Promise<string | undefined> {
	const { data: tasks } = await client.get<Array<{ upid: string }>>(`/nodes/${segment(node)}/tasks`, { source: 'all', vmid });
	const identity = await client.identity();
	return tasks
		.map(({ upid }) => upid)
		.find((upid) => {
			const task = parseUpid(upid);
			return task !== undefined && ['qmcreate', 'qmrestore'].includes(task.type) && task.user === identity;
		});
}
