import {
	listBackups,
	storageOf,
	vmidOfBackup,
	volumePath,
	type BackupVolume,
} from '../../api/backups';
import type { PveClient } from '../../api/client';
import { isOutcomeUnknown, PveError } from '../../api/errors';
import { reachedWarning } from '../../guests/lostChange';
import { note } from '../../runtime/context';
import { AdvisedError, UnknownOutcomeError } from '../../runtime/errors';
import { emit, type Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { encodeFields } from '../../wire/encodeFields';
import { isRecord } from '../../wire/values';
import { backupFacts } from './backupFacts';
import { updateFields } from './fields';
import { readVolid } from './readVolid';

/** Source: `PUT /nodes/{node}/storage/{storage}/content/{volume}`, which is done when it answers. */
export const execute: Execute = async (item) => {
	const { run, form, trace } = item;
	const { client } = run;
	const node = form.node();
	const volid = readVolid(form);
	const given = form.raw('updateFields', {});
	const read = form.collection('updateFields', 'Update Fields', updateFields);
	// Notes that were added and are empty are to be removed.
	const notes = read.notes ?? (isRecord(given) && given.notes === '' ? '' : undefined);
	const change = { notes, protected: read.protected };
	if (notes === undefined && change.protected === undefined && form.problems.length === 0)
		form.problems.push({
			parameter: 'updateFields',
			label: 'Update Fields',
			message: 'changes nothing: add Notes or Protected',
		});
	const isPreview = form.previewing();
	form.check();

	const vmid = vmidOfBackup(volid);
	note(trace, { node, ...(vmid === undefined ? {} : { vmid }) });
	const body = encodeFields(change);
	// Proxmox takes notes for a backup that does not exist, too.
	await findBackup(client, node, volid);
	if (isPreview)
		return await emitPreview(item, [{ method: 'PUT', path: volumePath(node, volid), body }]);
	const what = `update of ${volid} on ${node}`;
	const lost = await run
		.gate(node, async () => await client.put<null>(volumePath(node, volid), body))
		.then(
			() => undefined,
			(error: unknown) => {
				if (error instanceof PveError && isOutcomeUnknown(error)) return error;
				throw error instanceof PveError && Object.keys(body).length > 1
					? new AdvisedError(error, 'Its notes may have been changed already.')
					: error;
			},
		);
	const after = await findBackup(client, node, volid).catch((error: unknown) => {
		throw lost === undefined ? error : new UnknownOutcomeError(lost, what, []);
	});
	if (!isAs(after, change)) {
		if (lost !== undefined) throw new UnknownOutcomeError(lost, what, []);
		throw new Error(
			`${volid} was updated, but is not as requested: another request may have changed it since`,
		);
	}
	return emit({
		...backupFacts(after),
		node,
		warnings: lost === undefined ? [] : [reachedWarning(what, [])],
	});
};

/** A backup in the list of its storage. @throws Error if it is not there */
async function findBackup(client: PveClient, node: string, volid: string): Promise<BackupVolume> {
	const { backups } = await listBackups(client, undefined, node, {
		storages: [storageOf(volid)],
		vmid: vmidOfBackup(volid),
	});
	const found = backups.find((one) => one.volid === volid);
	if (found === undefined)
		throw new Error(
			`There is no backup ${volid} on ${node}, or this user or token may not see it (VM.Backup on its guest)`,
		);
	return found;
}

/** Whether a backup has what was set. */
const isAs = (
	backup: BackupVolume,
	change: { readonly notes?: string; readonly protected?: boolean },
): boolean =>
	(change.notes === undefined || textOf(backup.notes) === textOf(change.notes)) &&
	(change.protected === undefined || (backup.protected === 1) === change.protected);

const textOf = (notes = ''): string => notes.replace(/\r\n/g, '\n').trim();
