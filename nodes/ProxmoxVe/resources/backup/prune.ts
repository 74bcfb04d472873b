import type { IDataObject } from 'n8n-workflow';

import type { BackupVolume } from '../../api/backups';
import { segment } from '../../api/client';
import { isNotStarted, PveError } from '../../api/errors';
import { isoTime } from '../../api/isoTime';
import { settleByEffect } from '../../guests/lostChange';
import { note } from '../../runtime/context';
import { AdvisedError } from '../../runtime/errors';
import { followTask, isDone, NO_TASK } from '../../runtime/followTask';
import { emit, type Execute } from '../../runtime/operation';
import { emitPreview } from '../../runtime/previewRequest';
import { isRecord } from '../../wire/values';
import { backupFields } from './fields';
import { dryRunField, keepFields, pruneFilters } from './ownFields';

/** A backup, and what a retention means for it. */
interface Marked extends Pick<BackupVolume, 'volid' | 'vmid' | 'ctime'> {
	readonly type: string;
	/** `renamed`: it does not have a name of Proxmox, and is kept. */
	readonly mark: 'keep' | 'remove' | 'protected' | 'renamed';
}

/** Source: `GET /nodes/{node}/storage/{storage}/prunebackups`, and DELETE. */
export const execute: Execute = async (item) => {
	const { run, form, trace } = item;
	const { client } = run;
	const node = form.node();
	const { storage = '' } = form.fields({ storage: backupFields.storage });
	const keep = Object.entries(form.collection('keep', 'Keep', keepFields)).filter(
		([, count]) => count !== undefined,
	);
	// Without a number to keep, Proxmox keeps all.
	if (form.problems.length === 0 && !keep.some(([, count]) => Number(count) > 0))
		form.problems.push({ parameter: 'keep', label: 'Keep', message: 'needs a number above 0' });
	const { type } = form.filters(pruneFilters);
	const filters = form.raw('filters', {});
	const vmid =
		isRecord(filters) && Object.hasOwn(filters, 'vm')
			? form.readGuestId(filters.vm, { parameter: 'vm', label: 'Filters → Guest' })
			: undefined;
	const { dryRun = true } = form.fields(dryRunField, { dryRun: true });
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();

	note(trace, { node, ...(vmid === undefined ? {} : { vmid }) });
	const path = `/nodes/${segment(node)}/storage/${segment(storage)}/prunebackups`;
	const query: Record<string, string> = {
		'prune-backups': keep.map(([name, count]) => `${name}=${count}`).join(','),
		...(vmid === undefined ? {} : { vmid: String(vmid) }),
		...(type === undefined ? {} : { type }),
	};
	const { data: marked } = await client.get<Marked[]>(path, query);
	const lists = {
		node,
		storage,
		dryRun,
		remove: factsOf(marked, 'remove'),
		keep: factsOf(marked, 'keep', 'renamed'),
		protected: factsOf(marked, 'protected'),
	};
	const isNeeded = !dryRun && lists.remove.length > 0;
	if (isPreview)
		return await emitPreview(
			item,
			isNeeded ? [{ method: 'DELETE', path, body: query }] : [],
			lists,
		);
	if (!isNeeded) return emit({ ...lists, removed: [], ...NO_TASK });

	/** What is gone of all that was there. */
	const removed = async (): Promise<string[]> => {
		// The list of the storage hides backups of guests without VM.Backup; this one does not.
		const { data } = await client.get<Marked[]>(path, query);
		const left = new Set(data.map(({ volid }) => volid));
		return marked.map(({ volid }) => volid).filter((volid) => !left.has(volid));
	};
	const what = `pruning of the backups on ${storage}`;
	const types = ['prunebackups'];
	const id = `${vmid === undefined ? '' : `${vmid}@`}${storage}`;
	const task = await followTask(item, {
		label: what,
		node,
		types,
		waiting,
		start: async () => await client.delete<string>(path, query),
		changedNothing: (error) => error instanceof PveError && isNotStarted(error),
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				{ node },
				error,
				{ what, types, startedAt, id },
				async () => {
					const gone = new Set(await removed());
					return lists.remove.every(({ volid }) => gone.has(String(volid)));
				},
				left,
			),
	}).catch(async (error: unknown) => {
		const gone = await removed().catch(() => undefined);
		const advice =
			gone === undefined
				? 'What was removed could not be read.'
				: `Removed before that: ${gone.length > 0 ? gone.join(', ') : 'nothing'}.`;
		throw error instanceof Error ? new AdvisedError(error, advice) : error;
	});
	if (isDone(task) !== true) return emit({ ...lists, removed: null, ...task });
	const gone = await removed();
	const left = lists.remove.map(({ volid }) => String(volid)).filter((one) => !gone.includes(one));
	const warnings = [...task.warnings, ...left.map((volid) => `${volid} was not removed`)];
	return emit({
		...lists,
		removed: gone,
		...task,
		taskStatus: warnings.length > 0 ? 'warnings' : task.taskStatus,
		warnings,
	});
};

const factsOf = (
	marked: readonly Marked[],
	...marks: ReadonlyArray<Marked['mark']>
): IDataObject[] =>
	marked
		.filter(({ mark }) => marks.includes(mark))
		.map(({ volid, vmid = null, type, ctime }) => ({
			volid,
			vmid,
			type,
			createdAt: ctime === undefined ? null : isoTime(ctime),
		}));
