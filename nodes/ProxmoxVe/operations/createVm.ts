import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { readRequest, type VmRequest } from '../form/readRequest';
import type { Operation } from '../form/names';
import { createClient, segment, type PveClient } from '../pve/client';
import { waitForTask } from '../pve/tasks';
import { parseUpid } from '../pve/upid';
import { encodeBody } from '../wire/encodeBody';
import { clusterLink } from './clusterLink';
import { BadInputError, type Trace } from './report';

/** What the node emits for a VM. */
export interface VmOutput extends IDataObject {
	vmid: number;
	node: string;
	/** The task that made the VM. */
	upid: string;
	/** `ok`, `warnings`, or `running` where the node did not wait. */
	status: 'ok' | 'warnings' | 'running';
	/** Proxmox's own word for the task's end; null where the node did not wait. */
	exitStatus: string | null;
	/** The warnings of the task's log. */
	warnings: string[];
	/** ISO 8601, from the UPID. */
	startedAt: string | null;
	/** From the request to the task's end, or to its acceptance where the node did not wait. */
	durationMs: number;
	/** The VM in Proxmox's own web page. */
	url: string;
}

/**
 * Creates a VM, or restores one from a backup: read, encode, post once, wait if asked.
 * Source: `POST /nodes/{node}/qemu`.
 * @param trace is filled in as it becomes known, so that an error loses neither VM ID nor UPID
 * @throws BadInputError before any request; PveError, TaskError or TaskTimeoutError after it
 */
export async function createVm(
	this: IExecuteFunctions,
	operation: Operation,
	itemIndex: number,
	trace: Trace,
): Promise<VmOutput> {
	const read = readRequest(operation, (name, fallback) => this.getNodeParameter(name, itemIndex, fallback));
	if ('problems' in read) throw new BadInputError(read.problems);
	const { request } = read;
	const { node } = request;

	const client = createClient(this);
	const begun = Date.now();
	const vmid = request.vmid ?? (await nextId(client));
	Object.assign(trace, { node, vmid });
	const upid = await client.post<string>(`/nodes/${segment(node)}/qemu`, bodyOf(request, vmid));
	Object.assign(trace, { upid });
	// After a crash of n8n the log is all that is left of the execution.
	this.logger.info(`Proxmox VE accepted the ${operation} of VM ${vmid} on ${node}: ${upid}`, { upid, vmid, node, itemIndex });

	const wait = this.getNodeParameter('waitForCompletion', itemIndex, true) === true;
	const end = wait ? await waitForTask(client, upid, waitOptions(this, itemIndex)) : undefined;
	return {
		vmid,
		node,
		upid,
		status: end === undefined ? 'running' : end.exitStatus === 'OK' ? 'ok' : 'warnings',
		exitStatus: end?.exitStatus ?? null,
		warnings: end?.warnings ?? [],
		startedAt: parseUpid(upid)?.startedAt.toISOString() ?? null,
		durationMs: Date.now() - begun,
		url: await clusterLink(this, vmid),
	};
}

/** The lowest free ID. Proxmox reserves nothing: the POST itself takes the ID. */
const nextId = async (client: PveClient): Promise<number> => Number((await client.get<string>('/cluster/nextid')).data);

const bodyOf = (request: VmRequest, vmid: number): Record<string, string> => ({
	vmid: String(vmid),
	...encodeBody(request.parameters),
	...request.additional,
});

function waitOptions(context: IExecuteFunctions, itemIndex: number): Parameters<typeof waitForTask>[2] {
	const { timeout = 1800, maxPollInterval = 5 } = context.getNodeParameter('options', itemIndex, {}) as {
		timeout?: number;
		maxPollInterval?: number;
	};
	return { timeoutSeconds: timeout, maxPollSeconds: maxPollInterval, signal: context.getExecutionCancelSignal() };
}
