import type { IDataObject } from 'n8n-workflow';

import { segment, type PveClient } from '../../api/client';
import { isNotStarted, PveError, TaskError } from '../../api/errors';
import { listGuests, type ListedGuest } from '../../api/findGuest';
import { parseUpid } from '../../api/upid';
import type { Form } from '../../form/Form';
import { guestKinds } from '../../guests/kinds';
import { settleByEffect } from '../../guests/lostChange';
import { note } from '../../runtime/context';
import { AdvisedError } from '../../runtime/errors';
import { followTask, type TaskOutput } from '../../runtime/followTask';
import { emit, type Execute, type Item } from '../../runtime/operation';
import { previewRequests } from '../../runtime/previewRequest';
import { splitList } from '../../wire/values';
import { backupFacts } from './backupFacts';
import { findBackups, notFoundWarning, type FoundBackup } from './findBackups';
import { manyFields, poolField, whichFields } from './ownFields';
import { readBackupRequest } from './readBackupRequest';

/** The guests of one node, which one task backs up. */
interface Job {
	readonly node: string;
	readonly guests: readonly ListedGuest[];
	upid?: string;
	task?: TaskOutput;
	/** Why its task failed, or was not followed to its end. */
	error?: Error;
	/** What its log says, by guest; undefined if that is not known. */
	found?: ReadonlyMap<number, FoundBackup>;
}

/** Source: `POST /nodes/{node}/vzdump`, once for each node. */
export const execute: Execute = async (item) => {
	const { run, form, trace } = item;
	const which = readWhich(form);
	const { storage, body } = readBackupRequest(form);
	const waiting = form.waiting();
	const isPreview = form.previewing();
	form.check();
	// Its messages name VMs and containers each by its kind: in the words of VMs they stay as they are.
	item.kind = guestKinds.qemu;

	const jobs = jobsOf(await findGuests(run.client, which));
	if (isPreview)
		return emit({
			requests: await previewRequests(
				item,
				jobs.map((job) => ({
					method: 'POST',
					path: pathOf(job),
					body: { vmid: idsOf(job), ...body },
				})),
			),
		});
	const [only] = jobs.length === 1 ? jobs : [];
	if (only) note(trace, { node: only.node });
	await Promise.all(
		jobs.map(async (job) => {
			await backUp(item, job, body, waiting);
			if (only?.upid !== undefined) note(trace, { upid: only.upid });
			if (job.upid !== undefined && job.task?.taskStatus !== 'running')
				job.found = await findBackups(run.client, job.node, storage, job.upid).catch(
					() => undefined,
				);
		}),
	);
	run.context.getExecutionCancelSignal()?.throwIfAborted();

	const backups = jobs.flatMap((job) => job.guests.map((guest) => resultOf(job, guest)));
	const isWhole = backups.every(({ status }) => status === 'ok' || status === 'running');
	if (!isWhole || jobs.some(({ error }) => error !== undefined)) throw failureOf(jobs, backups);
	const tasks = jobs.flatMap(({ task }) => (task === undefined ? [] : [task]));
	const warnings = [
		...tasks.flatMap((task) => task.warnings),
		...jobs.flatMap(({ found }) =>
			[...(found?.values() ?? [])].flatMap(({ notFound }) =>
				notFound === undefined ? [] : [notFoundWarning(storage, notFound)],
			),
		),
	];
	return emit({
		storage,
		backups: backups.map(({ json }) => json),
		tasks: jobs.map(({ node, upid = null, task }) => ({
			node,
			upid,
			exitStatus: task?.exitStatus ?? null,
		})),
		upid: only?.upid ?? null,
		taskStatus: tasks.some(({ taskStatus }) => taskStatus === 'running')
			? 'running'
			: warnings.length > 0
				? 'warnings'
				: 'ok',
		warnings,
		durationMs: Math.max(...tasks.map(({ durationMs }) => durationMs)),
	});
};

/** Which guests to back up. */
interface Which {
	readonly vmids?: readonly number[];
	readonly pool?: string;
	readonly exclude: ReadonlySet<number>;
	readonly node?: string;
}

function readWhich(form: Form): Which {
	const { guests = 'list' } = form.fields(manyFields, { guests: 'list' });
	const { exclude, node } = form.options(whichFields);
	const rest = { exclude: new Set(splitList(exclude ?? '').map(Number)), node };
	if (guests === 'all') return rest;
	if (guests === 'pool') return { ...rest, pool: form.fields(poolField).pool ?? '' };
	const of = { parameter: 'vmids', label: 'Guest IDs' };
	const given = form.list('vmids');
	if (given.length === 0) form.problems.push({ ...of, message: 'is needed' });
	return { ...rest, vmids: [...new Set(given.map((one) => form.readGuestId(one, of)))] };
}

/**
 * The guests to back up, with their nodes of this moment.
 * Source: `GET /cluster/resources`, `GET /pools/{poolid}`.
 * @throws Error if there are none, or one is not there
 */
async function findGuests(
	client: PveClient,
	{ vmids, pool, exclude, node }: Which,
): Promise<ListedGuest[]> {
	const all =
		pool === undefined
			? await listGuests(client, true)
			: new Map((await membersOf(client, pool)).map((row) => [row.vmid, row]));
	const missing = (vmids ?? []).filter((vmid) => !all.has(vmid));
	if (missing.length > 0)
		throw new Error(
			`There is no guest ${missing.join(', ')}, or this user or token may not see it (VM.Audit). Nothing was backed up`,
		);
	const found = (vmids ?? [...all.keys()]).flatMap((vmid) => {
		const row = all.get(vmid);
		const isMeant =
			row !== undefined && !exclude.has(vmid) && (node === undefined || row.node === node);
		return isMeant ? [row] : [];
	});
	if (found.length > 0) return found.sort((a, b) => a.vmid - b.vmid);
	throw new Error(
		`There is no guest to back up${pool === undefined ? '' : ` in pool ${pool}`}${node === undefined ? '' : ` on ${node}`}`,
	);
}

