import type { DiskSize } from '../../form/drives';
import type { Options } from '../../form/readOptions';
import type { SeedRequest } from '../../form/readSeed';
import { isLockTimeout, PveError, saysIdTaken, saysVmLocked, TaskError } from '../../api/errors';
import { guestPath } from '../../api/paths';
import { sleep, stopwatch } from '../../api/sleep';
import { taskThatCloned } from '../../api/tasks/findOwnTask';
import { note } from '../../runtime/context';
import { followTask, taskOutput, type TaskOutput } from '../../runtime/followTask';
import type { Item } from '../../runtime/operation';
import type { GuestLocation } from '../locateGuest';
import type { GuestReport } from '../waitForGuest';
import { applySettings, type LaterSettings } from './applySettings';
import { readGuestState } from './guestState';
import { markFor, markIn, markOf } from './idempotency';
import { idSource } from './idSource';
import { createKeyedVms, type KeyedVms } from './keyedVms';
import { makeReady } from './makeReady';
import type { Placement } from './placement';
import { submit, type Accepted, type VmIdSource } from './submit';

/** Pauses before each further try while another task holds a lock, in milliseconds; the last one is repeated. */
const LOCK_PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 15_000];
/** IDs to try when others take them first. */
const MOST_IDS = 30;

/** One clone to make. */
export interface Copy {
	readonly original: GuestLocation;
	/** Where the clone comes to be. */
	readonly node: string;
	/** How that was chosen, if it was. */
	readonly placement?: Placement;
	/** Undefined means the next free ID. */
	readonly vmid?: number;
	/** What is sent, but for the ID and what an idempotency key adds. */
	readonly body: Readonly<Record<string, string>>;
	/** The notes of the clone, to which an idempotency key adds its mark. */
	readonly notes: string;
	/** What of its settings to change, and by which names; undefined if all are those of the original. */
	readonly settings?: LaterSettings;
	readonly growth: readonly DiskSize[];
	/** Its own cloud-init files, in place of the cloud-init drive of the original. */
	readonly seed?: SeedRequest;
	readonly start: boolean;
	readonly options: Options;
}

/** What was made of a VM. */
export interface Cloned extends TaskOutput, GuestReport {
	vmid: number;
	node: string;
	name: string | null;
	/** Whether it is the clone of an earlier request with the same idempotency key. */
	reused: boolean;
	/** The task that started it. */
	startUpid?: string;
	/** The volume ID of its cloud-init ISO image; null if that was removed after the first boot. */
	cloudInitIso?: string | null;
}

/** A clone that exists, or is being made. */
type Made = Accepted & { readonly task: TaskOutput };

/**
 * Clones a VM, then changes settings of the clone, grows its disks and starts it, each if asked for.
 * Source: `POST /nodes/{node}/qemu/{vmid}/clone`, then as changeSettings, growDisks and startVm say.
 * @throws as followTask does; LostAnswerError; UnfinishedError and StartError if the clone exists
 */
export async function cloneVm(item: Item, copy: Copy): Promise<Cloned> {
	const { run, kind } = item;
	const { original, node, body, settings, options, growth, seed, start } = copy;
	const { idempotencyKey: key } = options;
	const elapsed = stopwatch();
	const name = body[kind.catalogue.name];
	return await run.gate(original.node, async () => {
		const keyed = key === '' ? undefined : keyedClones(item, copy);
		const existing = await keyed?.find();
		const made: Made =
			existing === undefined
				? await createClone(item, copy, keyed).catch((error: unknown) => {
						copy.placement?.ended();
						throw error;
					})
				: { ...existing, task: taskOfExisting(existing) };
		const { vmid, existing: reused } = made;
		const place = { kind, node: made.node, vmid };
		if (reused) {
			copy.placement?.ended();
			note(item.trace, { node: made.node, vmid, upid: made.upid });
		} else copy.placement?.accepted(vmid);
		const { warnings, ...ready } = options.wait
			? await makeReady(item, made, {
					configure: async () =>
						await applySettings(item, place, settings, { growth, start, options }, reused),
					growth,
					seed,
					name,
					start,
					template: false,
					startsItself: false,
					options,
				})
			: { warnings: [] };
		const all = [...made.task.warnings, ...warnings];
		return {
			vmid,
			name: (reused ? made.name : name) ?? null,
			node: reused ? made.node : node,
			...made.task,
			taskStatus:
				made.task.taskStatus === 'ok' && all.length > 0 ? 'warnings' : made.task.taskStatus,
			warnings: all,
			durationMs: elapsed(),
			reused,
			...(ready.cloudInitIso === undefined ? {} : { cloudInitIso: ready.cloudInitIso }),
			...(ready.startUpid === undefined ? {} : { startUpid: ready.startUpid }),
			...ready.report,
		};
	});
}

/** The clones of a key. The task that made one is listed under the original. */
export const keyedClones = (item: Item, { original, node, vmid, body, options }: Copy): KeyedVms =>
	createKeyedVms(
		item,
		{ node, vmid, options, parameters: { pool: body.pool } },
		async ({ vmid: clone }) =>
			await taskThatCloned(item.run.client, {
				...original,
				taskType: original.kind.taskTypes.clone,
				clone,
			}),
	);

