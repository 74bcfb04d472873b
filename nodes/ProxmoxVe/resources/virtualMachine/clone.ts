import type { IdRange } from '../../api/vmIds';
import type { Waiting } from '../../form/Form';
import type { Run } from '../../runtime/run';
import { cloneFields } from './fields';
import { isLockTimeout, saysIdTaken, TaskError } from '../../api/errors';
import { sleep, stopwatch } from '../../api/sleep';
import { encodeFields } from '../../wire/encodeFields';
import { followTask, type TaskOutput } from '../../runtime/followTask';
import { guestPath } from '../../api/paths';
import { emitGuest } from '../../guests/emitGuest';
import { locateVm, type GuestLocation } from '../../guests/locateGuest';
import { note } from '../../runtime/context';
import type { Execute, Item } from '../../runtime/operation';
import { readGuestState } from '../../guests/provision/guestState';
import { submit, type Accepted, type VmIdSource } from '../../guests/provision/submit';

/** Pauses before each further try while another task holds a lock, in milliseconds; the last one is repeated. */
const LOCK_PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 15_000];
/** IDs to try when others take them first. */
const MOST_IDS = 30;

const { newid, name, full, ...optionFields } = cloneFields;

/** Source: `POST /nodes/{node}/qemu/{vmid}/clone`. */
export const execute: Execute = async (item) => {
	const { run, form } = item;
	const guest = form.guest();
	const values = {
		...form.options(optionFields),
		...form.fields({ name, full }, { full: true }),
	};
	const newId =
		form.choice('newIdMode') === 'fixed' ? form.guestId('newId', newid.label) : undefined;
	const range = form.idRange();
	const waiting = form.waiting();
	form.check();
	const ids = idsOf(run, newId, range);
	const original = await locateVm(item, guest);
	const node = values.target ?? original.node;
	const { vmid: copy, ...task } = await carryOut(
		item,
		{ ...ids, original, node, body: encodeFields(values) },
		waiting,
	);
	return await emitGuest(
		item,
		{ kind: item.kind, vmid: copy, name: values.name ?? null, node },
		{ original: original.vmid, ...task },
	);
};

/** The IDs that a clone may get. */
interface NewIds {
	readonly ids: VmIdSource;
	/** A fixed ID is never replaced by another. */
	readonly isFixed: boolean;
}

/** One clone to make. */
interface Copy extends NewIds {
	readonly original: GuestLocation;
	/** Where the clone comes to be. */
	readonly node: string;
	/** What is sent, but for the ID. */
	readonly body: Readonly<Record<string, string>>;
}

function idsOf(run: Run, fixed: number | undefined, range: IdRange | undefined): NewIds {
	if (fixed === undefined) return { ids: run.vmIds(range), isFixed: false };
	let isTaken = false;
	return {
		ids: {
			next: async () => (isTaken ? undefined : fixed),
			wasTaken: () => void (isTaken = true),
		},
		isFixed: true,
	};
}

/**
 * Clones a VM: again where nothing was made, because another took the ID or held a lock meanwhile. Proxmox
 * looks at the ID when it is asked, but takes it in the task only, which waits for locks for just a second. Other
 * clones of a VM that runs hold its lock for as long as they take, so this is tried for as long as Timeout allows.
 */
async function carryOut(
	item: Item,
	copy: Copy,
	waiting: Waiting,
): Promise<TaskOutput & { vmid: number }> {
	const { original, ids, isFixed } = copy;
	const { run, trace } = item;
	const elapsed = stopwatch();
	let locked = 0;
	let taken = 0;
	for (;;) {
		let vmid = 0;
		const task = await followTask(item, {
			label: `clone of VM ${original.vmid} on ${original.node}`,
			node: original.node,
			waiting,
			start: async () => {
				const accepted = await submitCopy(item, waiting, copy);
				({ vmid } = accepted);
				return accepted.upid ?? '';
			},
		}).catch(async (error: unknown) => {
			const reason = error instanceof TaskError ? error.exitStatus : '';
			if (!isFixed && saysIdTaken(reason, vmid) && ++taken < MOST_IDS) {
				ids.wasTaken(vmid);
				return undefined;
			}
			const wait = LOCK_PAUSES_MS[Math.min(locked++, LOCK_PAUSES_MS.length - 1)] ?? 0;
			if (!isLockTimeout(reason) || elapsed() + wait > waiting.timeoutSeconds * 1000) throw error;
			// The lock of the original comes before all else. Any other may have been wanted for a clone that has started.
			const guestState = reason.includes(`/lock-${original.vmid}.conf'`)
				? 'nothing'
				: await readGuestState(run.client, { kind: original.kind, node: copy.node, vmid });
			if (guestState !== 'nothing') {
				note(trace, { guestState });
				throw error;
			}
			ids.wasFreed?.(vmid);
			await sleep(wait, run.context.getExecutionCancelSignal());
			return undefined;
		});
		if (task) return { vmid, ...task };
	}
}

const submitCopy = async (
	item: Item,
	waiting: Waiting,
	{ original, node, ids, body }: Copy,
): Promise<Accepted> => {
	const {
		run: { client, context },
		trace,
		index,
	} = item;
	const asked = `clone of VM ${original.vmid} to VM`;
	return await submit(client, {
		kind: original.kind,
		node,
		path: `${guestPath(original)}/clone`,
		ids,
		taskOf: (clone) => ({ ...original, taskType: original.kind.taskTypes.clone, clone }),
		takes: 'nothing',
		body: (vmid) => ({ newid: String(vmid), ...body }),
		whose: ({ name }) => (body.name !== undefined && name !== body.name ? 'others' : undefined),
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
		timeoutSeconds: waiting.timeoutSeconds,
		maxPollSeconds: waiting.maxPollSeconds,
		signal: context.getExecutionCancelSignal(),
	});
};
