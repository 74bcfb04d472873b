import type { VmRequest } from '../../form/readRequest';
import { segment } from '../../api/client';
import { isNoVm, PveError } from '../../api/errors';
import { privilegesOn } from '../../api/privileges';
import { waitForTask } from '../../api/tasks/wait';
import { isIncomplete } from './keyedVms';
import { vmPath, type Place } from '../locateGuest';
import type { Item } from '../../runtime/operation';
import { remainsOf, type Remains, type VmConfig } from './guestState';
import type { Trace } from '../../runtime/toNodeError';
import type { Candidates } from './submit';

/** What becomes of what a failed restore leaves behind. Proxmox itself leaves it there, and its ID taken. */
export interface Leftovers {
	/** The IDs to try, each looked at before: what is there already is never removed. */
	watch(ids: Candidates): Candidates;
	/** Told that a POST for this ID got no answer: whose VM there is now cannot be told for certain. */
	doubt(vmid: number): void;
	/** What is to be told of what is there, after it was removed where that may and shall be. @param upid the restore that failed */
	settle(
		vmid: number,
		upid: string,
		remains: Remains,
	): Promise<Pick<Trace, 'remains' | 'notRemoved'>>;
}

export function createLeftovers(
	{ run, index }: Item,
	{ node, archive, parameters, options }: VmRequest,
): Leftovers {
	const { client, context } = run;
	const isRestore = archive !== undefined;
	const overwrites = parameters.force === true;
	const mayRemove = isRestore && !overwrites && options.removeLeftovers;
	/** IDs under which there certainly was no VM right before the POST. */
	const free = new Set<number>();

	/** @returns why it was not removed, if so */
	async function remove(place: Place, upid: string): Promise<string | undefined> {
		try {
			const { data } = await client.get<VmConfig>(`${vmPath(place)}/config`);
			const doubt = isIncomplete(data)
				? await laterTasks(place, upid)
				: 'it is not what a failed restore leaves, and may be somebody else’s';
			if (doubt !== undefined) return `It was not removed: ${doubt}`;
			// Only root@pam may pass over a lock, and a token never. Nothing that was there before is deleted with it.
			const skiplock = data.lock !== undefined && (await client.identity()) === 'root@pam';
			const removal = await client.delete<string>(vmPath(place), skiplock ? { skiplock: 1 } : {});
			context.logger.info(
				`What a failed restore left of VM ${place.vmid} on ${place.node} is being removed: ${removal}`,
				{ ...place, upid: removal, itemIndex: index },
			);
			await waitForTask(client, removal, {
				...options,
				signal: context.getExecutionCancelSignal(),
			});
			return undefined;
		} catch (error) {
			if (error instanceof PveError && isNoVm(error)) return undefined;
			return `It could not be removed: ${error instanceof Error ? error.message : String(error)}`;
		}
	}

	/**
	 * Whether somebody else worked on the ID since our restore: what is there may be theirs.
	 * Source: `GET /nodes/{node}/tasks`.
	 * @returns why it cannot be removed, if so
	 */
	async function laterTasks(
		{ node: where, vmid }: Place,
		upid: string,
	): Promise<string | undefined> {
		if (!(await privilegesOn(client, `/nodes/${where}`))?.has('Sys.Audit')) {
			return `whether another task made it cannot be seen without Sys.Audit on /nodes/${where}`;
		}
		const { data: tasks } = await client.get<Array<{ upid: string }>>(
			`/nodes/${segment(where)}/tasks`,
			{ source: 'all', vmid },
		);
		if (!tasks.some((task) => task.upid === upid))
			return 'the task list no longer shows the restore';
		const later = tasks.find((task) => task.upid !== upid && !isBefore(task.upid, upid));
		return later && `another task worked on the VM ID since: ${later.upid}`;
	}

	return {
		watch: (ids) => ({
			...ids,
			async next() {
				const vmid = await ids.next();
				if (mayRemove && vmid !== undefined && (await remainsOf(client, node, vmid)) === 'nothing')
					free.add(vmid);
				return vmid;
			},
		}),
		doubt: (vmid) => void free.delete(vmid),
		async settle(vmid, upid, remains) {
			if (!isRestore || remains === 'nothing') return { remains };
			if (overwrites) return { remains: 'overwritten' };
			if (!mayRemove)
				return {
					remains,
					notRemoved:
						'Options → Clean Up After Failed Restore deletes what a failed restore leaves of a new VM.',
				};
			if (!free.has(vmid))
				return {
					remains,
					notRemoved: 'It was not removed: whether it was there before is not certain.',
				};
			const notRemoved = await remove({ node, vmid }, upid);
			return notRemoved === undefined ? { remains: 'removed' } : { remains, notRemoved };
		},
	};
}

/** Whether a task began before another one of the same node: by the second, and within it by the process' start. */
function isBefore(upid: string, other: string): boolean {
	const [start = 0, order = 0] = startOf(upid);
	const [otherStart = 0, otherOrder = 0] = startOf(other);
	return start < otherStart || (start === otherStart && order < otherOrder);
}

/** Seconds since 1970, and hundredths of a second since the node was booted. A UPID has both in hexadecimal. */
const startOf = (upid: string): number[] => {
	const [, , , order = '', start = ''] = upid.split(':');
	return [parseInt(start, 16), parseInt(order, 16)];
};
