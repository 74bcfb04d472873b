import { createHash } from 'node:crypto';

import { segment, type PveClient } from '../pve/client';
import { isPassing, PveError } from '../pve/errors';
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

const MARK = /<!-- n8n-key:[0-9a-f]{32} -->/;

/** New notes of a VM, with the mark of a key that its notes have now. Without it the same key would make a second VM. */
export function keepMark(before: string | undefined, after: string): string {
	const [mark] = MARK.exec(before ?? '') ?? [];
	if (mark === undefined || after.includes(mark)) return after;
	return after === '' ? mark : `${after}\n\n${mark}`;
}

/**
 * The IDs for a key: always the same ones in the same order. Two runs with one key, even at the same
 * moment, ask Proxmox for the same ID, and it gives that to one of them.
 */
export function idsOfKey(key: string, { lowest, highest } = DEFAULT_RANGE): Candidates {
	const span = highest - lowest + 1;
	const first = parseInt(digestOf(key).slice(0, 12), 16) % span;
	let step = 0;
	return {
		hasOthers: true,
		next: async () => (step < span ? lowest + ((first + step++) % span) : undefined),
		wasTaken: () => {},
	};
}

/**
 * The VM that has an ID, if it carries the key. One that the same user is just making shows nothing of
 * itself yet but its lock: its task is waited for, and then the VM is looked at.
 * Source: `GET /nodes/{node}/qemu/{vmid}/config`, `GET /nodes/{node}/tasks`.
 * @param error the refusal, which may name the node where it is; else that is the one that was asked
 */
export async function vmOfKey(
	client: PveClient,
	{ node: asked, vmid }: { node: string; vmid: number },
	error: PveError,
	key: string,
	waiting: WaitOptions,
): Promise<Accepted | undefined> {
	const node = /already exists on node '([^']+)'/.exec(error.failure.message)?.[1] ?? asked;
	const readConfig = async (): Promise<VmConfig | undefined> => {
		const path = `/nodes/${segment(node)}/qemu/${vmid}/config`;
		const answer = await client.get<VmConfig>(path).catch((failure: unknown) => {
			// A container, or a VM that may not be read: another's.
			if (failure instanceof PveError && !isPassing(failure)) return undefined;
			throw failure;
		});
		return answer?.data;
	};

	let config = await readConfig();
	if (config === undefined) return undefined;
	const upid = await makerOf(client, node, vmid);
	if (config.lock === 'create' && config.description === undefined && upid !== undefined) {
		await waitForTask(client, upid, waiting);
		config = await readConfig();
	}
	return config?.description?.includes(markOf(key)) ? { vmid, node, upid, existing: true } : undefined;
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
