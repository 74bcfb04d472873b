import { segment } from '../../api/client';
import { saysVmLocked, TaskError } from '../../api/errors';
import { parseUpid } from '../../api/upid';
import { changedNothingOf, followTask } from '../../runtime/followTask';
import { guestUrl } from '../../guests/guestUrl';
import { locateVm, type GuestLocation } from '../../guests/locateGuest';
import { settleByEffect } from '../../guests/lostChange';
import { emit, type Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import type { Run } from '../../runtime/run';
import { backupFacts } from './backupFacts';
import { findBackups, notFoundWarning, type FoundBackup } from './findBackups';
import { readBackupRequest } from './readBackupRequest';

/** Source: `POST /nodes/{node}/vzdump`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { storage, body } = readBackupRequest(form);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	const place = await locateVm(item, guest);
	const { node, vmid } = place;
	const request = {
		path: `/nodes/${segment(node)}/vzdump`,
		body: { vmid: String(vmid), ...body },
	};
	if (isPreview) return await emitPreview(item, [{ method: 'POST', ...request }]);
	const what = `backup of ${place.kind.label} ${vmid} on ${node}`;
	const task = await followTask(item, {
		...place,
		label: what,
		types: ['vzdump'],
		waiting,
		start: async () => await post(run, place, request),
		changedNothing: (error) =>
			changedNothingOf(vmid)(error) || (error instanceof TaskError && hadNoLock(error, vmid)),
		// The backup of this request looks the same as any other of the VM.
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				place,
				error,
				{ what, types: ['vzdump'], startedAt, id: String(vmid) },
				undefined,
				left,
			),
	});
	const { upid } = task;
	const url = await guestUrl(run.client, item.kind, vmid);
	const about = { name: place.name, node, url };
	if (task.taskStatus === 'running' || upid === null)
		return emit({ volid: null, vmid, storage, ...about, ...task, summary: null });

	const made = await findBackups(run.client, node, storage, upid, vmid).then(
		(found) => found.get(vmid),
		(error: unknown) => ({ notFound: error instanceof Error ? error.message : String(error) }),
	);
	const { volume, summary, notFound }: Partial<FoundBackup> = made ?? {};
	if (volume !== undefined) return emit({ ...backupFacts(volume), ...about, ...task, summary });
	// The backup is there all the same, which an error would hide.
	return emit({
		volid: null,
		vmid,
		storage,
		...about,
		...task,
		taskStatus: 'warnings',
		warnings: [
			...task.warnings,
			notFoundWarning(storage, notFound ?? 'the log of its task does not name it'),
		],
		summary: summary ?? null,
	});
};

/** @returns the UPID @throws Error if the node does not have the VM: it says OK then, and does nothing */
async function post(
	{ client }: Run,
	{ kind, node, vmid }: GuestLocation,
	{ path, body }: { readonly path: string; readonly body: Record<string, string> },
): Promise<string> {
	const answer = await client.post<string>(path, body);
	if (!parseUpid(answer))
		throw new Error(`${kind.label} ${vmid} is no longer on ${node}: nothing was backed up`);
	return answer;
}

/**
 * Whether a backup failed because it did not get the lock of the VM. Its exit status does not say so, but its log: the
 * lock comes right after the state of the VM and the wait for it, and before anything is done.
 */
const hadNoLock = ({ log }: TaskError, vmid: number): boolean =>
	log.some((line, index) => {
		const isFailure =
			line.startsWith(`ERROR: Backup of VM ${vmid} failed - `) && saysVmLocked(line, vmid);
		return isFailure && /^(?:INFO: status = |trying to acquire lock)/.test(log[index - 1] ?? '');
	});
