import type { VmRequest } from '../../form/readRequest';
import { isNoVm, PveError } from '../../api/errors';
import { privilegesOn } from '../../api/privilegesOn';
import { readTasks } from '../../api/tasks/readTasks';
import { waitForTask } from '../../api/tasks/wait';
import type { Task } from '../../api/upid';
import { guestPath } from '../../api/paths';
import { idOf, type GuestLocation } from '../locateGuest';
import type { Item } from '../../runtime/operation';
import { isConfigComplete, readGuestState, type VmConfig } from './guestState';
import type { GuestState, Trace } from '../../runtime/context';
import type { VmIdSource } from './submit';

/** What becomes of what a failed restore leaves behind. Proxmox itself leaves it there, and its ID taken. */
export interface Cleanup {
	/** The IDs to try, each looked at before: what is there already is never removed. */
	track(ids: VmIdSource): VmIdSource;
	/** Marks that a POST for this ID got no response: it is uncertain whose VM has it now. */
	markUnknown(vmid: number): void;
	/** Deletes the partial VM if allowed and enabled; returns what to report. @param upid the restore that failed */
	cleanUp(
		vmid: number,
		upid: string,
		guestState: GuestState,
	): Promise<Pick<Trace, 'guestState' | 'notRemoved'>>;
}

export function createCleanup(
	{ run, index, kind }: Item,
	{ node, archive, parameters, options }: VmRequest,
): Cleanup {
	const { client, context } = run;
	const isRestore = archive !== undefined;
	const overwrites = parameters.force === true;
	const mayRemove = isRestore && !overwrites && options.cleanUp;
	/** IDs under which there certainly was no VM right before the POST. */
	const free = new Set<number>();

	/** @returns why it was not removed, if so */
	async function remove(place: GuestLocation, upid: string): Promise<string | undefined> {
		try {
			const { data } = await client.get<VmConfig>(`${guestPath(place)}/config`);
			// The task of a clone is not listed under this ID, so only the lock shows it.
			const doubt =
				isConfigComplete(data) || data.lock === 'clone'
					? 'it does not look like what a failed restore leaves behind'
					: await laterTasks(place, upid);
			if (doubt !== undefined) return `It was not deleted: ${doubt}`;
			// Only root@pam may pass over a lock, and a token never. Nothing that was there before is deleted with it.
			const skiplock = data.lock !== undefined && (await client.identity()) === 'root@pam';
			const removal = await client.delete<string>(
				guestPath(place),
				skiplock ? { skiplock: 1 } : {},
			);
			context.logger.info(
				`What a failed restore left of ${place.kind.label} ${place.vmid} on ${place.node} is being removed: ${removal}`,
				{ ...idOf(place), upid: removal, itemIndex: index },
			);
			await waitForTask(client, removal, {
				...options,
				signal: context.getExecutionCancelSignal(),
			});
			return undefined;
		} catch (error) {
			if (error instanceof PveError && isNoVm(error)) return undefined;
			return `It could not be deleted: ${error instanceof Error ? error.message : String(error)}`;
		}
	}

	/**
	 * Whether another task has used the ID since our restore: what is there may belong to it.
	 * Source: `GET /nodes/{node}/tasks`.
	 * @returns why it cannot be removed, if so
	 */
	async function laterTasks(
		{ node: where, vmid }: GuestLocation,
		upid: string,
	): Promise<string | undefined> {
		if (!(await privilegesOn(client, `/nodes/${where}`))?.has('Sys.Audit')) {
			return `without Sys.Audit on /nodes/${where}, tasks of other users cannot be seen`;
		}
		const tasks = await readTasks(client, where, { source: 'all', vmid });
		const restore = tasks.find((task) => task.upid === upid);
		if (!restore) return 'the task list no longer shows the restore';
		const later = tasks.find((task) => task !== restore && !isBefore(task, restore));
		return later && `another task has used the VM ID since: ${later.upid}`;
	}

	return {
		track: (ids) => ({
			...ids,
			async next() {
				const vmid = await ids.next();
				if (
					mayRemove &&
					vmid !== undefined &&
					(await readGuestState(client, { kind, node, vmid })) === 'nothing'
				)
					free.add(vmid);
				return vmid;
			},
		}),
		markUnknown: (vmid) => void free.delete(vmid),
		async cleanUp(vmid, upid, guestState) {
			if (!isRestore || guestState === 'nothing') return { guestState };
			if (overwrites) return { guestState: 'overwritten' };
			// Proxmox itself removes what is left of a container.
			if (!mayRemove && kind.reporter === 'host') return { guestState };
			if (!mayRemove)
				return {
					guestState,
					notRemoved:
						'Options → Clean Up After Failed Restore deletes what a failed restore leaves of a new VM.',
				};
			if (!free.has(vmid))
				return {
					guestState,
					notRemoved: 'It was not deleted: it may have existed before.',
				};
			const notRemoved = await remove({ kind, node, vmid }, upid);
			return notRemoved === undefined ? { guestState: 'removed' } : { guestState, notRemoved };
		},
	};
}

/** Whether a task started before another one of the same node: by the second, and within it by the process' start. */
function isBefore(task: Task, other: Task): boolean {
	const seconds = task.startedAt.getTime() - other.startedAt.getTime();
	return seconds < 0 || (seconds === 0 && task.processStart < other.processStart);
}