/** The guests of a pool. A name with slashes fits into no path. */
async function membersOf(client: PveClient, pool: string): Promise<ListedGuest[]> {
	type Pool = { readonly members?: ReadonlyArray<Partial<ListedGuest>> };
	const { data } = pool.includes('/')
		? await client.get<Pool[]>('/pools', { poolid: pool })
		: await client.get<Pool>(`/pools/${segment(pool)}`);
	return [data]
		.flat()
		.flatMap(({ members = [] }) => members)
		.filter((row): row is ListedGuest => row.vmid !== undefined && row.node !== undefined);
}

/** Proxmox backs up only the guests of the node that is asked, and passes over the others without a word. */
function jobsOf(guests: readonly ListedGuest[]): Job[] {
	const nodes = [...new Set(guests.map(({ node }) => node))].sort();
	return nodes.map((node) => ({ node, guests: guests.filter((guest) => guest.node === node) }));
}

const pathOf = ({ node }: Job): string => `/nodes/${segment(node)}/vzdump`;
const idsOf = ({ guests }: Job): string => guests.map(({ vmid }) => vmid).join(',');

/** Backs up the guests of a job, and writes into it what became of its task. */
async function backUp(
	item: Item,
	job: Job,
	body: Readonly<Record<string, string>>,
	waiting: ReturnType<Form['waiting']>,
): Promise<void> {
	const { client } = item.run;
	const { node, guests } = job;
	const vmid = idsOf(job);
	const label = `backup of ${guests.map(labelOf).join(', ')} on ${node}`;
	const types = ['vzdump'];
	await followTask(item, {
		label,
		node,
		types,
		waiting,
		start: async () => {
			const answer = await client.post<string>(pathOf(job), { vmid, ...body });
			if (parseUpid(answer)) return answer;
			throw new Error(
				`No guest of this backup is on ${node} any more: nothing was backed up there`,
			);
		},
		onAccepted: (upid) => {
			job.upid = upid;
		},
		changedNothing: (error) => error instanceof PveError && isNotStarted(error),
		settle: async (error, startedAt, left) =>
			await settleByEffect(
				item,
				{ node },
				error,
				{ what: label, types, startedAt, id: guests.length === 1 ? vmid : '' },
				undefined,
				left,
			),
	}).then(
		(task) => {
			job.task = task;
		},
		(error: unknown) => {
			job.error = error instanceof Error ? error : new Error(String(error));
		},
	);
}

/** What became of the backup of a guest. */
interface Result {
	readonly guest: ListedGuest;
	readonly status: 'ok' | 'failed' | 'running' | 'unknown';
	readonly reason?: string;
	readonly volid: string | null;
	readonly json: IDataObject;
}

function resultOf({ node, error, task, found }: Job, guest: ListedGuest): Result {
	const { vmid, name = null, type } = guest;
	const logged = found?.get(vmid);
	const { volume, summary = null } = logged ?? {};
	const facts = volume === undefined ? NO_FACTS : backupFacts(volume);
	const status = statusOf();
	const json = { ...facts, vmid, name, type, node, status, summary };
	return { guest, status, reason: logged?.reason ?? reasonOf(), volid: facts.volid, json };

	function statusOf(): Result['status'] {
		if (task?.taskStatus === 'running') return 'running';
		if (logged !== undefined && logged.status !== 'unknown') return logged.status;
		// A task that has ended and does not name it has not backed it up.
		const hasEnded = task !== undefined || (error instanceof TaskError && !error.isUnknown);
		return hasEnded && found !== undefined && logged === undefined ? 'failed' : 'unknown';
	}
	function reasonOf(): string | undefined {
		return status === 'failed' ? (error?.message ?? `it was no longer on ${node}`) : undefined;
	}
}

const NO_FACTS = { ...backupFacts({ volid: '' }), volid: null, storage: null, protected: null };

/** `CT 110`. */
const labelOf = ({ vmid, type }: Pick<ListedGuest, 'vmid' | 'type'>): string =>
	`${Object.values(guestKinds).find((kind) => kind.type === type)?.label ?? 'Guest'} ${vmid}`;

/** An error that says which guests have a backup, and which have none. */
function failureOf(jobs: readonly Job[], backups: readonly Result[]): AdvisedError {
	const part = (title: string, wanted: Result['status']): string[] => {
		const texts = backups
			.filter(({ status }) => status === wanted)
			.map(({ guest, volid, reason }) =>
				[labelOf(guest), reason ?? volid].filter(Boolean).join(': '),
			);
		return texts.length > 0 ? [`${title}: ${texts.join('; ')}.`] : [];
	};
	const upids = jobs.flatMap(({ upid }) => (upid === undefined ? [] : [upid]));
	const { error } = jobs.find((job) => job.error !== undefined) ?? {};
	const labels = (...wanted: Array<Result['status']>): string =>
		backups
			.filter(({ status }) => wanted.includes(status))
			.map(({ guest }) => labelOf(guest))
			.join(', ');
	const failed = labels('failed');
	const problem =
		failed === ''
			? `Whether there is a backup of ${labels('unknown')} is unknown: the log of the task could not be read`
			: `There is no backup of ${failed}`;
	return new AdvisedError(
		error ?? new Error(problem),
		[
			...part('Backed up', 'ok'),
			...part('Not backed up', 'failed'),
			...part('Unknown', 'unknown'),
			...part('Still running', 'running'),
			...(jobs.length > 1 && upids.length > 0 ? [`Tasks: ${upids.join(', ')}`] : []),
		].join('\n'),
	);
}
