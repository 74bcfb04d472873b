import { backupFields } from './fields';
import { listBackups, type BackupVolume } from '../../api/backups';
import { segment } from '../../api/client';
import { saysVmLocked, TaskError } from '../../api/errors';
import { readTaskLog } from '../../api/tasks/log';
import { parseUpid } from '../../api/upid';
import { encodeFields } from '../../wire/encodeFields';
import { changedNothingOf, followTask } from '../../runtime/followTask';
import { guestUrl } from '../../guests/guestUrl';
import { locateVm, type GuestLocation } from '../../guests/locateGuest';
import { settleByEffect } from '../../guests/lostChange';
import { emit, type Execute } from '../../runtime/operation';
import type { Run } from '../../runtime/run';
import { backupFacts } from './backupFacts';

const { storage: storageField, mode, compress, ...optionFields } = backupFields;
const alwaysShown = { storage: storageField, mode, compress };

/** Source: `POST /nodes/{node}/vzdump`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const { storage = '', ...always } = form.fields(alwaysShown, {
		mode: 'snapshot',
		compress: 'zstd',
	});
	const added = form.options(optionFields, withNotesInOneLine(form.rawOptions()));
	const waiting = form.waiting();
	form.check();
	const place = await locateVm(item, guest);
	const { node, vmid } = place;
	const body = encodeFields({ vmid, storage, ...always, ...added });
	const what = `backup of ${place.kind.label} ${vmid} on ${node}`;
	const task = await followTask(item, {
		...place,
		label: what,
		types: ['vzdump'],
		waiting,
		start: async () => await post(run, place, body),
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
		return emit({ volid: null, vmid, storage, ...about, ...task });

	const made = await findMade(run, place, storage, upid).catch((error: unknown) =>
		error instanceof Error ? error : new Error(String(error)),
	);
	// The backup is there all the same, which an error would hide.
	if (made instanceof Error) {
		const warnings = [
			...task.warnings,
			`The new backup could not be found in the list of ${storage}: ${made.message}`,
		];
		return emit({
			volid: null,
			vmid,
			storage,
			...about,
			...task,
			taskStatus: 'warnings',
			warnings,
		});
	}
	return emit({ ...backupFacts(made), ...about, ...task });
};

/** @returns the UPID @throws Error where the node does not have the VM: it says OK then, and does nothing */
async function post(
	{ client }: Run,
	{ kind, node, vmid }: GuestLocation,
	body: Record<string, string>,
): Promise<string> {
	const answer = await client.post<string>(`/nodes/${segment(node)}/vzdump`, body);
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

/** Proxmox wants notes in one line, with a line feed as `\n` and so a backslash as two. */
function withNotesInOneLine(
	options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
	const { 'notes-template': notes } = options;
	return typeof notes === 'string'
		? {
				...options,
				'notes-template': notes.replace(/\\/g, '\\\\').replace(/\r?\n/g, '\\n'),
			}
		: options;
}

/** The name of an archive in the log of its task: a path, or a snapshot on a Proxmox Backup Server. */
const ARCHIVE = /^INFO: creating .{0,200}?\barchive '(?:[^']*\/)?([^/']+)'/;

/** The backup that a task has made: the log has its name, the storage's list the rest. */
async function findMade(
	{ client }: Run,
	{ kind, node, vmid }: GuestLocation,
	storage: string,
	upid: string,
): Promise<BackupVolume> {
	const { lines } = await readTaskLog(client, upid);
	const name = lines.map((line) => ARCHIVE.exec(line)?.[1]).find((found) => found !== undefined);
	if (name === undefined) throw new Error('the log of its task does not name it');
	const { backups } = await listBackups(client, kind, node, { storages: [storage], vmid });
	const made = backups.find(({ volid }) => volid.endsWith(`/${name}`));
	if (made === undefined) throw new Error(`${name} is not in it`);
	return made;
}
