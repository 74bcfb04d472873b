import type { VmRequest } from '../form/readRequest';
import { isNoVm, PveError } from '../pve/errors';
import { waitForTask } from '../pve/tasks';
import { vmPath, type Place } from './locateVm';
import type { Item } from './operation';
import { remainsOf, type Remains } from './remains';
import type { Trace } from './report';
import type { Candidates } from './submit';

/** What becomes of what a failed restore leaves behind. Proxmox itself leaves it there, and its ID taken. */
export interface Leftovers {
	/** The IDs to try, each looked at before: what is there already is never removed. */
	watch(ids: Candidates): Candidates;
	/** Told that a POST for this ID got no answer: whose VM there is now cannot be told for certain. */
	doubt(vmid: number): void;
	/** What is to be told of what is there, after it was removed where that may and shall be. */
	settle(vmid: number, remains: Remains): Promise<Pick<Trace, 'remains' | 'notRemoved'>>;
}

export function createLeftovers({ run, index }: Item, { node, parameters, options }: VmRequest): Leftovers {
	const { client, context } = run;
	const isRestore = parameters.archive !== undefined;
	const overwrites = parameters.force === true;
	const mayRemove = isRestore && !overwrites && options.removeLeftovers;
	/** IDs under which there certainly was no VM right before the POST. */
	const free = new Set<number>();

	/** @returns why it could not be removed, if so */
	async function remove(place: Place): Promise<string | undefined> {
		try {
			const { data } = await client.get<{ lock?: string }>(`${vmPath(place)}/config`);
			// Only root@pam may pass over a lock, and a token never. Nothing that was there before is deleted with it.
			const skiplock = data.lock !== undefined && (await client.identity()) === 'root@pam';
			const upid = await client.delete<string>(vmPath(place), skiplock ? { skiplock: 1 } : {});
			context.logger.info(`What a failed restore left of VM ${place.vmid} on ${place.node} is being removed: ${upid}`, { ...place, upid, itemIndex: index });
			await waitForTask(client, upid, { ...options, signal: context.getExecutionCancelSignal() });
			return undefined;
		} catch (error) {
			if (error instanceof PveError && isNoVm(error)) return undefined;
			return error instanceof Error ? error.message : String(error);
		}
	}

	return {
		watch: (ids) => ({
			...ids,
			async next() {
				const vmid = await ids.next();
				if (mayRemove && vmid !== undefined && (await remainsOf(client, node, vmid)) === 'nothing') free.add(vmid);
				return vmid;
			},
		}),
		doubt: (vmid) => void free.delete(vmid),
		async settle(vmid, remains) {
			if (!isRestore || remains === 'nothing') return { remains };
			if (overwrites) return { remains: 'overwritten' };
			if (!mayRemove) return { remains, notRemoved: 'Options → Remove What Is Left deletes what a failed restore leaves of a new VM.' };
			if (!free.has(vmid)) return { remains, notRemoved: 'It was not removed: whether it was there before is not certain.' };
			const reason = await remove({ node, vmid });
			return reason === undefined ? { remains: 'removed' } : { remains, notRemoved: `It could not be removed: ${reason}` };
		},
	};
}