/** The task of a clone that was there before. */
const taskOfExisting = ({ upid }: Accepted): TaskOutput =>
	upid === undefined
		? {
				upid: null,
				taskStatus: 'ok',
				exitStatus: 'OK',
				warnings: [],
				startedAt: null,
				durationMs: 0,
			}
		: { ...taskOutput(upid, { exitStatus: 'OK', warnings: [] }), durationMs: 0 };

/**
 * Clones a VM: again where nothing was made, because another took the ID or held a lock meanwhile. Proxmox
 * looks at the ID when it is asked, but takes it in the task only, which waits for locks for just a second. Other
 * clones of a VM that runs hold its lock for as long as they take, so this is tried for as long as Timeout allows.
 */
async function createClone(item: Item, copy: Copy, keyed: KeyedVms | undefined): Promise<Made> {
	const { original, node, vmid: fixed, options } = copy;
	const { run, trace } = item;
	const ids = idSource(run, copy, keyed);
	const isFixed = fixed !== undefined && options.ifExists !== 'useAnotherId';
	const elapsed = stopwatch();
	let locked = 0;
	let taken = 0;
	for (;;) {
		let accepted: Accepted | undefined;
		const task = await followTask(item, {
			label: `clone of ${original.kind.label} ${original.vmid} on ${original.node}`,
			node: original.node,
			waiting: options,
			inGate: true,
			start: async () => {
				accepted = await submitClone(item, copy, ids, keyed);
				if (accepted.existing) throw new ExistsAlready(accepted);
				return accepted.upid ?? '';
			},
		}).catch(async (error: unknown) => {
			if (error instanceof ExistsAlready) return error;
			const { vmid = 0 } = accepted ?? {};
			const reason = error instanceof TaskError ? error.exitStatus : '';
			const request = `POST ${guestPath(original)}/clone`;
			const findExisting = async (): Promise<ExistsAlready | undefined> => {
				const existing = await keyed?.findById(vmid, new PveError({ message: reason, request }));
				return existing && new ExistsAlready(existing);
			};
			if (saysIdTaken(reason, vmid)) {
				const existing = await findExisting();
				if (existing) return existing;
				if (!isFixed && ++taken < MOST_IDS) {
					ids.wasTaken(vmid);
					return undefined;
				}
			}
			const wait = LOCK_PAUSES_MS[Math.min(locked++, LOCK_PAUSES_MS.length - 1)] ?? 0;
			if (!isLockTimeout(reason) || elapsed() + wait > options.timeoutSeconds * 1000) throw error;
			// The lock of the original comes before all else. Any other may have been wanted for a clone that has started.
			const guestState = saysVmLocked(reason, original.vmid)
				? 'nothing'
				: await readGuestState(run.client, { kind: original.kind, node, vmid });
			if (guestState !== 'nothing') {
				// Another delivery of the key holds the lock.
				const existing = await findExisting();
				if (existing) return existing;
				note(trace, { guestState });
				throw error;
			}
			ids.wasFreed?.(vmid);
			await sleep(wait, run.context.getExecutionCancelSignal());
			return undefined;
		});
		if (task instanceof ExistsAlready) return { ...task.vm, task: taskOfExisting(task.vm) };
		if (task && accepted) return { ...accepted, task };
	}
}

/** Thrown if the clone of the key exists already, so that no task is followed. */
class ExistsAlready extends Error {
	constructor(readonly vm: Accepted) {
		super(`VM ${vm.vmid} exists already`);
	}
}

const submitClone = async (
	item: Item,
	{ original, node, body, notes, settings, options }: Copy,
	ids: VmIdSource,
	keyed: KeyedVms | undefined,
): Promise<Accepted> => {
	const {
		run: { client, context },
		trace,
		index,
	} = item;
	const { idempotencyKey: key } = options;
	const nameParameter = original.kind.catalogue.name;
	const asked = `clone of ${original.kind.label} ${original.vmid} to ${original.kind.label}`;
	const mark = markFor(settings !== undefined && options.wait);
	const sent = key === '' ? body : { ...body, description: mark(notes, key) };
	return await submit(client, {
		kind: original.kind,
		node,
		path: `${guestPath(original)}/clone`,
		ids,
		taskOf: (clone) => ({ ...original, taskType: original.kind.taskTypes.clone, clone }),
		takes: 'nothing',
		body: (vmid) => ({ newid: String(vmid), ...sent }),
		whose: ({ name, hostname = name, description }) =>
			(sent[nameParameter] !== undefined && hostname !== sent[nameParameter]) ||
			(key !== '' && markIn(description) !== markOf(key))
				? 'others'
				: undefined,
		onAttempt: (vmid) => note(trace, { node, vmid, isRefused: undefined }),
		onRefused: () => note(trace, { isRefused: true }),
		onUnknownOutcome: (vmid, { message }) =>
			context.logger.warn(
				`The outcome of the ${asked} ${vmid} is unknown (${message}): its task is looked for`,
				{ ...trace },
			),
		onSeen: (vmid, upids) =>
			context.logger.info(`A task that may be that of the ${asked} ${vmid}: ${upids.join(' ')}`, {
				...trace,
				itemIndex: index,
			}),
		...(keyed === undefined
			? {}
			: { findExisting: async (vmid, error) => await keyed.findById(vmid, error) }),
		timeoutSeconds: options.timeoutSeconds,
		maxPollSeconds: options.maxPollSeconds,
		signal: context.getExecutionCancelSignal(),
	});
};
