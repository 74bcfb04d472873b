import { cloneFields } from '../../catalogue/qemu/actions';
import { readFields } from '../../form/readFields';
import { optionValues, readIdRange, type Waiting } from '../../form/readOptions';
import { readMode } from '../../form/readMode';
import { isLockTimeout, saysIdTaken, TaskError } from '../../api/errors';
import { pause } from '../../api/sleep';
import { encodeFields } from '../../wire/encodeFields';
import type { Problem } from '../../wire/problem';
import { followTask, type TaskOutput } from '../../runtime/followTask';
import { locateVm, vmPath, type Place } from '../../guests/locateGuest';
import { emit, type Item, type Execute } from '../../runtime/operation';
import { readAction } from '../../runtime/readAction';
import { remainsOf } from '../../guests/provision/guestState';
import { BadInputError } from '../../runtime/toNodeError';
import { submit, type Accepted, type Candidates } from '../../guests/provision/submit';
import { vmUrl } from '../../guests/guestUrl';

/** Pauses before each further try where somebody else holds a lock, in milliseconds; the last one is repeated. */
const LOCK_PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 15_000];
/** IDs to try when others take them first. */
const MOST_IDS = 30;

const { newid, ...copyFields } = cloneFields;

/** Source: `POST /nodes/{node}/qemu/{vmid}/clone`. */
export const execute: Execute = async (item) => {
	const { run, get } = item;
	const { values, waiting } = readAction(item, copyFields, {
		...optionValues(get),
		name: get('name', ''),
		full: get('full', true),
	});
	const ids = idsOf(item);
	const original = await locateVm(item);
	const node = values.target ?? original.node;
	const { vmid, ...task } = await carryOut(
		item,
		{ ...ids, original, node, body: encodeFields(values) },
		waiting,
	);
	return emit({ vmid, node, original: original.vmid, ...task, url: await vmUrl(run.client, vmid) });
};

/** The IDs that a clone may get. */
interface NewIds {
	readonly ids: Candidates;
	/** A fixed ID is never replaced by another. */
	readonly isFixed: boolean;
}

/** One clone to make. */
interface Copy extends NewIds {
	readonly original: Place;
	/** Where the clone comes to be. */
	readonly node: string;
	/** What is sent, but for the ID. */
	readonly body: Readonly<Record<string, string>>;
}

/** @throws BadInputError */
function idsOf({ run, get }: Item): NewIds {
	const problems: Problem[] = [];
	const range = readIdRange(get, problems);
	const fixed =
		readMode(get, 'newIdMode', problems) === 'fixed'
			? readFields({ newid }, { newid: get('newid', '') })
			: undefined;
	problems.push(...(fixed?.problems ?? []));
	if (problems.length > 0) throw new BadInputError(problems);
	if (!fixed) return { ids: run.vmIds(range), isFixed: false };
	let isTaken = false;
	return {
		ids: {
			next: async () => (isTaken ? undefined : fixed.values.newid),
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
	const startedAt = Date.now();
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
			if (!isLockTimeout(reason) || Date.now() - startedAt + wait > waiting.timeoutSeconds * 1000)
				throw error;
			// The lock of the original comes before all else. Any other may have been wanted for a clone that is begun.
			const remains = reason.includes(`/lock-${original.vmid}.conf'`)
				? 'nothing'
				: await remainsOf(run.client, copy.node, vmid);
			if (remains !== 'nothing') {
				Object.assign(trace, { remains });
				throw error;
			}
			ids.wasFreed?.(vmid);
			await pause(wait, run.context.getExecutionCancelSignal());
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
		node,
		path: `${vmPath(original)}/clone`,
		ids,
		taskOf: (clone) => ({ ...original, taskType: 'qmclone', clone }),
		takes: 'nothing',
		body: (vmid) => ({ newid: String(vmid), ...body }),
		whose: ({ name }) => (body.name !== undefined && name !== body.name ? 'others' : undefined),
		onTry: (vmid) => Object.assign(trace, { node, vmid }),
		onDoubt: (vmid, { message }) =>
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
